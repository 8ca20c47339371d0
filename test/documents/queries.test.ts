import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import type { RunningServer } from '../../scripts/victoria-metrics.mjs'
import { DEFAULT_LABEL_RULES } from '../../src/labels/default-rules.ts'
import { labelsFor } from '../../src/labels/labels-for.ts'
import type { Labels } from '../../src/model/series.ts'
import { DAY_MS, MINUTE_MS } from '../../src/model/time-window.ts'
import { realBinary, startRealStore } from '../real-store.ts'
import { importSamples } from '../generated-power.ts'
import { recordedMinutes, UNITS } from '../two-units.ts'

/** Of the last of the three days that the cards hold. */
const UNTIL_MS = Date.UTC(2024, 5, 1)
const FROM_MS = UNTIL_MS - DAY_MS

const document = readFileSync(new URL('../../docs/queries.md', import.meta.url), 'utf8')
const recipes = [...document.matchAll(/^### \d+\. (.+)\n(?:(?!^#)[^])*?```promql\n([^`]+)```/gm)].map(
  ([, title = '', query = '']) => [title, query] as const,
)

interface Channel {
  readonly labels: Labels
  readonly minutes: ReadonlyMap<number, number>
}

/** What the firmware answered, by its own clock; nothing of the program has a part in it. */
const channels: readonly Channel[] = UNITS.flatMap((device) =>
  [...recordedMinutes(device)].map(([location, minutes]) => ({
    labels: labelsFor({ metric: 'power', location }, { device, rules: DEFAULT_LABEL_RULES }),
    minutes,
  })),
)
const isMains = ({ labels }: Channel) => labels['pair'] === 'Mains'
const isSolar = ({ labels }: Channel) => labels['solar'] === 'Both'
const mains = channels.filter(isMains)
const solars = channels.filter(isSolar)
const circuits = channels.filter((channel) => !isMains(channel) && !isSolar(channel))

const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0)
const wattsAt = (all: readonly Channel[], atMs: number) => sum(all.flatMap(({ minutes }) => minutes.get(atMs) ?? []))
const newestOf = ({ minutes }: Channel) => minutes.get(Math.max(...minutes.keys())) ?? NaN
const newest = (all: readonly Channel[]) => sum(all.map(newestOf))
const within = ({ minutes }: Channel, fromMs = FROM_MS, untilMs = UNTIL_MS) =>
  [...minutes].flatMap(([atMs, watts]) => (atMs >= fromMs && atMs < untilMs ? [watts] : []))
const kilowattHours = (all: readonly Channel[], fromMs = FROM_MS, untilMs = UNTIL_MS) =>
  sum(all.flatMap((channel) => within(channel, fromMs, untilMs))) / 60_000

const solarNow = Math.max(0, newest(solars))
const ofHouse = minutesOfHouse()
const energyOf = (watts: (minute: HouseMinute) => number) => sum(ofHouse.map(watts)) / 60_000
const fromGrid = ({ house, solar }: HouseMinute) => Math.max(0, house - solar)
const toGrid = ({ house, solar }: HouseMinute) => Math.max(0, solar - house)

interface HouseMinute {
  readonly atMs: number
  readonly house: number
  readonly solar: number
}

/** Minutes that were measured. */
function minutesOfHouse(): readonly HouseMinute[] {
  return Array.from({ length: 1440 }, (_, index) => FROM_MS + index * MINUTE_MS).flatMap((atMs) =>
    mains.some(({ minutes }) => minutes.has(atMs))
      ? [{ atMs, house: wattsAt(mains, atMs), solar: Math.max(0, wattsAt(solars, atMs)) }]
      : [],
  )
}

/** By each recipe: a number, or one by a label. */
const expected: Readonly<Record<string, number | Readonly<Record<string, number>>>> = {
  'Load of the house': newest(mains),
  Solar: solarNow,
  'Import from the grid': Math.max(0, newest(mains) - solarNow),
  'Export to the grid': Math.max(0, solarNow - newest(mains)),
  Unmetered: newest(mains) - newest(circuits),
  'The three largest circuits': byLabel('location', circuits, (all) => newest(all), 3),
  'Both legs of a supply as one': byLabel('pair', channels, newest),
  'kWh of the last 24 hours': kilowattHours(mains),
  'kWh by local day': kilowattHours(mains),
  'kWh from the grid': energyOf(fromGrid),
  'kWh to the grid': energyOf(toGrid),
  'Self-sufficiency': 1 - energyOf(fromGrid) / energyOf(({ house }) => house),
  'Cost, with one price and a feed-in tariff': 0.32 * energyOf(fromGrid) - 0.08 * energyOf(toGrid),
  'Cost, with a dearer price from 16:00 to 21:00': energyOf(
    (minute) => fromGrid(minute) * (isDear(minute.atMs) ? 0.46 : 0.24),
  ),
  'kWh by circuit': byLabel('location', circuits, (all) => kilowattHours(all)),
  'kWh by group': byLabel('hvac', circuits, (all) => kilowattHours(all), Infinity, ''),
  'Base load': quantile(
    0.05,
    ofHouse.map(({ house }) => house),
  ),
  'Peak of a minute': Math.max(...ofHouse.map(({ house }) => house)),
  'Peak of a quarter of an hour': Math.max(...quarters()),
  'Hours for which a circuit was on':
    sum(
      channels
        .filter(({ labels }) => labels['location'] === 'Dryer')
        .map((dryer) => within(dryer).filter((watts) => watts > 100).length),
    ) / 60,
  'Compared with the day before': kilowattHours(mains) / kilowattHours(mains, FROM_MS - DAY_MS, FROM_MS),
  'Minutes without data': byLabel('device', channels, (all) =>
    Math.max(...all.map((channel) => 1440 - within(channel).length)),
  ),
}

