import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { HouseSettings } from '../model/house-views.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../model/time-window.ts'
import { dayOf } from '../model/time-zone.ts'
import { houseOf, memoryStore, seriesOf } from '../../test/stored-house.ts'

const { signal } = new AbortController()
const at = (text: string) => Date.parse(text)
const SUN = ['SolarA_1', 'SolarB_1'] as const
const MAINS = ['Mains_1', 'Mains_2'] as const
const ALL = [...MAINS, ...SUN, 'Dryer'].map((name) => seriesOf(name))
const MINUTE = { fromMs: at('2026-03-27T17:39Z'), untilMs: at('2026-03-27T17:40Z') }

function minuteOf(watts: readonly number[], house: Partial<HouseSettings> = {}) {
  const memory = memoryStore()
  ALL.forEach((labels, index) => memory.put(labels, MINUTE, watts[index] ?? NaN))
  return houseOf({ store: memory.store, series: ALL, expected: MINUTE, nowMs: MINUTE.untilMs, house }).history
}

describe('a minute of the house', () => {
  it.each([
    ['a sunny noon, ahead', 'ahead', [895, 745, 2750, 2350, 1565], [1640, 5100, 1640, 0, 3460, 75]],
    ['the same, behind', 'behind', [-1730, -1730, 2750, 2350, 1565], [1640, 5100, 1640, 0, 3460, 75]],
    ['night: inverters draw a little', 'ahead', [1085, 1085, -6, -5, 0], [2170, 0, 0, 2170, 0, 2170]],
    ['06:44', 'ahead', [2939, 2000, 100, 42, 4822], [4939, 142, 142, 4797, 0, 117]],
    ['circuits above the house', 'ahead', [50, 50, 0, 0, 104], [100, 0, 0, 100, 0, -4]],
  ] as const)('%s', async (_, wiring, watts, [house, solar, used, fromGrid, toGrid, unmetered]) => {
    const view = await minuteOf(watts, { wiring }).now(signal)
    expect(view.watts).toEqual({ house, solar, used, fromGrid, toGrid, unmetered })
    expect(view.atMs).toBe(MINUTE.fromMs)
  })
})

it('what comes from the grid in a minute and goes to it in the next does not cancel out', async () => {
  const memory = memoryStore()
  const expected = { fromMs: at('2026-03-27T17:00Z'), untilMs: at('2026-03-27T18:00Z') }
  const isEven = (atMs: number) => (atMs / MINUTE_MS) % 2 === 0
  for (const labels of ALL) memory.put(labels, expected, 0)
  memory.put(seriesOf('Mains_1'), expected, (atMs) => (isEven(atMs) ? 3000 : 0))
  memory.put(seriesOf('SolarA_1'), expected, (atMs) => (isEven(atMs) ? 0 : 3000))
  const { history } = houseOf({ store: memory.store, series: ALL, expected, nowMs: expected.untilMs })
  const power = await history.power({ window: expected, step: '30m' }, signal)
  expect(power.house).toMatchObject({ fromGrid: [1500, 1500], toGrid: [1500, 1500], house: [1500, 1500], used: [0, 0] })
  expect(power.bands).toMatchObject({ houseMin: [0, 0], houseMax: [3000, 3000] })
  const day = await history.energy({ span: 'day' }, signal)
  expect(day.house.fromGrid[13]).toBe(1500)
  expect(day.house.toGrid[13]).toBe(1500)
  expect(day.house.fromGrid[12]).toBeNull()
})

it('samples of an earlier program, 5 s late, duplicate or on a minute that was not over, are the energy that they stand for', async () => {
  const memory = memoryStore()
  const expected = { fromMs: at('2026-03-27T17:00Z'), untilMs: at('2026-03-27T17:30Z') }
  const dryer = [seriesOf('Dryer')]
  for (let atMs = expected.fromMs; atMs < expected.untilMs; atMs += MINUTE_MS)
    memory.add(dryer[0] ?? {}, [atMs, 60_000], [atMs + 5_000, 600])
  memory.add(dryer[0] ?? {}, [expected.fromMs, 60_000])
  const { history } = houseOf({ store: memory.store, series: dryer, expected, nowMs: expected.untilMs })
  const { consumers } = await history.consumers({ span: 'day' }, signal)
  // The last one has no next, and holds for a full minute.
  expect(consumers[0]?.wattHours).toBeCloseTo((30 * (60_000 * 5 + 600 * 55) + 600 * 5) / 3600, 3)
  const { runs } = await history.dayCoverage({ device: 'iwatt5' }, signal)
  expect(runs).toEqual([5, 780, 2, 30, 5, 630])
})

