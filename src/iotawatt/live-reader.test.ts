import { expect, it } from 'vitest'
import { firmwareOf } from '../../test/doubles/old-firmware.ts'
import { createSimulatedClock } from '../../test/doubles/simulated-clock.ts'
import { loadRecordings } from '../simulator/fixtures/load-fixtures.ts'
import type { Connection } from './connection.ts'
import { isQuery, lastMinutes, never, simulatedIotawatt } from './fixtures/simulated-iotawatt.ts'
import { liveReader } from './live-reader.ts'

/** What is read of two answers, by name. */
async function readAnswers(series: string, live: string): Promise<Record<string, number | undefined>> {
  const connection: Connection = {
    name: 'iwatt5',
    address: 'http://192.0.2.7',
    isBusy: () => false,
    get: ({ path }) =>
      Promise.resolve({ status: 200, headers: {}, body: path.startsWith('/query') ? series : live, tookMs: 20 }),
  }
  const options = { load: { maxLoad: () => 1 }, clock: createSimulatedClock(0), timeoutMs: 1_000 }
  const reading = await liveReader(connection, options).read(never)
  return Object.fromEntries(reading?.watts ?? expect.unreachable())
}

const seriesOf = (...names: readonly string[]) =>
  JSON.stringify({ series: names.map((name) => ({ name, unit: 'Watts' })) })

it('reads what a real device answered, under the names of its log', async () => {
  const recordings = loadRecordings('iwatt5')
  const bodyOf = (path: string) => recordings.find((each) => each.path === path)?.body ?? expect.unreachable()
  const watts = await readAnswers(bodyOf('/query?show=series'), bodyOf('/status?inputs=&outputs='))
  expect(watts).toMatchObject({ Mains_1: 100, Mains_2: 200, Dryer: 1400, Mains: 300, Solar: 1800 })
  expect(watts).toHaveProperty('Voltage', undefined)
})

it.each([
  ['text with a space', '{"Watts":" 0"}', 0],
  ['what is given to the grid', '{"Watts":"-1730"}', -1730],
  ['a number', '{"Watts":12.5}', 12.5],
  ['one that is reversed as it is logged', '{"Watts":"840","reversed":true}', 840],
  ['a negative zero', '{"Watts":"-0"}', 0],
  ['no number', '{"Watts":"nan","Pf":nan,"lastphase":-nan}', undefined],
  ['an infinity', '{"Watts":"inf"}', undefined],
  ['an empty text', '{"Watts":""}', undefined],
  ['volts', '{"Vrms":119.8,"Hz":60}', undefined],
])('%s', async (_, input, watts) =>
  expect(await readAnswers(seriesOf('one'), `{"inputs":[${input}],"outputs":[]}`)).toEqual({ one: watts }),
)

it('of outputs, those in watts; an input hides an output of its name', async () => {
  const outputs = [
    { name: 'one', units: 'Watts', value: 5 },
    { name: 'mains', units: 'Watts', value: -302.6382 },
    { name: 'pf', units: 'PF', value: 0.95 },
  ]
  const live = JSON.stringify({ inputs: [{ channel: 3, Watts: '7' }], outputs })
  expect(await readAnswers(seriesOf('one', 'one', 'mains', 'pf'), live)).toEqual({
    one: 7,
    mains: -302.6382,
    pf: undefined,
  })
})

it.each(['02_05_02', '02_05_05', '02_06_05', '02_08_03'])('firmware %s', async (version) => {
  const { iotawatt, run, device } = simulatedIotawatt('iwatt5', { firmware: firmwareOf(version) })
  device.setReading('Dryer', 2400)
  expect((await run(iotawatt.readLive!(never)))?.watts.get('Dryer')).toBe(2400)
})

