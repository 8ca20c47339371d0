import { expect, it } from 'vitest'
import { loadCardFixture, RECORDED_AT_MS } from '../../src/simulator/fixtures/load-fixtures.ts'
import { createSimulatedDevice } from './simulated-device.ts'
import { cardSource } from '../../src/simulator/start-simulator.ts'
import { queueRequests } from './device-queue.ts'
import { createSimulatedClock } from './simulated-clock.ts'

const MINUTES = '/query?select=[Mains_1]&begin=1717199400&end=1717200000&group=1m'

/** Only the work that never ends is waited for so long. */
const HANG_MS = 100

function open() {
  const clock = createSimulatedClock(RECORDED_AT_MS, undefined, HANG_MS)
  const device = createSimulatedDevice({ source: cardSource(loadCardFixture('iwatt5')), clock, readCostMs: 100 })
  return { clock, device, carry: queueRequests(device, clock) }
}

it('answers one request after the other, each when its time is over', async () => {
  const { clock, device, carry } = open()
  const ended: number[] = []
  for (let count = 0; count < 2; count++)
    void carry({ method: 'GET', url: MINUTES }).then(() => ended.push(clock.nowMs() - RECORDED_AT_MS))
  await clock.advance(1099)
  expect(ended).toEqual([])
  await clock.advance(1101)
  expect(ended).toEqual([1100, 2200])
  expect(device.counters()).toMatchObject({ requests: 2, mostAtOnce: 2, blockedMs: 2200, blockedShare: 1 })
})

it('a clock can run until some work is done', async () => {
  const { clock, carry } = open()
  const answer = await clock.runUntilDone(carry({ method: 'GET', url: MINUTES }))
  expect([answer.status, clock.nowMs() - RECORDED_AT_MS]).toEqual([200, 1100])
  await expect(clock.runUntilDone(new Promise(() => {}))).rejects.toThrow('nobody sleeps')
})

it('a sleep ends with its signal', async () => {
  const { clock } = open()
  const stop = new AbortController()
  const slept = clock.sleep(1000, stop.signal)
  stop.abort(new Error('enough'))
  await expect(slept).rejects.toThrow('enough')
})