describe('days of the local calendar', () => {
  const expected = { fromMs: at('2026-03-07T05:00Z'), untilMs: at('2026-11-03T05:00Z') }
  it.each([
    ['2026-03-08', 23, [0, 1, 3, 4]],
    ['2026-11-01', 25, [0, 1, 1, 2]],
    ['2026-11-02', 24, undefined],
  ])('%s has %i hours', async (date, hours, first) => {
    const memory = memoryStore()
    const fromMs = at(`${date}T05:00Z`) - HOUR_MS
    memory.put(seriesOf('Mains_1'), { fromMs, untilMs: fromMs + 26 * HOUR_MS }, 1000)
    const { history, flush } = houseOf({
      store: memory.store,
      series: [seriesOf('Mains_1')],
      expected,
      nowMs: expected.untilMs,
    })
    await (
      await flush()
    )()
    const day = dayOf(history.zone, at(`${date}T12:00Z`))
    const energy = await history.energy({ span: 'day', day }, signal)
    expect(energy.house.house).toEqual(Array.from({ length: hours }, () => 1000))
    expect(energy.sums.wattHours.house).toBe(hours * 1000)
    const { days } = await history.hours({ span: 'day', day }, signal)
    expect(days[0]?.watts).toEqual(Array.from({ length: hours }, () => 1000))
    expect(days[0]?.wallHours?.slice(0, 4)).toEqual(first)
  })
})

it('the period before ends at the same day number and time of the clock', async () => {
  const memory = memoryStore()
  const expected = { fromMs: at('2026-02-01T05:00Z'), untilMs: at('2026-03-27T17:40Z') }
  memory.put(seriesOf('Mains_1'), expected, 60)
  const { history, flush } = houseOf({
    store: memory.store,
    series: [seriesOf('Mains_1')],
    expected,
    nowMs: expected.untilMs,
  })
  const end = await flush()
  const month = await history.energy({ span: 'month' }, signal)
  // 26 days, 13 h 40 min; one hour less where a day of the month has 23.
  expect(month.before?.sums.wattHours.house).toBe(Math.round(26 * 24 * 60 + 13 * 60 + 40))
  expect(month.sums.wattHours.house).toBe(Math.round(26 * 24 * 60 + 13 * 60 + 40 - 60))
  expect(month.before).toMatchObject({ fromMs: at('2026-02-01T05:00Z'), untilMs: at('2026-02-27T18:40Z') })
  expect([
    month.startsMs.length,
    month.before?.house.length,
    month.before?.house.filter((value) => value !== null).length,
  ]).toEqual([31, 31, 28])
  expect(month).toMatchObject({ isSoFar: true, soFarUntilMs: expected.untilMs, date: '2026-03-01' })
  await end()
})

describe('marks of the period before', () => {
  const hours = (from: number, until: number) => ({ fromMs: from, untilMs: until })
  it.each([
    // The hours 0, 1, 3, 4 …: each beside its own of the day before.
    ['2026-03-08', '2026-03-07T05:00Z', 23, [0, 1, 3, 4]],
    // The hour 2 was not there the day before.
    ['2026-03-09', '2026-03-08T05:00Z', 24, [0, 1, undefined, 2]],
    // The clock shows 1 twice: the day before has it once.
    ['2026-11-01', '2026-10-31T04:00Z', 25, [0, 1, undefined, 2]],
  ] as const)('of %s stand at the same hour of the clock', async (date, beforeFrom, count, sources) => {
    const memory = memoryStore()
    const fromMs = at(beforeFrom)
    // Each hour of the day before has its number in kilowatts.
    memory.put(
      seriesOf('Mains_1'),
      hours(fromMs, fromMs + 50 * HOUR_MS),
      (atMs) => 1000 * Math.floor((atMs - fromMs) / HOUR_MS),
    )
    const expected = hours(fromMs, fromMs + 50 * HOUR_MS)
    const { history, flush } = houseOf({
      store: memory.store,
      series: [seriesOf('Mains_1')],
      expected,
      nowMs: expected.untilMs,
    })
    await (
      await flush()
    )()
    const { before } = await history.energy({ span: 'day', day: at(`${date}T00:00Z`) / DAY_MS }, signal)
    expect(before?.house.length).toBe(count)
    expect(before?.house.slice(0, 4)).toEqual(sources.map((hour) => (hour === undefined ? null : 1000 * hour)))
  })

  it('of 29 Feb so far: the year before ends with its own Feb', async () => {
    const memory = memoryStore()
    const expected = { fromMs: at('2027-02-27T05:00Z'), untilMs: at('2028-02-29T18:40Z') }
    memory.put(seriesOf('Mains_1'), { fromMs: expected.fromMs, untilMs: at('2027-03-03T05:00Z') }, 60)
    const { history, flush } = houseOf({
      store: memory.store,
      series: [seriesOf('Mains_1')],
      expected,
      nowMs: expected.untilMs,
    })
    const end = await flush()
    const { before } = await history.energy({ span: 'year' }, signal)
    expect(before?.untilMs).toBe(at('2027-03-01T05:00Z'))
    expect(before?.sums.wattHours.house).toBe(2 * 24 * 60)
    await end()
  })
})

