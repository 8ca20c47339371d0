import { expect, it } from 'vitest'
import { spreadCycles } from './spread-cycles.ts'

const INTERVAL_MS = 300_000
const named = (count: number) => Array.from({ length: count }, (_, index) => `site-${index}`)

it('a few devices start together', () => {
  expect(spreadCycles(named(4), INTERVAL_MS)).toEqual(new Map())
})

it('of many, the same number starts in each part of the interval', () => {
  const perSecond = new Map<number, number>()
  for (const phaseMs of spreadCycles(named(1_200), INTERVAL_MS).values())
    perSecond.set(Math.floor(phaseMs / 1_000), (perSecond.get(Math.floor(phaseMs / 1_000)) ?? 0) + 1)
  expect([perSecond.size, ...new Set(perSecond.values())]).toEqual([300, 4])
})

it('they start as their names say, in whatever order the configuration has them, and a new one moves them little', () => {
  const names = named(1_000)
  const before = spreadCycles(names, INTERVAL_MS)
  expect(new Map(spreadCycles(names.toReversed(), INTERVAL_MS))).toEqual(before)
  const after = spreadCycles([...names, 'another'], INTERVAL_MS)
  const moved = names.map((name) => Math.abs((after.get(name) ?? NaN) - (before.get(name) ?? NaN)))
  expect(Math.max(...moved)).toBeLessThanOrEqual(INTERVAL_MS / 1_000 + 1)
})
