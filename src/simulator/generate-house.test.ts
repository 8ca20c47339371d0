import { describe, expect, it } from 'vitest'
import type { LogRecord } from '../card/log-record.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../model/time-window.ts'
import { generateHouse, type HouseOptions } from './generate-house.ts'
import {
  createSimulatedDevice,
  type SimulatedDevice,
  type SimulatedDeviceOptions,
} from '../../test/doubles/simulated-device.ts'

const NOW_MS = Date.UTC(2024, 5, 1, 0, 0, 3)
const LAST_S = Math.floor(NOW_MS / 5000) * 5

const TRUNK = ['Mains_1', 'Mains_2', 'SolarA_1', 'SolarA_2', 'SolarB_1', 'SolarB_2', 'Garage_1', 'Garage_2']
const LARGE = ['MinisplitGreatAndBlue', 'MinisplitBedAndStudio', 'EastWall', 'BathroomHeat', 'OfficeHeat', 'Dryer']
const SMALL =
  'Office Furnace OGMaker LaundryFoyerMaker GreatroomSouthTV Datacenter BlueAndBreeze StudioA Freezers Bedroom StudioASouth Dishwasher Washer Fridge'.split(
    ' ',
  )

function openUnit(
  name: string,
  { house = {}, device = {} }: { house?: Partial<HouseOptions>; device?: Partial<SimulatedDeviceOptions> } = {},
) {
  let timeMs = NOW_MS
  const source = generateHouse({ fromMs: NOW_MS - 30 * DAY_MS, ...house }).get(name)
  if (source === undefined) throw new Error(`no unit ${name}`)
  const unit = createSimulatedDevice({ source, clock: { nowMs: () => timeMs }, ...device })
  return { unit, source, advance: (durationMs: number) => void (timeMs += durationMs) }
}

function get(device: SimulatedDevice, url: string): string {
  return device.answer({ method: 'GET', url }).body
}

function rows(
  device: SimulatedDevice,
  select: string,
  [beginS, endS, group]: readonly [number, number, string],
): number[][] {
  return JSON.parse(get(device, `/query?select=[${select}]&begin=${beginS}&end=${endS}&group=${group}&limit=none`))
}

const select = (names: readonly string[], methods = 'watts.d2') => names.map((name) => `${name}.${methods}`).join(',')

