import { describe, expect, it } from 'vitest'
import { UNITS } from '../model/channel.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../model/time-window.ts'
import { loadRecordings } from '../simulator/fixtures/load-fixtures.ts'
import { END_MS, isQuery, lastMinutes, never, simulatedIotawatt, watts } from './fixtures/simulated-iotawatt.ts'

const FIRST_MS = 1_716_940_800_000
const IWATT5 = recordedChannels('iwatt5')

/** More than one question can carry. */
const MANY_COLUMNS = IWATT5.columns.flatMap(({ name }) => UNITS.map((unit) => ({ name, unit, decimals: 3 })))

/** The columns, and the rows by batch, of what a real device answered for all of its channels. */
function recordedChannels(name: 'iwatt5' | 'iwatt6') {
  const batches = loadRecordings(name).filter(
    ({ path }) => path.includes('missing=null&limit=1000') && path.includes('format=json'),
  )
  const names = /select=\[time.utc.unix,(.*)\]/
    .exec(batches[0]!.path)![1]!
    .split(',')
    .map((text) => text.split('.')[0]!)
  const rows = batches.flatMap(({ body }) => JSON.parse(body).data as (number | null)[][])
  return { columns: watts(...names), rows }
}

function nulled(row: string, atS: string): string {
  return `[${[
    atS,
    ...row
      .split(',')
      .slice(1)
      .map(() => 'null'),
  ].join(',')}]]`
}

describe('what a device is', () => {
  it('tells its logs and clocks', async () => {
    const { iotawatt, run } = simulatedIotawatt('iwatt5', { startedAtMs: END_MS - DAY_MS })
    expect(await run(iotawatt.status(never))).toEqual({
      name: 'iwatt5',
      version: '02_08_04',
      startedAtMs: END_MS - DAY_MS,
      clockMs: END_MS + 3000,
      firstMs: FIRST_MS,
      newestMs: END_MS,
      mac: expect.stringMatching(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/),
      standardOffsetMs: -5 * HOUR_MS,
    })
  })

  it('lists its channels, inputs first', async () => {
    const { iotawatt, run } = simulatedIotawatt('lab')
    const channels = await run(iotawatt.listChannels(never))
    expect(channels.map(({ name, kind }) => `${name}: ${kind}`).slice(5, 9)).toEqual([
      'EV charger: input',
      'grid: input',
      'mains: output',
      'import: output',
    ])
    expect(channels.at(-1)).toEqual({ name: 'mains_amps', unit: 'Amps', kind: 'output' })
  })

  it('does not list an output that an input of the same name hides', async () => {
    const { iotawatt, run, device } = simulatedIotawatt('iwatt5')
    device.renameChannel('Dryer', 'Mains')
    const channels = await run(iotawatt.listChannels(never))
    expect(channels.filter(({ name }) => name === 'Mains')).toEqual([{ name: 'Mains', unit: 'Watts', kind: 'input' }])
  })

  it('has a fingerprint of its configuration, which changes with it', async () => {
    const { iotawatt, run, device } = simulatedIotawatt('iwatt5')
    const before = await run(iotawatt.configFingerprint(never))
    expect(before).toMatch(/^[\w-]{43}=$/)
    device.renameChannel('Dryer', 'EV')
    expect(await run(iotawatt.configFingerprint(never))).not.toBe(before)
  })
})

