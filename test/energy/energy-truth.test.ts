import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { HouseSettings } from '../../src/model/house-views.ts'
import type { Store } from '../../src/model/store.ts'
import { DAY_MS, MINUTE_MS } from '../../src/model/time-window.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { flushMuch } from '../store-contract.ts'
import { openEmbedded } from '../../src/store/embedded/open-embedded.ts'
import { houseOf } from '../stored-house.ts'
import { type CliHome, openCliHome } from '../cli-home.ts'
import { CHROMIUM, openBrowser, openPage } from '../dashboard/open-browser.ts'
import { openReal, realBinary, startRealStore } from '../real-store.ts'
import { barsOf, consumersOf, figuresOf, hourTexts, readBatch } from './page-truth.ts'
import { serveHistory } from './serve-history.ts'
import { COLUMNS, type ComparedTruth, type PeriodTruth, type Span, type SpanTruth, truthOf } from './truth.ts'
import { AHEAD, BEHIND, EXPECTED, GROUP_OF, LONG, MEASURED, SERIES, storedSamples, UNMEASURED } from './truth-house.ts'

const { signal } = new AbortController()
const ZONE = 'America/New_York'
const SOLAR = ['SolarA_1', 'SolarB_1']
const CIRCUITS = ['Dryer', 'MinisplitGreatAndBlue', 'Office', 'Furnace', 'Fridge']
const SPRING_MS = Date.parse('2026-03-09T13:40-04:00')
const AUTUMN_MS = EXPECTED.untilMs
const samples = storedSamples()

interface Home {
  readonly store: Store
  /** What the program itself exports. */
  readonly csv: string
  close(): Promise<void>
}

async function exported(home: CliHome, store: object): Promise<string> {
  const devices = ['iwatt5', 'iwatt6'].map((name, index) => ({ name, url: `http://127.0.0.1:${index + 1}` }))
  await home.configure({ store, devices })
  const { stdout, stderr, code } = await home.run(['export', '--wide', '--format', 'csv'])
  expect(stderr).toContain('samples of 10 series')
  expect(code).toBe(0)
  return stdout
}

async function write(store: Store): Promise<void> {
  for (const series of samples)
    for (let from = 0; from < series.timestampsMs.length; from += 10_000) {
      const [timestampsMs, values] = [series.timestampsMs, series.values].map((all) => all.slice(from, from + 10_000))
      await store.write([{ ...series, timestampsMs: timestampsMs ?? [], values: values ?? [] }], signal)
    }
  await flushMuch(store)
}

async function inVictoriaMetrics(): Promise<Home> {
  const [server, home] = [await startRealStore(), await openCliHome()]
  const store = openReal(server.url)
  await write(store)
  const csv = await exported(home, { type: 'victoriametrics', url: server.url })
  return {
    store,
    csv,
    async close() {
      await store.close()
      await server.stop()
      await home.close()
    },
  }
}

async function inEmbedded(): Promise<Home> {
  const home = await openCliHome()
  const open = () => openEmbedded({ folder: join(home.folder, 'data', 'store') }, { clock: systemClock })
  const first = await open()
  await write(first)
  await first.close()
  const csv = await exported(home, { type: 'embedded' })
  const store = await open()
  return {
    store,
    csv,
    async close() {
      await store.close()
      await home.close()
    },
  }
}

interface View {
  readonly untilMs: number
  readonly house: Partial<HouseSettings>
}

const isPlanned = (isAhead: boolean) => (location: string) =>
  isAhead ? location !== 'Grid' : !location.startsWith('Mains')

/** What was looked at, for the page to look at again. */
const looks = new Map<View, Awaited<ReturnType<typeof look>>>()

async function look({ store, csv }: Home, { untilMs, house }: View) {
  const isAhead = house.wiring === 'ahead'
  const series = SERIES.filter(({ location = '' }) => isPlanned(isAhead)(location))
  const expected = { fromMs: EXPECTED.fromMs, untilMs }
  const nowMs = untilMs + 2 * MINUTE_MS
  const home = houseOf({ store, series, expected, nowMs, house, facts: { unmeasured: () => UNMEASURED } })
  const end = await home.flush()
  return { history: home.history, truth: truthIn(csv, { untilMs, isAhead }), end, nowMs }
}

/** What was found out once: most is asked of each store, and they export the same. */
const truths = new Map<string, ReturnType<typeof truthOf>>()