describe('the house', () => {
  it.each([
    ['iwatt5', ['Voltage', ...TRUNK, ...LARGE]],
    ['iwatt6', ['Voltage', ...SMALL]],
  ])('%s measures the channels of the original system', (name, channels) => {
    const series: { name: string }[] = JSON.parse(get(openUnit(name).unit, '/query?show=series')).series
    expect(series.map((one) => one.name)).toEqual(channels)
  })

  it('is the same for the same seed, wherever reading begins, and another for another', () => {
    const url = `/query?select=[${select([...TRUNK, ...LARGE], 'watts.d4')}]&begin=${LAST_S - 3600}&end=${LAST_S}&group=1m`
    const [first, second] = [openUnit('iwatt5').unit, openUnit('iwatt5').unit]
    get(second, `/query?select=[Mains_1]&begin=${LAST_S - 86_400}&end=${LAST_S}&group=1h`)
    expect(get(second, url)).toBe(get(first, url))
    expect(get(openUnit('iwatt5', { house: { seed: 2 } }).unit, url)).not.toBe(get(first, url))
  })

  it('takes from the mains what all its circuits take, and a little more', () => {
    const house = generateHouse({ fromMs: NOW_MS - 30 * DAY_MS })
    const [trunk, circuits] = [house.get('iwatt5'), house.get('iwatt6')].map((source) => {
      if (source === undefined) throw new Error('a unit is missing')
      return createSimulatedDevice({ source, clock: { nowMs: () => NOW_MS } })
    })
    if (trunk === undefined || circuits === undefined) throw new Error('a unit is missing')
    const span = [LAST_S - 86_400, LAST_S, '10m'] as const
    const sum = (values: readonly number[] | undefined) => (values ?? []).reduce((total, value) => total + value, 0)
    const mains = rows(trunk, select(['Mains_1', 'Mains_2']), span).map(sum)
    const parts = rows(trunk, select(['Garage_1', 'Garage_2', ...LARGE]), span).map(sum)
    const smalls = rows(circuits, select(SMALL), span).map(sum)
    for (const [index, watts] of mains.entries()) {
      const unmeasured = watts - (parts[index] ?? NaN) - (smalls[index] ?? NaN)
      expect(unmeasured).toBeGreaterThan(0)
      expect(unmeasured).toBeLessThan(2500)
    }
  })

  it('gives solar power by day, more in summer, and draws a few watts at night', () => {
    const { unit } = openUnit('iwatt5', { house: { fromMs: NOW_MS - 400 * DAY_MS } })
    const hours = (dayS: number) =>
      rows(unit, 'SolarA_1.watts.d2', [dayS, dayS + 86_400, '1h']).map(([watts]) => watts ?? NaN)
    const june = hours(Date.UTC(2023, 5, 21, 5) / 1000)
    expect(Math.max(...june)).toBeGreaterThan(500)
    expect(Math.min(...june)).toBeLessThan(0)
    expect(Math.min(...june)).toBeGreaterThan(-5)
    const energy = (fromS: number) => rows(unit, 'SolarA_1.wh', [fromS, fromS + 30 * 86_400, 'all'])[0]?.[0] ?? NaN
    expect(energy(Date.UTC(2023, 5, 10) / 1000)).toBeGreaterThan(2 * energy(Date.UTC(2023, 11, 10) / 1000))
  })

  it('has circuits that are switched on and off', () => {
    const watts = rows(openUnit('iwatt5').unit, 'Dryer', [LAST_S - 20 * 86_400, LAST_S, '1m']).map(
      ([value]) => value ?? NaN,
    )
    expect(watts.filter((value) => value > 3000).length).toBeGreaterThan(100)
    expect(watts.filter((value) => value < 10).length).toBeGreaterThan(20_000)
  })

  it('never has less apparent than real power', () => {
    const names = [...TRUNK, ...LARGE]
    for (const row of rows(openUnit('iwatt5').unit, select(names, 'pf.d3'), [LAST_S - 86_400, LAST_S, '5m']))
      for (const factor of row) expect(Math.abs(factor)).toBeLessThanOrEqual(1)
  })

  it('can be asked about three years at once without keeping them', () => {
    const { unit } = openUnit('iwatt5', { house: { fromMs: NOW_MS - 3 * 365 * DAY_MS } })
    const months = rows(unit, 'Mains_1.wh', [Date.UTC(2021, 6, 1, 4) / 1000, LAST_S, '1M'])
    expect(months.length).toBe(35)
    expect(Math.min(...months.map(([wh]) => wh ?? NaN))).toBeGreaterThan(100_000)
  })
})

describe('its logs', () => {
  const logs = (unit: SimulatedDevice) => JSON.parse(get(unit, '/status?datalogs=')).datalogs

  it('grow with the clock', () => {
    const { unit, advance } = openUnit('iwatt5')
    const before = logs(unit)
    expect(before.map((log: { lastkey: number }) => log.lastkey)).toEqual([LAST_S, LAST_S])
    advance(65_000)
    const after = logs(unit)
    expect(after.map((log: { lastkey: number }) => log.lastkey)).toEqual([LAST_S + 65, LAST_S + 60])
    expect(after[0].firstkey - before[0].firstkey).toBe(65)
    expect(after[1].firstkey).toBe(before[1].firstkey)
    expect(after[1].size - before[1].size).toBe(256)
  })

  it('stop growing where they were told to end', () => {
    const { unit } = openUnit('iwatt5', { house: { untilMs: NOW_MS - HOUR_MS } })
    expect(logs(unit)[0].lastkey).toBe(LAST_S - 3600)
    expect(get(unit, `/query?select=[Mains_1]&begin=${LAST_S - 60}&end=${LAST_S}&group=1m`)).toBe('[[null]]')
  })

  it('have a minute in full once it is over, the same ever after', () => {
    const { unit, advance } = openUnit('iwatt5')
    const ask = () => get(unit, `/query?select=[Mains_1.watts.d2]&begin=${LAST_S}&end=${LAST_S + 60}&group=1m`)
    advance(30_000)
    const half = ask()
    advance(30_000)
    const complete = ask()
    expect(complete).not.toBe(half)
    advance(30 * DAY_MS)
    expect(ask()).toBe(complete)
  })

  it('begin when a unit was installed', () => {
    const { unit } = openUnit('iwatt6', { house: { installedMs: { iwatt6: NOW_MS - DAY_MS } } })
    expect(logs(unit)[1].firstkey).toBe(LAST_S - 86_400 + 60)
    expect(rows(unit, 'Fridge.wh.d2', [LAST_S - 3 * 86_400, LAST_S - 2 * 86_400, 'all'])).toEqual([[null]])
  })
})

