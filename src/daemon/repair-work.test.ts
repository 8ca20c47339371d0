import { describe, expect, it } from 'vitest'
import { isWithin, UNTIL_MS, verifiedHouse, type Minutes } from '../../test/verified-house.ts'
import { HOUR_MS, MINUTE_MS, minuteCount, type TimeWindow } from '../model/time-window.ts'
import { createDirectQueue } from '../sync/session/device-work.ts'
import { checkWork, repairWork } from './jobs.ts'

const { signal } = new AbortController()
const GAP = { fromMs: UNTIL_MS - 5 * HOUR_MS, untilMs: UNTIL_MS - 5 * HOUR_MS + 47 * MINUTE_MS }
const OUTAGE = { fromMs: GAP.fromMs + 10 * MINUTE_MS, untilMs: GAP.fromMs + 22 * MINUTE_MS }

const without = (minutes: Minutes, gap: TimeWindow): Minutes =>
  new Map([...minutes].map(([name, all]) => [name, new Map([...all].filter(([atMs]) => !isWithin(atMs, gap)))]))

describe.each([
  ['that the device has completely', [], 47],
  ['in which it was off for a while', [OUTAGE], 35],
] as const)('a gap %s', (_, outages, present) => {
  const house = verifiedHouse({ days: 1, outages })
  const setUp = () => house.setUp({ stored: without(house.measured, GAP) })

  it('is copied in parts, each confirmed before the next, and nothing beside it', async () => {
    const { clock, context, store, samplesOf } = setUp()
    const progress: { doneMinutes: number; confirmedUntilMs: number; sampleCount: number }[] = []
    const work = createDirectQueue(context).run(
      (c) => repairWork(c, { window: GAP, signal, onProgress: (each) => void progress.push(each) }),
      signal,
    )
    const report = await clock.runUntilDone(work)
    expect([report.sampleCount, report.absentMinutes]).toEqual([3 * present, 47 - present])
    expect(progress.map(({ doneMinutes }) => doneMinutes)).toEqual([15, 30, 45, 47])
    expect(progress.at(-1)?.confirmedUntilMs).toBe(GAP.untilMs)
    expect(progress.reduce((sum, { sampleCount }) => sum + sampleCount, 0)).toBe(3 * present)
    for (const [name, minutes] of house.measured) expect(samplesOf(name)).toEqual([...minutes])
    expect(context.memory.shown.unmeasured).toEqual(outages)
    expect(store.calls.write).toBeGreaterThan(0)
  })

  it('is counted by a check, which writes nothing', async () => {
    const { clock, context, store } = setUp()
    const shown: [number, number][] = []
    const onProgress = (done: number, total: number) => void shown.push([done, total])
    const work = createDirectQueue(context).run(
      (c) => checkWork(c, { intervalMs: 5 * MINUTE_MS, signal, onProgress }),
      signal,
    )
    // What is missing in one piece is asked for as one: an outage within it counts too.
    expect(await clock.runUntilDone(work)).toBe(47)
    expect(shown.at(-1)).toEqual([
      minuteCount({ fromMs: house.fromMs, untilMs: UNTIL_MS }),
      minuteCount({ fromMs: house.fromMs, untilMs: UNTIL_MS }),
    ])
    expect(store.calls.write).toBe(0)
  })
})

it('a check does not count what closed since the last cycle', async () => {
  const house = verifiedHouse({ days: 1 })
  const last = { fromMs: UNTIL_MS - 2 * MINUTE_MS, untilMs: UNTIL_MS }
  const { clock, context } = house.setUp({ stored: without(house.measured, last) })
  const count = (intervalMs: number) =>
    clock.runUntilDone(
      createDirectQueue(context).run((c) => checkWork(c, { intervalMs, signal, onProgress: () => {} }), signal),
    )
  expect(await count(5 * MINUTE_MS)).toBe(0)
  expect(await count(-4 * MINUTE_MS)).toBe(2)
})
