import { describe, expect, it } from 'vitest'
import { DAY_MS, HOUR_MS, MINUTE_MS, type TimeWindow } from '../src/model/time-window.ts'
import { seededRandom } from './doubles/seeded-random.ts'
import type { Finding } from '../src/sync/verify/findings.ts'
import type { VerifyReport } from '../src/sync/verify/verify-device.ts'
import { settingsFor, SMALL_CHANNELS } from './small-house.ts'
import { changed, isWithin, type Minutes, seriesOf, UNTIL_MS, verifiedHouse } from './verified-house.ts'

const PATTERNS = process.env['LONG'] ? 100 : 3
const FIRST_SEED = Number(process.env['SEED'] ?? 1)
const DAYS = 45
const BATCH_ROWS = 1000
const NOTHING = new Map(SMALL_CHANNELS.map((name) => [name, []]))

/** The minutes that a report names, by channel. */
function named({ channels, days }: VerifyReport, finding: Finding): Map<string, number[]> {
  const locations = new Map(channels.map(({ key, location }) => [key, location]))
  const minutes = new Map<string, number[]>(SMALL_CHANNELS.map((name) => [name, []]))
  for (const { key, spans } of days)
    for (const span of spans.filter((each) => each.finding === finding))
      for (let atMs = span.fromMs; atMs < span.untilMs; atMs += MINUTE_MS) minutes.get(locations.get(key)!)!.push(atMs)
  return minutes
}

function sumOf({ channels }: VerifyReport, finding: Finding | 'wattHours'): number {
  return channels.reduce((sum, { tally }) => sum + tally[finding], 0)
}

describe('gaps cut out of a loaded store', () => {
  const startMs = Date.UTC(2024, 5, 1) - DAYS * DAY_MS
  const outages = [
    { fromMs: startMs + 10 * DAY_MS + 3 * HOUR_MS + 17_000, untilMs: startMs + 10 * DAY_MS + 8 * HOUR_MS },
    { fromMs: startMs + 21 * DAY_MS, untilMs: startMs + 21 * DAY_MS + 40 * MINUTE_MS },
    { fromMs: startMs + 30 * DAY_MS + 7 * HOUR_MS, untilMs: startMs + 33 * DAY_MS + 7 * HOUR_MS },
  ]
  const { fromMs, measured, setUp } = verifiedHouse({ days: DAYS, outages })

  interface Gap {
    readonly window: TimeWindow
    readonly channels: readonly string[]
  }

  /** One to four, of all lengths: anywhere, at the start, at the end; in all channels, in some, in one. */
  function cutGaps(seed: number): Gap[] {
    const random = seededRandom(seed)
    const pick = <T>(values: readonly T[]) => values[Math.floor(random() * values.length)]!
    return Array.from({ length: 1 + Math.floor(random() * 4) }, () => {
      const lengthMs = pick([MINUTE_MS, HOUR_MS, DAY_MS, 30 * DAY_MS])
      const anywhereMs = fromMs + Math.floor((random() * (UNTIL_MS - fromMs - lengthMs)) / MINUTE_MS) * MINUTE_MS
      const gapMs = pick([fromMs, UNTIL_MS - lengthMs, anywhereMs, anywhereMs])
      const one = pick(SMALL_CHANNELS)
      const channels = pick([SMALL_CHANNELS, SMALL_CHANNELS.filter((name) => name !== one), [one]])
      return { window: { fromMs: gapMs, untilMs: gapMs + lengthMs }, channels }
    })
  }

  function without(minutes: Minutes, gaps: readonly Gap[]): Minutes {
    return new Map(
      [...minutes].map(([name, values]) => {
        const own = gaps.filter(({ channels }) => channels.includes(name))
        return [name, new Map([...values].filter(([atMs]) => !own.some(({ window }) => isWithin(atMs, window))))]
      }),
    )
  }

  /** The minutes of the gaps, 10 reads per gap, and one batch each. */
  function mostReads(gaps: readonly Gap[]): number {
    const minutes = new Set<number>()
    for (const { window } of gaps) for (let t = window.fromMs; t < window.untilMs; t += MINUTE_MS) minutes.add(t)
    return minutes.size + gaps.length * (10 + BATCH_ROWS)
  }

  const seeds = Array.from({ length: PATTERNS }, (_, index) => FIRST_SEED + index)
  it.each(seeds)('are named exactly, filled exactly, and cost the device little (seed %i)', async (seed) => {
    const gaps = cutGaps(seed)
    const stored = without(measured, gaps)
    const cut = new Map(
      [...measured].map(([name, values]) => [name, [...values.keys()].filter((atMs) => !stored.get(name)!.has(atMs))]),
    )
    const { device, verify, samplesOf } = setUp({ stored })
    const report = await verify()
    expect(named(report, 'missing')).toEqual(cut)
    const looked = device.counters().recordReads
    device.resetCounters()

    const repair = await verify({ repair: true })
    expect(named(repair, 'filled')).toEqual(cut)
    expect(named(repair, 'missing')).toEqual(NOTHING)
    expect(sumOf(repair, 'wattHours')).toBeCloseTo(sumOf(report, 'wattHours'), -1)
    for (const [name, values] of measured) expect(samplesOf(name).join(' ')).toBe([...values].join(' '))
    const filled = device.counters().recordReads
    expect({ looked, filled, most: mostReads(gaps) }).toSatisfy(() => Math.max(looked, filled) <= mostReads(gaps))
    // A gap is not read to be named.
    expect(looked).toBeLessThan(400 * gaps.length)
    expect(sumOf(await verify(), 'missing')).toBe(0)
  })
})

