import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CHANNELS, storeWithGaps, plansUpTo } from '../../../test/store-with-gaps.ts'
import { MINUTE_MS, splitWindow } from '../../model/time-window.ts'
import { findMissing } from './find-missing.ts'
import { BRIDGE_MINUTES, findReadableRuns } from './find-readable-runs.ts'
import { hasMinute } from '../../model/minute-map.ts'
import { openSession } from '../session/open-session.ts'

const { signal } = new AbortController()
const numRuns = process.env['LONG'] ? 1_000 : 60

const span = fc.record({ from: fc.nat(350), length: fc.nat(200) })

describe('of any store', () => {
  it('exactly those minutes are missing that are expected, of which nothing is stored and that were not dropped', () =>
    fc.assert(
      fc.asyncProperty(
        plansUpTo(300),
        fc.array(span, { minLength: 3, maxLength: 3 }),
        span,
        async (plan, spans, lost) => {
          const { context, window, run, minutes, isUnstored } = storeWithGaps(plan)
          const at = ({ from, length }: typeof lost) => ({
            fromMs: window.fromMs + (from - 25) * MINUTE_MS,
            untilMs: window.fromMs + (from - 25 + length) * MINUTE_MS,
          })
          const session = await run(openSession(context, signal))
          const targets = session.targets.map((target, index) => ({ ...target, expected: at(spans[index] ?? lost) }))
          context.memory.drops.spans = [{ key: targets[0]?.key ?? '', window: at(lost) }]
          const missing = await run(findMissing(session, { targets, window }, signal))
          const isIn = (atMs: number, { fromMs, untilMs }: typeof window) => atMs >= fromMs && atMs < untilMs
          for (const [index, target] of targets.entries()) {
            const map = missing.get(target)
            const found = minutes.filter((atMs) => map !== undefined && hasMinute(map, atMs))
            const isDropped = (atMs: number) => index === 0 && isIn(atMs, at(lost))
            const isMissing = (atMs: number) => isIn(atMs, target.expected) && isUnstored(CHANNELS[index] ?? 'A', atMs)
            expect(found).toEqual(minutes.filter((atMs) => isMissing(atMs) && !isDropped(atMs)))
            expect(map === undefined).toBe(found.length === 0)
          }
        },
      ),
      { numRuns },
    ))

  it('what is read and the outages are all that is missing, no minute twice, and nothing more than bridges', () =>
    fc.assert(
      fc.asyncProperty(plansUpTo(600), async (plan) => {
        const { context, window, run, minutes, isUnstored, isLogged } = storeWithGaps(plan)
        const session = await run(openSession(context, signal))
        const missing = await run(findMissing(session, { targets: session.targets, window }, signal))
        const { runs, outageMinutes } = await run(findReadableRuns(session, { missing, window }, signal))
        const due = minutes.filter((atMs) => CHANNELS.some((name) => isUnstored(name, atMs)))
        const read = runs.flatMap((each) => splitWindow(each, MINUTE_MS)).map(({ fromMs }) => fromMs)
        const readOnce = new Set(read)
        expect(readOnce.size).toBe(read.length)
        const skipped = due.filter((atMs) => !readOnce.has(atMs))
        expect(skipped.filter(isLogged)).toEqual([])
        expect(outageMinutes).toBe(skipped.length)
        runs.forEach(({ fromMs, untilMs }, index) => {
          const own = due.filter((atMs) => atMs >= fromMs && atMs < untilMs)
          const begun = own.filter((atMs, at) => atMs - (own[at - 1] ?? 0) > (BRIDGE_MINUTES + 1) * MINUTE_MS)
          expect([begun, own.at(-1)]).toEqual([[fromMs], untilMs - MINUTE_MS])
          const nextMs = runs[index + 1]?.fromMs ?? Infinity
          expect(nextMs - untilMs).toBeGreaterThan(BRIDGE_MINUTES * MINUTE_MS)
        })
      }),
      { numRuns },
    ))
})
