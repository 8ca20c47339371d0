import { beforeAll, describe, expect, it } from 'vitest'
import type { Energy } from '../model/house-views.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS, type TimeWindow } from '../model/time-window.ts'
import { houseOf, memoryStore, seriesOf, type HistoryHome } from '../../test/stored-house.ts'

const { signal } = new AbortController()
const at = (text: string) => Date.parse(text)
const span = (from: string, until: string): TimeWindow => ({ fromMs: at(from), untilMs: at(until) })
const dayNumber = (date: string) => at(`${date}T00:00Z`) / DAY_MS
const [mains, dryer, office] = [seriesOf('Mains_1'), seriesOf('Dryer'), seriesOf('Office', 'iwatt6')]

/** All of it is added up. */
async function summed(home: Omit<HistoryHome, 'store' | 'nowMs'> & { memory: ReturnType<typeof memoryStore> }) {
  const { memory, ...options } = home
  const { history, flush } = houseOf({
    ...options,
    store: memory.store,
    nowMs: home.expected.untilMs + MINUTE_MS,
  })
  await (
    await flush()
  )()
  return history
}

describe('a span of which the one before is known in part', () => {
  // 60 W, and from March on 90 W.
  const watts = (atMs: number) => (atMs < at('2026-03-01T05:00Z') ? 60 : 90)
  const look = async (expected: TimeWindow, less: TimeWindow = { fromMs: 0, untilMs: 0 }) => {
    const memory = memoryStore()
    for (const labels of [mains, dryer])
      memory.put(labels, expected, (atMs) => (atMs >= less.fromMs && atMs < less.untilMs ? undefined : watts(atMs)))
    return summed({ memory, series: [mains, dryer], expected, facts: { unmeasured: () => [less] } })
  }
  const WH = { february: 24 * 60, march: 24 * 90 }

  it('is compared with the same days of it', async () => {
    const history = await look(span('2026-02-20T12:00-05:00', '2026-03-27T13:40-04:00'))
    const { before, sums } = await history.energy({ span: 'month' }, signal)
    expect(sums.isWhole).toBe(true)
    expect(before?.sums).toMatchObject({ isWhole: false, knownFromMs: at('2026-02-20T12:00-05:00') })
    // 21 to 26 Feb, and 27 Feb to 13:40; on 8 March an hour less is not among them.
    const part = { days: 7, wattHours: 6 * WH.march + 90 * (13 + 2 / 3), beforeWattHours: 6 * WH.february + 820 }
    expect(before?.compared).toMatchObject({ house: part, fromGrid: part, circuits: part })
    expect(before?.lacking?.slice(18, 21)).toEqual([1440, 720, 0])
    const { consumers } = await history.consumers({ span: 'month' }, signal)
    expect(consumers.find(({ id }) => id === 'Dryer')?.compared).toEqual(part)
  })

  it('is compared with none of it where no day is known of both', async () => {
    const history = await look(span('2026-02-28T12:00-05:00', '2026-03-27T13:40-04:00'))
    const { before } = await history.energy({ span: 'month' }, signal)
    expect(before?.compared?.house).toBeNull()
    const { consumers } = await history.consumers({ span: 'month' }, signal)
    expect(consumers[0]?.compared).toBeNull()
  })

  it('is compared completely where a few minutes are missing', async () => {
    const less = span('2026-02-10T12:00-05:00', '2026-02-10T13:00-05:00')
    const history = await look(span('2026-02-01T00:00-05:00', '2026-04-01T00:00-04:00'), less)
    const { before, sums } = await history.energy({ span: 'month', day: dayNumber('2026-03-05') }, signal)
    expect(before?.compared?.house).toEqual({
      wattHours: sums.wattHours.house,
      beforeWattHours: before?.sums.wattHours.house,
    })
    expect(before?.sums.isWhole).toBe(false)
  })

  it('leaves out the hours of an outage, on either side', async () => {
    const less = span('2026-03-10T05:20-04:00', '2026-03-10T09:00-04:00')
    const history = await look(span('2026-03-09T00:00-04:00', '2026-03-12T00:00-04:00'), less)
    for (const date of ['2026-03-10', '2026-03-11']) {
      const { before } = await history.energy({ span: 'day', day: dayNumber(date) }, signal)
      expect(before?.compared?.house).toEqual({ hours: 20, wattHours: 1800, beforeWattHours: 1800 })
    }
  })

  it('has nothing to compare at its first moment, and says that there was something', async () => {
    const history = await look(span('2026-03-09T00:00-04:00', '2026-03-11T00:00-04:00'))
    const { before, soFarUntilMs, fromMs } = await history.energy({ span: 'day', day: dayNumber('2026-03-11') }, signal)
    expect([soFarUntilMs, before?.compared?.house]).toEqual([fromMs, null])
    expect(before?.house).toEqual(Array.from({ length: 24 }, () => 90))
  })

  it('of a year too', async () => {
    const history = await look(span('2025-12-30T00:00-05:00', '2026-01-05T00:00-05:00'))
    const { before } = await history.energy({ span: 'year', day: dayNumber('2026-01-04') }, signal)
    expect(before?.compared?.house).toBeNull()
    expect((await history.energy({ span: 'year', day: dayNumber('2025-12-31') }, signal)).sums).toMatchObject({
      isWhole: false,
      knownFromMs: at('2025-12-30T00:00-05:00'),
    })
    expect((await history.energy({ span: 'all' }, signal)).sums).toMatchObject({ isWhole: true })
  })
})