describe('what is stored', () => {
  const { fromMs, measured, setUp } = verifiedHouse({ days: 4 })
  const at = (days: number, minutes: number) => fromMs + days * DAY_MS + minutes * MINUTE_MS

  it('is content with what is there', async () => {
    const { device, verify } = setUp({ stored: measured })
    const report = await verify()
    expect(report).toMatchObject({ days: [], omittedDays: 0, warnings: [], failedChannels: [] })
    expect(device.counters().recordReads).toBe(0)
  })

  it('names a duplicate minute, with what it adds', async () => {
    const twice = [at(1, 5), at(1, 6), at(2, 0)].map((atMs) => [atMs, measured.get('Dryer')!.get(atMs)!] as const)
    const { verify } = setUp({ stored: measured, more: [seriesOf('Dryer', twice)] })
    const report = await verify()
    expect(named(report, 'doubled')).toEqual(new Map([...NOTHING, ['Dryer', twice.map(([atMs]) => atMs)]]))
    expect(sumOf(report, 'wattHours')).toBeCloseTo(
      twice.reduce((sum, [, watts]) => sum + watts / 60, 0),
      6,
    )
  })

  it('counts minutes of an earlier program, which are no error', async () => {
    const late = [at(1, 5), at(1, 10)].map((atMs) => [atMs + 5_000, 7] as const)
    const { verify } = setUp({ stored: measured, more: [seriesOf('Dryer', late)] })
    const report = await verify()
    expect([sumOf(report, 'legacy'), sumOf(report, 'doubled'), sumOf(report, 'missing')]).toEqual([2, 0, 0])
  })

  it('counts what only the store has: before the log, and where another channel shows that the device was off', async () => {
    const outage = { fromMs: at(1, 0), untilMs: at(1, 30) }
    const house = verifiedHouse({ days: 4, outages: [outage] })
    const old = Array.from({ length: 20 }, (_, minute) => [fromMs - DAY_MS + minute * MINUTE_MS, 1] as const)
    const made = Array.from({ length: 10 }, (_, minute) => [at(1, minute), 1] as const)
    const { verify } = house.setUp({ stored: house.measured, more: [seriesOf('Dryer', [...old, ...made])] })
    const report = await verify()
    expect([sumOf(report, 'onlyStored'), sumOf(report, 'missing')]).toEqual([30, 0])
    expect(sumOf(await verify({ repair: true }), 'onlyStored')).toBe(30)
  })
})

describe('values', () => {
  const { fromMs, measured, setUp } = verifiedHouse({ days: 4 })
  const wrongMs = fromMs + DAY_MS + 100 * MINUTE_MS
  const wrong = changed(measured, (watts, atMs, name) => (atMs === wrongMs && name === 'Fridge' ? watts + 30 : watts))
  const rounded = changed(measured, (watts) => Math.round(watts * 10) / 10)

  it.each(['hours', 'minutes'] as const)('a changed one is found by its %s', async (values) => {
    const { device, verify } = setUp({ stored: wrong })
    const report = await verify({ values })
    expect(named(report, 'wrong')).toEqual(new Map([...NOTHING, ['Fridge', [wrongMs]]]))
    expect(sumOf(report, 'wattHours')).toBeCloseTo(0.5, 2)
    const minutes = measured.get('Fridge')!.size
    const most = values === 'hours' ? minutes / 60 + 100 : 1.02 * minutes
    expect(device.counters().recordReads).toBeLessThan(most)
    expect(sumOf(await verify(), 'wrong')).toBe(0)
  })

  it.each(['hours', 'minutes'] as const)(
    'those of the first version, with one decimal, are correct (%s)',
    async (values) => {
      const { device, verify } = setUp({ stored: rounded })
      expect(sumOf(await verify({ values }), 'wrong')).toBe(0)
      if (values === 'hours') expect(device.counters().recordReads).toBeLessThan(measured.get('Fridge')!.size / 60 + 10)
    },
  )

  it('of every unit are correct when they were copied, and only those without a mean are read by the minute', async () => {
    const units = [
      ['Voltage', 'volts'],
      ['Voltage', 'hz'],
      ['Fridge', 'wh'],
      ['Fridge', 'watts'],
      ['Fridge', 'amps'],
      ['Dryer', 'pf'],
      ['Dryer', 'va'],
      ['Dryer', 'var'],
    ] as const
    const house = verifiedHouse({ days: 1 })
    const channels = units.map(([name, unit]) => ({ name, unit, metric: unit, location: name }))
    const { device, verify } = house.setUp({
      stored: new Map(),
      context: { settings: settingsFor('garage', { channels }) },
    })
    expect(sumOf(await verify({ repair: true }), 'missing')).toBe(0)
    device.resetCounters()
    const report = await verify({ values: 'hours' })
    expect(report.days).toEqual([])
    const minutes = (UNTIL_MS - house.fromMs) / MINUTE_MS
    expect(device.counters().recordReads).toBeLessThan(minutes + minutes / 60 + 10)
    expect((await verify({ values: 'minutes' })).days).toEqual([])
  })

  it('a hundredth of a watt is found among all minutes', async () => {
    const slightly = changed(measured, (watts, atMs) => (atMs === wrongMs ? watts + 0.01 : watts))
    const { verify } = setUp({ stored: slightly })
    const report = await verify({ values: 'minutes' })
    expect(sumOf(report, 'wrong')).toBe(
      [...measured.values()].filter((m) => (m.get(wrongMs)! * 100 + 1) % 10 > 0.5).length,
    )
  })
})
