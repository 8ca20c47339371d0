import { expect, it } from 'vitest'
import { createSimulatedClock } from '../simulator/simulated-clock.ts'
import { deviceLoad } from './device-load.ts'

/** How long the device rests after it was busy for each of these times, one after the other. */
async function restMs(maxDeviceLoad: number, ...busyMs: number[]): Promise<number> {
  const clock = createSimulatedClock(0)
  const load = deviceLoad(maxDeviceLoad, clock)
  for (const ms of busyMs) load.count(ms)
  await clock.runUntilDone(load.rest(new AbortController().signal))
  return clock.nowMs()
}

it('costs nothing at first', async () => expect(await restMs(0.25)).toBe(0))
it('rests three times as long for a quarter', async () => expect(await restMs(0.25, 400)).toBe(1200))
it('adds up', async () => expect(await restMs(0.25, 400, 10)).toBe(1230))
it('rests not at all where all of the time is allowed', async () => expect(await restMs(1, 400)).toBe(0))
it('rests a minute at most', async () => expect(await restMs(0.25, 50_000)).toBe(60_000))
it('rests a minute at most where next to nothing is allowed', async () => expect(await restMs(0, 50_000)).toBe(60_000))