it('the minutes that a figure is made of are missing in it, and no others', async () => {
  const memory = memoryStore()
  const expected = { fromMs: at('2026-03-27T04:00Z'), untilMs: at('2026-03-27T17:40Z') }
  const window = (from: string, until: string) => ({
    fromMs: at(`2026-03-27T${from}Z`),
    untilMs: at(`2026-03-27T${until}Z`),
  })
  const gaps = {
    Dryer: window('13:00', '13:07'),
    SolarA_1: window('14:00', '14:05'),
    Mains_2: window('15:00', '15:03'),
  }
  ALL.forEach((labels) => {
    const gap = Object.entries(gaps).find(([name]) => name === labels['location'])?.[1]
    memory.put(labels, expected, (atMs) => (gap && atMs >= gap.fromMs && atMs < gap.untilMs ? undefined : 5))
  })
  const { history } = houseOf({ store: memory.store, series: ALL, expected, nowMs: expected.untilMs })
  const { sums } = await history.energy({ span: 'day' }, signal)
  expect(sums.lackingMinutes).toEqual({ house: 3, solar: 5, used: 8, fromGrid: 8, toGrid: 8, unmetered: 10 })
  expect([sums.missingMinutes, sums.isWhole]).toEqual([15, false])
  const { consumers } = await history.consumers({ span: 'day' }, signal)
  expect(consumers.map(({ id, missingMinutes }) => [id, missingMinutes])).toEqual([
    ['Dryer', 7],
    ['unmetered', 10],
  ])
})

it('a device that is late takes its minutes from the figures that need it', async () => {
  const memory = memoryStore()
  const expected = { fromMs: at('2026-03-27T04:00Z'), untilMs: at('2026-03-27T17:40Z') }
  const [mains, dryer] = [seriesOf('Mains_1'), seriesOf('Dryer', 'iwatt6')]
  memory.put(mains, expected, 500)
  memory.put(dryer, { ...expected, untilMs: at('2026-03-27T15:40Z') }, 5)
  const { history, flush } = houseOf({
    store: memory.store,
    series: [mains, dryer],
    expected,
    nowMs: expected.untilMs,
    facts: { storedUntilMs: () => undefined },
  })
  const end = await flush()
  const { sums } = await history.energy({ span: 'day' }, signal)
  expect(sums.lackingMinutes).toMatchObject({ house: 0, fromGrid: 0, unmetered: 120 })
  // They are no gap: the next cycle brings them.
  expect(sums.missingMinutes).toBe(0)
  await end()
})

it('a name with commas is found in a list with commas', async () => {
  const memory = memoryStore()
  const names = ['Dryer', 'Dryer,upstairs', 'Washer, dryer', 'Fridge']
  const series = names.map((name) => seriesOf(name))
  series.forEach((labels, index) => memory.put(labels, MINUTE, index))
  const { history } = houseOf({ store: memory.store, series, expected: MINUTE, nowMs: MINUTE.untilMs })
  const power = async (list: string) =>
    Object.keys((await history.power({ window: MINUTE, step: 'minute', channels: list.split(',') }, signal)).channels)
  expect(await power('Fridge,Washer, dryer,Dryer,upstairs,Dryer')).toEqual([
    'Fridge',
    'Washer, dryer',
    'Dryer,upstairs',
    'Dryer',
  ])
  await expect(power('Dryer,Washer')).rejects.toThrow('there is no channel Washer')
})