describe('rows', () => {
  it.each(['iwatt5', 'iwatt6'] as const)('of all channels of %s are those of the real device', async (name) => {
    const { columns, rows } = recordedChannels(name)
    const { readAll, device, paths } = simulatedIotawatt(name)
    const read = await readAll({ columns, window: { fromMs: FIRST_MS, untilMs: END_MS }, step: 'minute' })
    expect(read.map(({ atMs, values }) => [atMs / 1000, ...values])).toEqual(
      rows.map((row) => row.map((v) => v && v + 0)),
    )
    const batchCount = paths('/query').length
    expect(device.counters().recordReads).toBe(rows.length + batchCount)
    expect(paths('/status').length).toBe(batchCount + 1)
  })

  it('of days count from the start of the window, the last one cut off', async () => {
    const { readAll, paths } = simulatedIotawatt('iwatt5')
    const window = { fromMs: FIRST_MS + 5 * MINUTE_MS, untilMs: END_MS }
    const rows = await readAll({ columns: watts('Mains_1'), window, step: 'day' })
    expect(rows.map(({ atMs }) => atMs - window.fromMs)).toEqual([0, DAY_MS, 2 * DAY_MS])
    expect(paths('/query').length).toBe(1)
  })

  it('of all the window are one', async () => {
    const { readAll, device } = simulatedIotawatt('iwatt5')
    const rows = await readAll({
      columns: watts('Mains_1'),
      window: { fromMs: FIRST_MS, untilMs: END_MS },
      step: 'window',
    })
    expect(rows).toEqual([{ atMs: FIRST_MS, values: [expect.any(Number)] }])
    expect(device.counters().recordReads).toBe(2)
  })

  it('take as many questions as their columns need, and are joined', async () => {
    const { readAll, paths } = simulatedIotawatt('iwatt5')
    const rows = await readAll(lastMinutes(5, MANY_COLUMNS))
    expect(paths('/query').length).toBe(2)
    expect(paths('/status').length).toBe(2)
    const halves = [MANY_COLUMNS.slice(0, 60), MANY_COLUMNS.slice(60)]
    const [left, right] = await Promise.all(
      halves.map((half) => simulatedIotawatt('iwatt5').readAll(lastMinutes(5, half))),
    )
    expect(rows).toEqual(left!.map((row, index) => ({ ...row, values: [...row.values, ...right![index]!.values] })))
  })

  it.each([
    ['once, are asked for again', 1, 0],
    ['again and again, have no values of the part that has none', Infinity, 10],
  ])('whose parts do not agree whether the device was logging %s', async (_, times, unusable) => {
    const { iotawatt, run, device } = simulatedIotawatt('iwatt5')
    let left = times
    device.setFaults(({ url }) => {
      if (!url.startsWith('/query') || url.includes('Mains_1.watts') || left-- <= 0) return undefined
      return {
        kind: 'rewritten',
        rewrite: (body) => body.replace(/\[(\d{10}),.*\]\]/, (row, atS: string) => nulled(row, atS)),
      }
    })
    const { rows } = await run(iotawatt.fetchRows(lastMinutes(1, MANY_COLUMNS), never))
    expect(rows[0]?.values.filter(Number.isNaN)).toHaveLength(unusable)
    expect(rows[0]?.values).not.toContain(null)
  })

  it('of a name with a space', async () => {
    const { readAll } = simulatedIotawatt('lab')
    expect((await readAll(lastMinutes(2, watts('EV charger')))).length).toBe(2)
  })

  it('go on where the device stopped by itself', async () => {
    const request = lastMinutes(10)
    const complete = await simulatedIotawatt('iwatt5').readAll(request)
    const { readAll, device, paths } = simulatedIotawatt('iwatt5')
    device.setFaults(({ url }) =>
      isQuery(url) && url.includes(`begin=${request.window.fromMs / 1000}`)
        ? { kind: 'garbage', body: limited }
        : undefined,
    )
    const data = complete.slice(0, 4).map(({ atMs, values }) => [atMs / 1000, ...values])
    const labels = ['Time', 'Mains_1', 'Mains_2']
    const range = [request.window.fromMs / 1000, request.window.untilMs / 1000]
    const limited = JSON.stringify({ range, labels, data, limit: range[0]! + 240 })
    expect(await readAll(request)).toEqual(complete)
    expect(paths('/query').length).toBe(2)
  })
})

describe('before the device is asked', () => {
  it.each(['', 'a.b', 'a,b', 'time', 'a"b'])('the name %j is refused', async (name) => {
    const { iotawatt, run, sent } = simulatedIotawatt('iwatt5')
    const asked = run(iotawatt.fetchRows(lastMinutes(2, watts('Mains_1', name)), never))
    await expect(asked).rejects.toMatchObject({ reason: 'rejected', channel: name })
    expect(sent).toEqual([])
  })

  it.each([
    ['half a minute', { fromMs: END_MS - 90_500, untilMs: END_MS }],
    ['no time', { fromMs: END_MS, untilMs: END_MS }],
    ['a reversed span', { fromMs: END_MS, untilMs: END_MS - MINUTE_MS }],
    ['seconds', { fromMs: (END_MS - DAY_MS) / 1000, untilMs: END_MS / 1000 }],
  ])('a window of %s is refused', async (_, window) => {
    const { iotawatt, run, sent } = simulatedIotawatt('iwatt5')
    const asked = run(iotawatt.fetchRows({ ...lastMinutes(1), window }, never))
    await expect(asked).rejects.toMatchObject({
      reason: 'rejected',
      message: expect.stringContaining('minute-aligned'),
    })
    expect(sent).toEqual([])
  })

  it('a minute that is not over is refused', async () => {
    const { iotawatt, run, paths } = simulatedIotawatt('iwatt5')
    const window = { fromMs: END_MS - MINUTE_MS, untilMs: END_MS + MINUTE_MS }
    await expect(run(iotawatt.fetchRows({ ...lastMinutes(1), window }, never))).rejects.toMatchObject({
      reason: 'rejected',
      message: 'iwatt5: asked for 2024-05-31T23:59Z to 2024-06-01T00:01Z, but its log ends at 2024-06-01T00:00Z',
    })
    expect(paths('/query')).toEqual([])
  })
})
