import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { dashboards } from '../grafana/dashboards.ts'
import type { RunningServer } from '../scripts/victoria-metrics.mjs'
import {
  askPanel,
  dashboardFiles,
  importLines,
  openVariables,
  type DashboardFile,
  type Series,
} from './grafana-queries.ts'
import { realBinary, startRealStore } from './real-store.ts'
import { selfMetrics } from './self-metrics.ts'
import { loadCards, recordedMinutes, UNITS } from './two-units.ts'

/** The cards hold three full days of UTC. */
const UNTIL_S = 1_717_200_000
const DAY = { fromS: UNTIL_S - 86_400, untilS: UNTIL_S, intervalS: 600 }
/** Nothing could be copied. */
const OUTAGE = { fromS: DAY.fromS + 7200, untilS: DAY.fromS + 9000 }
const ALL = { fromS: UNTIL_S - 3 * 86_400, untilS: UNTIL_S, intervalS: 3600 }

test('the files are what the TypeScript says; else: npm run grafana', () => {
  expect(Object.fromEntries(dashboardFiles)).toEqual(JSON.parse(JSON.stringify(dashboards)))
})

test('the uids are pinned', () => {
  expect([...dashboardFiles.values()].map(({ uid }) => uid)).toEqual(
    ['circuits', 'collector', 'coverage', 'energy', 'house'].map((name) => `iotawatt-${name}`),
  )
})

const cases = [...dashboardFiles].flatMap(([file, { panels }]) => panels.map(({ title }) => [file, title] as const))

