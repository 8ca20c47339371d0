import { expect, it } from 'vitest'
import { createSimulatedClock } from '../../test/doubles/simulated-clock.ts'
import { deviceLoad } from './device-load.ts'

const { signal } = new AbortController()

/** How long the device rests after it was busy for each of these times, one after the other. */
async function restMs(maxDeviceLoad: number, ...busyMs: number[]): Promise<number> {
  return (await restAfter(maxDeviceLoad, busyMs)).restMs
}

async function restAfter(maxDeviceLoad: number, busyMs: readonly number[], limit?: { from: number; to?: number }) {
  const clock = createSimulatedClock(0)
  const load = deviceLoad(maxDeviceLoad, clock)
  if (limit) load.limitLoad(limit.from)
  for (const ms of busyMs) {
    await clock.advance(ms)
    load.count(ms)
  }
  if (limit) load.limitLoad(limit.to)
  const endedMs = clock.nowMs()
  await clock.runUntilDone(load.rest(signal))
  return { restMs: clock.nowMs() - endedMs, busyMs: load.busyMs() }
}

it('costs nothing at first', async () => expect(await restMs(0.25)).toBe(0))
it('rests three times as long for a quarter', async () => expect(await restMs(0.25, 400)).toBe(1200))
it('adds up: to be busy is no rest', async () => expect(await restMs(0.25, 400, 10)).toBe(1230))
it('rests not at all where all of the time is allowed', async () => expect(await restMs(1, 400)).toBe(0))
it('rests as long for a hundredth as that takes', async () => expect(await restMs(0.01, 1_200)).toBe(118_800))
it('rests an hour at most', async () => expect(await restMs(0, 50_000)).toBe(3_600_000))
it('rests no longer when the clock is set back meanwhile', async () => {
  const clock = createSimulatedClock(1e12)
  let aheadMs = 86_400_000
  const load = deviceLoad(0.25, { ...clock, nowMs: () => clock.nowMs() + aheadMs })
  load.count(400)
  aheadMs = 0
  await clock.runUntilDone(load.rest(signal))
  expect(clock.nowMs() - 1e12).toBe(1200)
})
it('tells how long it was busy', async () => expect((await restAfter(0.25, [400, 10])).busyMs).toBe(410))
it.each([
  ['a lower limit', { from: 0.1, to: 0.1 }, 3600],
  ['a higher limit', { from: 0.5, to: 0.5 }, 400],
  ['no limit for a while, then again', { from: 1 }, 0],
  ['what is owed under a limit is rested as configured once that has ended', { from: 0.1 }, 1200],
])('%s', async (_, limit, rested) => expect((await restAfter(0.25, [400], limit)).restMs).toBeCloseTo(rested))
