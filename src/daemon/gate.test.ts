import { expect, it } from 'vitest'
import { createSimulatedClock } from '../../test/doubles/simulated-clock.ts'
import { createGate } from './gate.ts'

const { signal } = new AbortController()

/** Work that goes on until the test ends it. */
function setUp(slowMs?: number) {
  const clock = createSimulatedClock(0)
  const gate = createGate({ places: 2, ...(slowMs !== undefined && { slowMs }) }, clock)
  const begun: string[] = []
  const ends = new Map<string, () => void>()
  const work = (name: string) => () => {
    begun.push(name)
    return new Promise<void>((resolve) => ends.set(name, resolve))
  }
  return { clock, gate, begun, work, end: (name: string) => ends.get(name)?.() }
}

it('lets so many act, and the next in their order', async () => {
  const { clock, gate, begun, work, end } = setUp()
  const all = ['a', 'b', 'c', 'd'].map((name) => gate.run(work(name), signal))
  await clock.advance(1)
  expect(begun).toEqual(['a', 'b'])
  expect(gate.tryRun(work('e'))).toBeUndefined()
  end('b')
  await clock.advance(1)
  expect(begun).toEqual(['a', 'b', 'c'])
  for (const name of ['a', 'c']) end(name)
  await clock.advance(1)
  end('d')
  await Promise.all(all)
  expect(gate.tryRun(work('e'))).toBeDefined()
})

it('who is slow keeps nobody waiting for longer than a moment', async () => {
  const { clock, gate, begun, work } = setUp(1_000)
  for (const name of ['a', 'b', 'c', 'd']) void gate.run(work(name), signal)
  await clock.advance(999)
  expect(begun).toEqual(['a', 'b'])
  await clock.advance(1)
  expect(begun).toEqual(['a', 'b', 'c', 'd'])
})

it('who is aborted takes no place', async () => {
  const { clock, gate, begun, work, end } = setUp()
  const stop = new AbortController()
  for (const name of ['a', 'b']) void gate.run(work(name), signal)
  const aborted = gate.run(work('c'), stop.signal).catch((error: unknown) => error)
  void gate.run(work('d'), signal)
  stop.abort(new Error('stopped'))
  expect(await aborted).toMatchObject({ message: 'stopped' })
  end('a')
  await clock.advance(1)
  expect(begun).toEqual(['a', 'b', 'd'])
})