describe.skipIf(!realBinary)('the dashboards over the two cards in a VictoriaMetrics', () => {
  let server: RunningServer
  beforeAll(async () => {
    server = await startRealStore()
    await loadCards(server.url)
    const fromS = DAY.fromS - 3600
    const changes = {
      device_up: (ageS: number) => (ageS >= OUTAGE.fromS - fromS && ageS < OUTAGE.untilS - fromS ? 0 : 1),
    }
    await importLines(server.url, selfMetrics({ fromS, untilS: UNTIL_S, changes }))
  })
  afterAll(() => server.stop())

  async function answers(file: string, title: string, span = DAY, changes = {}): Promise<Map<string, Series[]>> {
    const dashboard = dashboardFiles.get(file) as DashboardFile
    const variables = { ...(await openVariables(server.url, dashboard, span)), ...changes }
    const { targets } = dashboard.panels.find((panel) => panel.title === title) ?? expect.unreachable()
    const asked = targets.map(
      async (target) => [target.legendFormat, await askPanel(server.url, target, { span, variables })] as const,
    )
    return new Map(await Promise.all(asked))
  }

  it.each(cases)('%s: %s answers with data', async (file, title) => {
    for (const [lane, series] of await answers(file, title)) {
      const numbers = series.flatMap(({ values }) => values.map(([, value]) => value))
      expect([lane, numbers.length]).not.toEqual([lane, 0])
      expect([lane, numbers.filter((value) => !Number.isFinite(value))]).toEqual([lane, []])
    }
  })

  it.each([
    ['Solar and house', 'Solar', (minute) => minute.solar],
    ['Solar and house', 'House', (minute) => minute.house],
    ['Grid', 'From the grid', (minute) => minute.fromGrid],
    ['Grid', 'To the grid', (minute) => minute.toGrid],
    ['Circuits', 'Unmetered', (minute) => minute.unmetered],
  ] as [string, string, (minute: Minute) => number | undefined][])(
    'House: %s: %s is that of the recordings, ten minutes at a time',
    async (title, lane, of) => {
      const span = { ...ALL, intervalS: 600 }
      const { values } = only((await answers('house', title, span)).get(lane))
      const expected = meansOfTenMinutes(of)
      expect(values).toEqual([...expected].map(([atS, watts]) => [atS, close(watts)]))
    },
  )

  it.each([
    [
      'ahead of the mains',
      '0',
      (mains: number, solar: number) => [mains, Math.max(0, mains - solar), Math.max(0, solar - mains)],
    ],
    [
      'behind the mains',
      '1',
      (mains: number, solar: number) => [mains + solar, Math.max(0, mains), Math.max(0, -mains)],
    ],
    ['without solar', '2', (mains: number) => [mains, Math.max(0, mains), Math.max(0, -mains)]],
  ] as const)('Energy: wiring %s: sums of minutes, each by itself', async (_, wiring, split) => {
    const changes = { wiring, ...(wiring === '2' && { solar: 'pair="none"' }) }
    const sums = [0, 0, 0]
    for (const { house: mains, solar } of recorded)
      split(mains, solar).forEach((watts, index) => (sums[index] = (sums[index] ?? 0) + watts / 60_000))
    for (const [index, title] of ['House', 'From the grid', 'To the grid'].entries()) {
      const { values } = only((await answers('energy', title, ALL, changes)).get(title))
      expect([title, values[0]?.[1]]).toEqual([title, close(sums[index] ?? NaN)])
    }
  })

  it('Energy: against the period before', async () => {
    const sumOf = (fromS: number) =>
      recorded.filter(({ atS }) => atS >= fromS && atS < fromS + 86_400).map(({ house }) => house)
    const mean = (watts: readonly number[]) => watts.reduce((sum, each) => sum + each, 0) / watts.length
    const title = 'House against the period before'
    const { values } = only((await answers('energy', title)).get('House'))
    expect(values[0]?.[1]).toEqual(close(mean(sumOf(DAY.fromS)) / mean(sumOf(DAY.fromS - 86_400)) - 1))
    expect((await answers('energy', title, ALL)).get('House')).toEqual([])
  })

  it('House and Energy show the picked device alone', async () => {
    const own = await answers('energy', 'Circuits', ALL, { device: 'iwatt5' })
    const devices = own.get('{{location}}, {{device}}')?.map(({ metric }) => metric['device'])
    expect([...new Set(devices)]).toEqual(['iwatt5'])
    // The mains are on the other one.
    expect((await answers('house', 'House', DAY, { device: 'iwatt6' })).get('House')).toEqual([])
  })

  it.each([...dashboardFiles.keys()])('%s: outages and restarts are marked', async (file) => {
    const dashboard = dashboardFiles.get(file) as DashboardFile
    const variables = await openVariables(server.url, dashboard, DAY)
    const marks = await Promise.all(
      dashboard.annotations.list.map(async ({ name, expr }) => {
        const target = { expr, legendFormat: '', interval: '60s' }
        const found = await askPanel(server.url, target, { span: { ...DAY, intervalS: 60 }, variables })
        return [name, found.map(({ values }) => values.filter(([, value]) => value > 0))] as const
      }),
    )
    const [outages = [], failures, restarts = []] = marks.map(([, found]) => found)
    expect(outages.map((marked) => [marked[0]?.[0], marked.at(-1)?.[0]])).toEqual(
      UNITS.map(() => [OUTAGE.fromS, OUTAGE.untilS - 60]),
    )
    expect(failures?.flat()).toEqual([])
    expect(new Set(restarts.flat().map(([, value]) => value))).toEqual(new Set([1_717_000_000_000]))
  })

  it('Energy: each bar is the day that begins under it', async () => {
    const lanes = await answers('energy', 'By day', ALL)
    const bars = only(lanes.get('From the grid')).values
    const sumOf = (fromS: number) =>
      recorded
        .filter(({ atS }) => atS >= fromS && atS < fromS + 86_400)
        .reduce((sum, minute) => sum + minute.fromGrid / 60_000, 0)
    const days = [0, 1, 2].map((day) => ALL.fromS + day * 86_400)
    expect(bars).toEqual(days.map((fromS) => [fromS, close(sumOf(fromS))]))
  })

  it.each([
    ['energy', 'Circuits', '{{location}}, {{device}}', 22],
    ['circuits', 'Channels', 'Energy', 28],
  ] as const)('%s: %s has the kilowatt-hours of each channel', async (file, title, lane, count) => {
    const series = (await answers(file, title, ALL)).get(lane) ?? []
    expect(series.length).toBe(count)
    for (const { metric, values } of series) {
      const location = metric['location'] ?? ''
      expect([location, values[0]?.[1]]).toEqual([location, close(recordedEnergy(location))])
    }
  })

  it('Coverage: minutes without data are those that the firmware answered with null', async () => {
    const series = (await answers('coverage', 'Minutes without data', ALL)).get('{{device}}') ?? []
    for (const unit of UNITS) {
      const [minutes] = recordedMinutes(unit).values()
      const { values } = only(series.filter(({ metric }) => metric['device'] === unit))
      const total = values.slice(1).reduce((sum, [, missing]) => sum + missing, 0)
      expect(total).toBe(3 * 1440 - (minutes?.size ?? NaN))
      expect(total).toBeGreaterThan(0)
    }
  })

  it('Daemon: samples per minute and the share of time are those of the counters', async () => {
    const samples = await answers('collector', 'Samples per minute')
    expect(samples.get('{{device}} written')?.map(({ values }) => values.at(-1)?.[1])).toEqual([close(14), close(14)])
    const busy = await answers('collector', 'Time the device spends answering')
    expect(busy.get('{{device}}')?.map(({ values }) => values.at(-1)?.[1])).toEqual([close(0.02), close(0.02)])
  })

  it('72 samples an hour, as the first version left them, are not a sixth more energy', async () => {
    const series = (labels: object, watts: number) => {
      const timestamps = Array.from({ length: 1728 }, (_, index) => firstVersionTimeMs(index))
      const metric = { __name__: 'first', source: 'iotawatt', device: 'iwatt5', ...labels }
      return JSON.stringify({ metric, timestamps, values: timestamps.map(() => watts) })
    }
    const body = [series({ location: 'Mains_1', pair: 'Mains' }, 1000), series({ location: 'Dryer' }, 500)].join('\n')
    await importLines(server.url, body)
    const changes = { metric: 'first', wiring: '2', solar: 'pair="none"' }
    expect(only((await answers('energy', 'House', DAY, changes)).get('House')).values[0]?.[1]).toBeCloseTo(24, 6)
    expect(
      only((await answers('energy', 'Circuits', DAY, changes)).get('{{location}}, {{device}}')).values[0]?.[1],
    ).toBeCloseTo(12, 6)
  })
})