describe('compared with the year before', () => {
  // By the year: 60 W, then 90 W.
  const expected = span('2024-02-01T00:00-05:00', '2025-03-10T13:40-04:00')
  let history: Awaited<ReturnType<typeof summed>>
  beforeAll(async () => {
    const memory = memoryStore()
    memory.put(mains, expected, (atMs) => (atMs < at('2025-01-01T05:00Z') ? 60 : 90))
    history = await summed({ memory, series: [mains], expected })
  })

  it.each([
    ['a month', 'month', '2025-02-20', '2024-02-01T00:00-05:00', '2024-03-01T00:00-05:00', 28 * 24 * 90, 29 * 24 * 60],
    [
      'a month that is not over',
      'month',
      '2025-03-10',
      '2024-03-01T00:00-05:00',
      '2024-03-10T13:40-04:00',
      229 * 90 - 30,
      229 * 60 - 20,
    ],
    ['a day', 'day', '2025-03-09', '2024-03-09T00:00-05:00', '2024-03-10T00:00-05:00', 23 * 90, 24 * 60],
    [
      'a year, as always',
      'year',
      '2025-03-09',
      '2024-01-01T00:00-05:00',
      '2024-03-10T13:40-04:00',
      undefined,
      undefined,
    ],
  ] as const)('%s', async (_, of, day, from, until, wattHours, beforeWattHours) => {
    const query = { span: of, day: dayNumber(day), compare: 'year' } as const
    const { before } = await history.energy(query, signal)
    expect(before).toMatchObject({ fromMs: at(from), untilMs: at(until) })
    if (wattHours === undefined) return
    expect(before?.compared?.house).toEqual({ wattHours, beforeWattHours })
    const { before: other } = await history.energy({ ...query, compare: 'before' }, signal)
    expect(other?.fromMs).toBeGreaterThan(at('2025-01-01T00:00Z'))
  })
})