it('what is missing, what the device has not measured and what is not loaded yet are three things', async () => {
  const memory = memoryStore()
  const expected = { fromMs: at('2026-03-25T04:00Z'), untilMs: at('2026-03-27T17:40Z') }
  const gap = { fromMs: at('2026-03-27T13:12Z'), untilMs: at('2026-03-27T13:59Z') }
  const outage = { fromMs: at('2026-03-27T10:00Z'), untilMs: at('2026-03-27T10:10Z') }
  const isIn = (atMs: number, { fromMs, untilMs }: typeof gap) => atMs >= fromMs && atMs < untilMs
  const value = (atMs: number) =>
    atMs < expected.fromMs + DAY_MS || isIn(atMs, gap) || isIn(atMs, outage) ? undefined : 5
  for (const name of ['Dryer', 'Fridge']) memory.put(seriesOf(name), expected, value)
  memory.put(seriesOf('Fridge'), gap, 5)
  const { history, flush } = houseOf({
    store: memory.store,
    series: [seriesOf('Dryer'), seriesOf('Fridge')],
    expected,
    nowMs: expected.untilMs + 2 * MINUTE_MS,
    facts: { unmeasured: () => [outage], isLoaded: (atMs) => atMs >= expected.fromMs + DAY_MS },
  })
  await (
    await flush()
  )()
  expect(await history.coverage(signal)).toMatchObject({
    missingMinutes: 47,
    notLoadedMinutes: 1440,
    devices: [{ name: 'iwatt5', firstDate: '2026-03-25', days: [4, 1, 1, 1, 3, 1], missing: [2, 47] }],
    holes: [{ device: 'iwatt5', ...gap, minutes: 47, channels: ['Dryer'] }],
  })
  const { lanes } = await history.tape(1440, signal)
  expect(lanes).toEqual([
    {
      device: 'iwatt5',
      runs: [1, 978, 0, 10, 1, 182, 3, 47, 1, 221, 5, 2],
      missingMinutes: 47,
      missingFromMs: gap.fromMs,
    },
  ])
  const { channels } = await history.channelCoverage({ device: 'iwatt5', dayCount: 2 }, signal)
  expect(channels).toEqual([
    { id: 'Dryer', days: [1, 1, 3, 1], missing: [1, 47], unmeasured: [1, 10] },
    { id: 'Fridge', days: [1, 2], missing: [], unmeasured: [1, 10] },
  ])
  const energy = await history.energy({ span: 'month' }, signal)
  expect(energy.sums).toMatchObject({ missingMinutes: 47, isWhole: false, wholeFromMs: expected.fromMs + DAY_MS })
})

describe('sums that are kept', () => {
  const expected = { fromMs: at('2026-01-01T05:00Z'), untilMs: at('2026-03-27T17:40Z') }
  const series = [seriesOf('Mains_1')]
  let folder: string
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'sums-'))))
  afterEach(() => rm(folder, { recursive: true }))

  const open = (memory: ReturnType<typeof memoryStore>) =>
    houseOf({ store: memory.store, series, expected, nowMs: expected.untilMs, folder })
  const january = async ({ history }: ReturnType<typeof open>) =>
    (await history.energy({ span: 'month', day: at('2026-01-10T00:00Z') / DAY_MS }, signal)).sums.wattHours.house
  const MONTH_WH = 31 * 24 * 60

  function filled() {
    const memory = memoryStore()
    memory.put(series[0] ?? {}, expected, 60)
    return memory
  }

  it('are read from a file after a restart, without reading the store again', async () => {
    const memory = filled()
    const first = open(memory)
    await (
      await first.flush()
    )()
    const before = memory.readCount()
    const second = open(memory)
    await (
      await second.flush()
    )()
    expect(await january(second)).toBe(MONTH_WH)
    expect(memory.readCount() - before).toBeLessThanOrEqual(2)
  })

  it('follow what we write, and what others write once it is noticed', async () => {
    const memory = filled()
    const home = open(memory)
    const end = await home.flush()
    const day = { fromMs: at('2026-01-10T05:00Z'), untilMs: at('2026-01-10T06:00Z') }
    memory.put(series[0] ?? {}, day, 120)
    expect(await january(home)).toBe(MONTH_WH)
    home.history.noteWritten(day)
    expect(await january(home)).toBe(MONTH_WH + 60)
    await end()
    memory.put(series[0] ?? {}, day, 180)
    home.elapse(DAY_MS)
    await (
      await home.flush()
    )()
    expect(await january(home)).toBe(MONTH_WH + 120)
  })

  it('of a damaged file, or of a house that was described otherwise, are made again', async () => {
    const memory = filled()
    await (
      await open(memory).flush()
    )()
    const [name = ''] = (await readdir(folder, { recursive: true })).filter((each) => each.endsWith('.sums'))
    const file = await readFile(join(folder, name))
    file[file.length - 100] = (file[file.length - 100] ?? 0) ^ 1
    await writeFile(join(folder, name), file)
    const home = open(memory)
    await (
      await home.flush()
    )()
    expect(await january(home)).toBe(MONTH_WH)
    const behind = houseOf({
      store: memory.store,
      series: [...series, seriesOf('SolarA_1')],
      expected,
      nowMs: expected.untilMs,
      folder,
    })
    await (
      await behind.flush()
    )()
    expect(await january(behind)).toBe(MONTH_WH)
  })
})