function truthIn(csv: string, { untilMs, isAhead }: { readonly untilMs: number; readonly isAhead: boolean }) {
  const key = JSON.stringify([untilMs, isAhead, csv])
  const known = truths.get(key)
  if (known) return known
  const find = truthOf({
    csv,
    zone: ZONE,
    wiring: isAhead ? 'ahead' : 'behind',
    mains: isAhead ? ['Mains_1', 'Mains_2'] : ['Grid'],
    solar: SOLAR,
    circuits: CIRCUITS,
    measured: MEASURED.filter(({ fromMs }) => fromMs < untilMs),
  })
  const found = new Map<string, SpanTruth>()
  const truth = (span: Span, date: string) => {
    const where = `${span} ${date}`
    const spanTruth = found.get(where) ?? find(span, date)
    found.set(where, spanTruth)
    return spanTruth
  }
  truths.set(key, truth)
  return truth
}

/** As exact as an answer is: a thousandth, or a millionth of it. */
const near = (value: number | null | undefined): unknown =>
  value === null || value === undefined
    ? null
    : { asymmetricMatch: (found: unknown) => isNear(found, value), toString: () => `near ${value}` }
const isNear = (found: unknown, value: number) =>
  typeof found === 'number' && Math.abs(found - value) <= 0.0006 + 1e-6 * Math.abs(value)

const sumsOf = ({ sums, circuits, columnMissing, missing, unmeasured, beginsLate }: PeriodTruth) => ({
  wattHours: Object.fromEntries(COLUMNS.map((name) => [name, near(sums[name])])),
  circuits: near(circuits),
  lackingMinutes: columnMissing,
  ...(unmeasured > 0 && { unmeasuredMinutes: Object.fromEntries(COLUMNS.map((name) => [name, unmeasured])) }),
  missingMinutes: missing,
  ...(beginsLate && { knownFromMs: EXPECTED.fromMs }),
  isWhole: missing === 0 && unmeasured === 0 && !beginsLate,
})

const comparedTo = (truth: ComparedTruth) =>
  truth && { ...truth, wattHours: near(truth.wattHours), beforeWattHours: near(truth.beforeWattHours) }

/** The answers that the truth asks for. */
function answersOf(
  span: Span,
  { bars, marks, peak, baseLoad, before, compared, consumers, hours, ...period }: SpanTruth,
) {
  const isAnyMissing = bars.some(({ missing }) => missing > 0)
  return {
    energy: {
      house: Object.fromEntries(COLUMNS.map((name) => [name, bars.map((bar) => near(bar[name]))])),
      ...(isAnyMissing && { missing: bars.map(({ missing }) => missing) }),
      ...(period.unmeasured > 0 && { unmeasured: bars.map(({ unmeasured }) => unmeasured) }),
      sums: sumsOf(period),
      peak: {
        atMs: peak.atMs,
        watts: Math.round(peak.watts),
        circuits: peak.circuits.map(([id, watts]) => ({ id, watts: Math.round(watts) })),
      },
      baseLoad: baseLoad && { watts: near(baseLoad.watts), minutes: baseLoad.minutes },
      ...(before && {
        before: expect.objectContaining({
          house: marks.map(near),
          sums: sumsOf(before),
          compared: expect.objectContaining(
            Object.fromEntries(COLUMNS.map((name) => [name, comparedTo(compared[name])])),
          ),
        }),
      }),
    },
    consumers: {
      houseWattHours: near(period.sums.house),
      consumers: consumers.map(({ id, wattHours, before: ago, compared: both, hours: means, missing }) => ({
        id,
        wattHours: near(wattHours),
        ...(span !== 'all' && { beforeWattHours: near(ago), compared: comparedTo(both) }),
        ...(period.unmeasured > 0 && { unmeasuredMinutes: period.unmeasured }),
        hours: means.map(near),
        missingMinutes: missing,
      })),
    },
    hours: Object.fromEntries([...hours].map(([day, means]) => [day, means.map(near)])),
  }
}