describe('an outage', () => {
  const expected = span('2026-03-26T00:00-04:00', '2026-03-28T00:00-04:00')
  const outage = span('2026-03-26T10:01-04:00', '2026-03-26T11:00-04:00')
  const folded = (device: string, length: number, ...points: readonly (readonly [number, number])[]) => {
    const off = new Map(points)
    return { [device]: Array.from({ length }, (_, point) => off.get(point) ?? 0) }
  }
  const tens = [61, 62, 63, 64, 65].map((point) => [point, 10] as const)
  const off = async (
    labels: typeof mains,
  ): Promise<Energy & Record<'minutes' | 'offMinutes' | 'coverage', unknown>> => {
    const memory = memoryStore()
    const series = [mains, dryer, office]
    for (const one of series)
      memory.put(one, expected, (atMs) =>
        one['device'] === labels['device'] && atMs >= outage.fromMs && atMs < outage.untilMs ? undefined : 3200,
      )
    const day = dayNumber('2026-03-26')
    const isOff = (name: string) => name === labels['device']
    const history = await summed({
      memory,
      series,
      expected,
      factsOf: (name) => ({ unmeasured: () => (isOff(name) ? [outage] : []) }),
    })
    const { days } = await history.hours({ span: 'day', day }, signal)
    const power = async (step: '30m' | '10m') => (await history.power({ window: expected, step }, signal)).unmeasured
    expect(await power('30m')).toEqual(folded(labels['device'] ?? '', 48 * 2, [20, 29], [21, 30]))
    expect(await power('10m')).toEqual(folded(labels['device'] ?? '', 48 * 6, [60, 9], ...tens))
    const { devices } = await history.coverage(signal)
    return {
      ...(await history.energy({ span: 'day', day }, signal)),
      minutes: days[0]?.minutes,
      offMinutes: days[0]?.unmeasured,
      coverage: devices.map(({ name, days: runs, unmeasured }) => [name, runs, unmeasured]),
    }
  }
  const tenth = (value: number, others: number) =>
    Array.from({ length: 24 }, (_, hour) => (hour === 10 ? value : others))

  it('of the device of the mains is counted apart from what is missing', async () => {
    const { sums, unmeasured, missing, minutes, offMinutes, knownMinutes, coverage } = await off(mains)
    expect(sums).toMatchObject({
      isWhole: false,
      missingMinutes: 0,
      lackingMinutes: { house: 0, unmetered: 0 },
      unmeasuredMinutes: { house: 59, solar: 59, fromGrid: 59, unmetered: 59 },
    })
    expect([unmeasured, missing]).toEqual([tenth(59, 0), undefined])
    expect([minutes, offMinutes, knownMinutes]).toEqual([tenth(1, 60), tenth(59, 0), tenth(1, 60)])
    expect(coverage).toEqual([
      ['iwatt5', [1, 2, 5, 1], [0, 59]],
      ['iwatt6', [1, 2, 5, 1], []],
    ])
  })

  it('of another takes nothing from house and grid', async () => {
    const { sums, unmeasured, minutes, offMinutes } = await off(office)
    expect(sums).toMatchObject({ isWhole: false, unmeasuredMinutes: { house: 0, fromGrid: 0, unmetered: 59 } })
    expect([unmeasured, minutes, offMinutes]).toEqual([undefined, undefined, undefined])
  })
})

describe('a house without mains', () => {
  const expected = span('2026-03-26T00:00-04:00', '2026-03-28T00:00-04:00')
  const names = ['Küche', 'Waschmaschine']
  const home = () => {
    const memory = memoryStore()
    const series = names.map((name) => seriesOf(name))
    series.forEach((labels, index) => memory.put(labels, expected, 100 * (index + 1)))
    return summed({ memory, series, expected })
  }

  it('has its circuits, together and one by one', async () => {
    const history = await home()
    const query = { span: 'day', day: dayNumber('2026-03-27') } as const
    const energy = await history.energy(query, signal)
    expect(energy.circuits).toEqual(Array.from({ length: 24 }, () => 300))
    expect(energy.sums).toMatchObject({ circuits: 7200, isWhole: true, wattHours: { house: null, solar: null } })
    expect(energy.before?.compared).toMatchObject({
      house: null,
      circuits: { wattHours: 7200, beforeWattHours: 7200 },
    })
    const month = await history.energy({ span: 'month', day: dayNumber('2026-04-01') }, signal)
    expect(month.before?.lacking?.slice(24, 27)).toEqual([1440, 0, 0])
    const { of, days } = await history.hours(query, signal)
    expect([of, days[0]?.watts]).toEqual(['circuits', Array.from({ length: 24 }, () => 300)])
    const { today } = await history.now(signal)
    expect(today.circuits).toHaveLength((today.untilMs - today.fromMs) / MINUTE_MS)
  })
})

describe('a solar channel', () => {
  const expected = span('2026-03-26T00:00-04:00', '2026-03-28T00:00-04:00')
  it.each([
    ['that is only ever negative by day', (sun: number) => -2000 * sun - 5, true],
    ['that is negative at night', (sun: number) => 2000 * sun - 5, false],
    ['of an inverter that is off', () => -12, false],
  ])('%s', async (_, watts, isReversed) => {
    const memory = memoryStore()
    const solar = seriesOf('SolarA_1')
    const sunAt = (atMs: number) => Math.max(0, Math.sin(((atMs - expected.fromMs) / (12 * HOUR_MS)) * Math.PI))
    memory.put(mains, expected, 500)
    memory.put(solar, expected, (atMs) => watts(sunAt(atMs)))
    const house = await (await summed({ memory, series: [mains, solar], expected })).house(signal)
    expect(house.reversedSolar).toEqual(isReversed ? ['SolarA_1'] : undefined)
  })
})