it('asks once, and for names only until it knows them', async () => {
  const { iotawatt, run, paths, clock, device } = simulatedIotawatt('iwatt5', { answerCostMs: 20 })
  expect(await run(iotawatt.readLive!(never))).toMatchObject({ tookMs: 20, atMs: clock.nowMs() })
  await clock.advance(5_000)
  await run(iotawatt.readLive!(never))
  expect([paths('/query'), paths('/status')].map(({ length }) => length)).toEqual([1, 2])
  device.renameChannel('Dryer', 'Tumbler')
  await run(iotawatt.listChannels(never))
  await clock.advance(5_000)
  expect((await run(iotawatt.readLive!(never)))?.watts.has('Tumbler')).toBe(true)
})

it('says nothing under wrong names, and asks for them again', async () => {
  const { iotawatt, run, clock, device } = simulatedIotawatt('iwatt5')
  await run(iotawatt.readLive!(never))
  device.removeChannel('Dryer')
  await clock.advance(5_000)
  await expect(run(iotawatt.readLive!(never))).rejects.toMatchObject({ reason: 'bad-answer' })
  await clock.advance(5_000)
  const watts = (await run(iotawatt.readLive!(never)))?.watts
  expect([watts?.has('Dryer'), watts?.has('Mains')]).toEqual([false, true])
})

it('asks nothing beside a query, and does not wait for it', async () => {
  const { iotawatt, run, paths, clock } = simulatedIotawatt('iwatt5', { readCostMs: 20, maxDeviceLoad: 1 })
  const batch = iotawatt.fetchRows(lastMinutes(60), never)
  await clock.advance(500)
  expect(paths('/query').filter(isQuery)).toHaveLength(1)
  const before = paths('/').length
  expect(await iotawatt.readLive!(never)).toBeUndefined()
  expect(paths('/')).toHaveLength(before)
  await run(batch)
  expect(await run(iotawatt.readLive!(never))).toBeDefined()
})

it('copying rests for it', async () => {
  const { iotawatt, run, sent, clock } = simulatedIotawatt('iwatt5', { answerCostMs: 400 })
  await run(iotawatt.status(never))
  await clock.advance(5_000)
  await run(iotawatt.readLive!(never))
  const endedMs = clock.nowMs()
  await run(iotawatt.fetchRows(lastMinutes(1), never))
  // Of the list of names too.
  expect(sent.find(({ path }) => isQuery(path))!.atMs - endedMs).toBeGreaterThanOrEqual(2 * 3 * 400)
})

it('takes at most half of what a device may be kept busy', async () => {
  const { iotawatt, run, clock } = simulatedIotawatt('iwatt5', { answerCostMs: 2_000 })
  await run(iotawatt.listChannels(never))
  const startMs = clock.nowMs()
  const startBusyMs = iotawatt.cost!.busyMs()
  let count = 0
  while (clock.nowMs() - startMs < 600_000) {
    if (await run(iotawatt.readLive!(never))) count++
    await clock.advance(5_000)
  }
  const share = (iotawatt.cost!.busyMs() - startBusyMs) / (clock.nowMs() - startMs)
  expect(count).toBeGreaterThan(20)
  expect(share).toBeLessThanOrEqual(0.125)
})

it('copying and live readings together stay within what a device may be kept busy', async () => {
  const { iotawatt, run, clock } = simulatedIotawatt('iwatt5', { answerCostMs: 300, readCostMs: 5 })
  await run(iotawatt.listChannels(never))
  const [startMs, startBusyMs] = [clock.nowMs(), iotawatt.cost!.busyMs()]
  const stop = new AbortController()
  const copying = (async () => {
    while (!stop.signal.aborted) await iotawatt.fetchRows(lastMinutes(200), stop.signal).catch(() => undefined)
  })()
  let count = 0
  for (let second = 0; second < 600; second++) {
    if (second % 5 === 0) void iotawatt.readLive!(never).then((reading) => (count += reading ? 1 : 0))
    await clock.advance(1_000)
  }
  const share = (iotawatt.cost!.busyMs() - startBusyMs) / (clock.nowMs() - startMs)
  stop.abort()
  await run(copying)
  expect(count).toBeGreaterThan(60)
  expect(share).toBeGreaterThan(0.2)
  expect(share).toBeLessThanOrEqual(0.26)
})