function byLabel(
  label: string,
  all: readonly Channel[],
  of: (group: readonly Channel[]) => number,
  most = Infinity,
  without?: string,
): Record<string, number> {
  const nameOf = ({ labels }: Channel) => labels[label] ?? without
  const names = [...new Set(all.flatMap((channel) => nameOf(channel) ?? []))]
  const values = names.map((name) => [name, of(all.filter((channel) => nameOf(channel) === name))] as const)
  return Object.fromEntries(values.toSorted(([, a], [, b]) => b - a).slice(0, most))
}

/** Between the two values beside it, as Prometheus and VictoriaMetrics do. */
function quantile(share: number, values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const place = share * (sorted.length - 1)
  const [below = NaN, above = below] = sorted.slice(Math.floor(place))
  return below + (above - below) * (place % 1)
}

/** Each leg's mean of what was measured of it. */
function quarters(): number[] {
  return Array.from({ length: 96 }, (_, index) => {
    const fromMs = FROM_MS + index * 15 * MINUTE_MS
    const legs = mains.map((leg) => within(leg, fromMs, fromMs + 15 * MINUTE_MS))
    return sum(legs.map((watts) => sum(watts) / Math.max(1, watts.length)))
  })
}

/** In New York, four hours behind in May. */
function isDear(atMs: number): boolean {
  const hour = new Date(atMs - 4 * 60 * MINUTE_MS).getUTCHours()
  return hour >= 16 && hour < 21
}

const isSome = (figure: number) => figure > 0.1

test('the recipes are found, and each has a figure', () => {
  expect(recipes.length).toBeGreaterThanOrEqual(20)
  expect(recipes.map(([title]) => title)).toEqual(Object.keys(expected))
  expect([energyOf(fromGrid), energyOf(toGrid)]).toEqual([expect.toSatisfy(isSome), expect.toSatisfy(isSome)])
})

describe.skipIf(!realBinary)('over what two devices measured, in a VictoriaMetrics', () => {
  let server: RunningServer
  beforeAll(async () => {
    server = await startRealStore()
    await importSamples(
      server.url,
      channels.map(({ labels, minutes }) => ({
        labels,
        timestampsMs: [...minutes.keys()],
        values: [...minutes.values()],
      })),
    )
  })
  afterAll(() => server.stop())

  async function ask(path: string, parameters: Record<string, string>) {
    const answer = await fetch(`${server.url}/api/v1/${path}?${new URLSearchParams({ ...parameters, nocache: '1' })}`)
    const { data, error } = (await answer.json()) as { data: { result: Result[] }; error?: string }
    expect(error).toBeUndefined()
    return data.result
  }

  it.each(recipes)('%s', async (title, query) => {
    const result = await ask('query', { query, time: String(UNTIL_MS / 1000) })
    const figure = expected[title] ?? expect.unreachable()
    if (typeof figure === 'number') {
      expect(result.map(({ value }) => Number(value?.[1]))).toEqual([expect.closeTo(figure, 6)])
      return
    }
    const label =
      Object.keys(result[0]?.metric ?? {}).find((name) =>
        Object.keys(figure).includes(result[0]?.metric[name] ?? ''),
      ) ?? 'hvac'
    const found = Object.fromEntries(result.map(({ metric, value }) => [metric[label] ?? '', Number(value?.[1])]))
    const close = Object.entries(figure).map(([name, value]) => [name, expect.closeTo(value, 6)])
    expect(found).toEqual(Object.fromEntries(close))
  })

  it('by local day, as the document asks for it', async () => {
    const [, query = ''] = recipes.find(([title]) => title === 'kWh by local day') ?? []
    const [, start = '', end = ''] = /-d start=(\S+) -d end=(\S+) -d step=1d/.exec(document) ?? []
    const [result] = await ask('query_range', { query, start, end, step: '1d' })
    const days = [start, end].map((time) => Date.parse(time))
    expect(result?.values).toEqual(
      days.map((endMs) => [
        endMs / 1000,
        expect.toSatisfy((text) => Math.abs(Number(text) - kilowattHours(mains, endMs - DAY_MS, endMs)) < 1e-6),
      ]),
    )
  })
})

interface Result {
  readonly metric: Readonly<Record<string, string>>
  readonly value?: readonly [number, string]
  readonly values?: readonly (readonly [number, string])[]
}