const viewed = (title: string, view: View, spans: readonly (readonly [Span, string])[]) => ({ title, view, spans })
const PAGE_SPANS: readonly (readonly [Span, string])[] = [
  ['day', '2026-03-08'],
  ['day', '2026-11-01'],
  ['month', '2026-03-01'],
  ['month', '2026-11-01'],
]
const SPRING: View = { untilMs: SPRING_MS, house: AHEAD }
const SPRING_BEHIND: View = { untilMs: SPRING_MS, house: BEHIND }
const AUTUMN: View = { untilMs: AUTUMN_MS, house: AHEAD }
const SPRING_SPANS: readonly (readonly [Span, string])[] = [
  ['day', '2026-03-07'],
  ['day', '2026-03-08'],
  ['day', '2026-03-09'],
  ['month', '2026-03-01'],
  ['month', '2026-02-01'],
  ['year', '2026-01-01'],
  ['all', '2026-01-01'],
]
const AUTUMN_SPANS: readonly (readonly [Span, string])[] = [
  ...(LONG ? [['day', '2025-11-02'] as const] : []),
  ['day', '2026-10-30'],
  ['day', '2026-11-02'],
  ['month', '2026-10-01'],
  ['year', '2026-01-01'],
  ['all', '2026-01-01'],
  ...PAGE_SPANS,
]

describe.each([
  ['a VictoriaMetrics', inVictoriaMetrics, realBinary !== undefined],
  ['the embedded store', inEmbedded, true],
] as const)('energy over the samples that are exported from %s', (kind, openHome, isThere) => {
  let home: Home
  const isFirst = kind === 'a VictoriaMetrics'
  beforeAll(async () => {
    if (isThere) home = await openHome()
  })
  afterAll(async () => {
    for (const { end } of looks.values()) await end()
    looks.clear()
    await home?.close()
  })
  const lookedAt = async (view: View) => {
    const found = looks.get(view) ?? (await look(home, view))
    looks.set(view, found)
    return found
  }

  const views = [
    ...(LONG ? [viewed('in March', SPRING, SPRING_SPANS)] : []),
    ...(LONG || !isFirst ? [viewed('in March, solar behind the mains', SPRING_BEHIND, SPRING_SPANS)] : []),
    ...(LONG || isFirst ? [viewed('in November', AUTUMN, AUTUMN_SPANS)] : []),
  ]
  it.skipIf(!isThere).each(views)('$title', async ({ view, spans }) => {
    const { history, truth } = await lookedAt(view)
    for (const [span, date] of spans) {
      const query = { span, day: Date.parse(date) / DAY_MS }
      const expected = answersOf(span, truth(span, date))
      const { house, missing, unmeasured, sums, peak, baseLoad, before } = await history.energy(query, signal)
      const where = `${span} ${date}`
      expect({
        where,
        house,
        sums,
        peak,
        baseLoad,
        ...(missing && { missing }),
        ...(unmeasured && { unmeasured }),
        ...(before && { before }),
      }).toEqual({
        where,
        ...expected.energy,
      })
      const { houseWattHours, consumers } = await history.consumers(query, signal)
      expect({ where, houseWattHours, consumers }).toEqual({ where, ...expected.consumers })
      const { days } = await history.hours(query, signal)
      const found = days
        .filter(({ watts }) => watts.some((each) => each !== null))
        .map((day) => [day.date, day.watts] as const)
      // Of all days, the newest 366 are answered.
      const shown = Object.entries(expected.hours).filter(([day]) => day >= (days[0]?.date ?? ''))
      expect({ where, ...Object.fromEntries(found) }).toEqual({ where, ...Object.fromEntries(shown) })
    }
  })

  it.skipIf(!isThere || !isFirst || CHROMIUM === undefined)('as the page shows it', async () => {
    const { history, truth, nowMs } = await lookedAt(AUTUMN)
    const web = await serveHistory(history, { ...systemClock, nowMs: () => nowMs }, AUTUMN_MS)
    const browser = await openBrowser()
    try {
      const page = await openPage(browser, { timezoneId: ZONE })
      for (const [span, date] of PAGE_SPANS) {
        const real = truth(span, date)
        const shown = await readBatch(page, { url: web.url, span, date })
        const where = `${span} ${date}`
        expect({ where, figures: shown.figures }).toEqual({ where, figures: figuresOf(real) })
        expect({ where, bars: shown.bars }).toEqual({ where, bars: barsOf(real) })
        expect({ where, consumers: shown.consumers }).toEqual({
          where,
          consumers: {
            groups: consumersOf(real, (id) => GROUP_OF[id] ?? ''),
            circuits: consumersOf(real, (id) => id),
            type: consumersOf(real, () => 'Circuit'),
          },
        })
        if (span !== 'day') continue
        const cells = hourTexts(
          real.bars.map(({ label }) => label),
          real.hours.get(date) ?? [],
        )
        expect({ where, hours: shown.hours }).toEqual({
          where,
          hours: cells.map((cell) => expect.stringMatching(new RegExp(`^.*, ${cell}( of \\d+ min)?$`))),
        })
      }
    } finally {
      await browser.close()
      await web.close()
    }
  })
})