describe('what is not measured', () => {
  const outage = { fromMs: LAST_S * 1000 - 2 * HOUR_MS, untilMs: LAST_S * 1000 - HOUR_MS }

  it('is null while a unit has no power, and is not made up for afterwards', () => {
    const { unit } = openUnit('iwatt5', { house: { outages: { iwatt5: [outage] } } })
    const complete = openUnit('iwatt5').unit
    const span = [LAST_S - 3 * 3600, LAST_S, '1m'] as const
    const [holed, full] = [rows(unit, 'Garage_1.wh.d6', span), rows(complete, 'Garage_1.wh.d6', span)]
    expect(holed.slice(60, 120).every(([wh]) => wh === null)).toBe(true)
    for (const index of [0, 59, 120, 121, 179]) expect(holed[index]?.[0]).toBeCloseTo(full[index]?.[0] ?? NaN, 5)
    const inGap = `/query?select=[Mains_1]&begin=${LAST_S - 5400}&end=${LAST_S - 5385}&group=5s`
    expect(get(unit, inGap)).toBe('[[null],[null],[null]]')
  })

  it('leaves a gap in the log of 5 s', () => {
    const size = (unit: SimulatedDevice) => JSON.parse(get(unit, '/status?datalogs=')).datalogs[0].size
    const holed = openUnit('iwatt5', { house: { outages: { iwatt5: [outage] } } }).unit
    expect(size(openUnit('iwatt5').unit) - size(holed)).toBe(719 * 256)
  })

  it('nobody answers while a unit has no power', () => {
    const { unit, advance } = openUnit('iwatt5', {
      house: { outages: { iwatt5: [{ fromMs: NOW_MS + MINUTE_MS, untilMs: NOW_MS + 2 * MINUTE_MS }] } },
    })
    const connection = () => unit.answer({ method: 'GET', url: '/status' }).connection
    const seen = [connection()]
    advance(90_000)
    seen.push(connection())
    advance(60_000)
    expect([...seen, connection()]).toEqual(['close', 'refused', 'close'])
  })

  it('is missing after it was switched off, and after a restart', () => {
    const { unit, advance } = openUnit('iwatt5')
    unit.setPower('off')
    advance(10 * MINUTE_MS)
    unit.setPower('on')
    advance(5 * MINUTE_MS)
    const values = rows(unit, 'EastWall', [LAST_S, LAST_S + 900, '1m'])
    expect(values.map(([watts]) => watts === null)).toEqual([...Array(10).fill(true), ...Array(5).fill(false)])
    unit.reboot()
    expect(unit.answer({ method: 'GET', url: '/status' }).connection).toBe('refused')
    advance(11_000)
    expect(unit.answer({ method: 'GET', url: '/status' }).connection).toBe('close')
  })

  it('comes all at once in the first record after a long query', () => {
    const { unit, advance } = openUnit('iwatt5', { device: { readCostMs: 2000 } })
    advance(1000)
    const query = unit.answer({
      method: 'GET',
      url: `/query?select=[Mains_1]&begin=${LAST_S - 540}&end=${LAST_S}&group=1m`,
    })
    expect(query.costMs).toBe(20_000)
    advance(60_000)
    const energies = rows(unit, 'EastWall.wh.d4', [LAST_S - 5, LAST_S + 40, '5s']).map(([wh]) => wh ?? null)
    const [before, ...during] = energies
    expect(during.map((wh) => wh === null)).toEqual([true, true, true, false, false, false, false, false])
    expect((during[3] ?? NaN) / (before ?? NaN)).toBeCloseTo(4, 0)
  })
})

it('a circuit that is connected later counts from 0, on a free input', () => {
  const { unit, advance } = openUnit('iwatt5')
  unit.removeChannel('Dryer')
  unit.addChannel('Pool')
  advance(10 * MINUTE_MS)
  const watts = rows(unit, 'Pool', [LAST_S - 120, LAST_S + 600, '1m']).map(([value]) => value ?? NaN)
  expect(watts.slice(0, 2)).toEqual([0, 0])
  expect(Math.min(...watts.slice(3))).toBeGreaterThan(0)
})

it('records are the same read one by one or from either log', () => {
  const { source } = openUnit('iwatt6')
  const { current, history } = source.logsAt(NOW_MS)
  const plain = (record: LogRecord) => [record.keyS, record.logHours, ...record.sum1, ...record.sum2]
  for (const keyS of [LAST_S - 3600, LAST_S - 60, LAST_S])
    expect(plain(current.read(keyS))).toEqual(plain(history.read(keyS)))
})
