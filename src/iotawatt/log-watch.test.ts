import { expect, it } from 'vitest'
import { createSimulatedClock } from '../../test/doubles/simulated-clock.ts'
import { openConnection } from './connection.ts'
import { deviceLoad } from './device-load.ts'
import { logWatch } from './log-watch.ts'

const START_S = 1_717_200_000
const { signal } = new AbortController()

/** Firmware that tells for how long it has been running, and not since when. */
function watched() {
  const clock = createSimulatedClock(START_S * 1000)
  let stats = {}
  const span = { firstkey: START_S - 86_400, lastkey: START_S }
  const body = () => JSON.stringify({ stats, datalogs: { current: span, history: span }, device: { name: 'a' } })
  const connection = openConnection({
    name: 'a',
    address: 'http://192.0.2.7',
    transport: { get: () => Promise.resolve({ status: 200, headers: {}, body: body() }) },
    load: deviceLoad(1, clock),
    clock,
  })
  const watch = logWatch(connection, clock, 1_000)
  return async (currenttime: number, runseconds: number) => {
    stats = { version: '02_05_09', currenttime: START_S + currenttime, runseconds }
    return (await clock.runUntilDone(watch.read(signal))).status.startedAtMs / 1000 - START_S
  }
}

it('a start that is reckoned stays as it was told first, though the seconds of both clocks begin at other moments', async () => {
  const startOf = watched()
  const starts = [await startOf(60, 60), await startOf(70, 69), await startOf(80, 81), await startOf(3_600, 3_598)]
  expect(starts).toEqual([0, 0, 0, 0])
})

it('nor does it move while the device sets its clock a little at a time', async () => {
  const startOf = watched()
  const starts: number[] = []
  for (let hour = 1; hour <= 48; hour++) starts.push(await startOf(3_600 * hour + hour, 3_600 * hour))
  expect(new Set(starts)).toEqual(new Set([1]))
})

it('a restart moves it', async () => {
  const startOf = watched()
  expect([await startOf(3_600, 3_600), await startOf(3_660, 20)]).toEqual([0, 3_640])
})