interface Minute {
  readonly atS: number
  readonly solar: number
  readonly house: number
  readonly fromGrid: number
  readonly toGrid: number
  /** Undefined where the minute is missing for a device. */
  readonly unmetered: number | undefined
}

const recordings = new Map(UNITS.map((unit) => [unit, recordedMinutes(unit)]))
const recorded = equationOfMinutes()

/** The mission's equation, from the recordings alone. */
function equationOfMinutes(): Minute[] {
  const at = (location: string, atMs: number) =>
    recordings.get('iwatt5')?.get(location)?.get(atMs) ?? recordings.get('iwatt6')?.get(location)?.get(atMs)
  const locations = [...recordings.values()].flatMap((series) => [...series.keys()])
  const circuits = locations.filter((name) => !/^(Mains|Solar)/.test(name))
  const times = [...(recordings.get('iwatt5')?.get('Mains_1')?.keys() ?? [])].sort((a, b) => a - b)
  return times.map((atMs) => {
    const sum = (names: readonly string[]) => names.reduce((total, name) => total + (at(name, atMs) ?? 0), 0)
    const house = sum(['Mains_1', 'Mains_2'])
    const solar = Math.max(0, sum(['SolarA_1', 'SolarA_2', 'SolarB_1', 'SolarB_2']))
    return {
      atS: atMs / 1000,
      solar,
      house,
      fromGrid: Math.max(0, house - solar),
      toGrid: Math.max(0, solar - house),
      unmetered: at('Fridge', atMs) === undefined ? undefined : house - sum(circuits),
    }
  })
}

/** By the end of each ten minutes; none where no minute is known. */
function meansOfTenMinutes(of: (minute: Minute) => number | undefined): Map<number, number> {
  const byEnd = new Map<number, number[]>()
  for (const minute of recorded) {
    const watts = of(minute)
    const endS = (Math.floor(minute.atS / 600) + 1) * 600
    if (watts !== undefined) byEnd.set(endS, [...(byEnd.get(endS) ?? []), watts])
  }
  return new Map([...byEnd].map(([endS, all]) => [endS, all.reduce((sum, watts) => sum + watts, 0) / all.length]))
}

function recordedEnergy(location: string): number {
  const [minutes] = [...recordings.values()].flatMap((series) => series.get(location) ?? [])
  return [...(minutes?.values() ?? [])].reduce((sum, watts) => sum + watts / 60_000, 0)
}

/** Runs every five minutes that went on 5 s after the last sample: …34:00, 34:05, 35:00. */
function firstVersionTimeMs(index: number): number {
  const cycle = Math.floor(index / 6)
  const within = index % 6
  return (DAY.fromS + cycle * 300 + (within === 0 ? 0 : within === 1 ? 5 : (within - 1) * 60)) * 1000
}

function only(series: readonly Series[] | undefined): Series {
  expect(series?.length).toBe(1)
  return series?.[0] ?? expect.unreachable()
}

const close = (value: number): unknown => expect.closeTo(value, 6)
