import { at } from '../model/at.ts'
import type { Consumers, Energy, EnergySums, EnergyTable, Span, SpanQuery } from '../model/house-views.ts'
import { minuteCount, type TimeWindow } from '../model/time-window.ts'
import {
  bucketsBetween,
  bucketsByClock,
  houseRecord,
  houseWattHours,
  oneBucket,
  sumBuckets,
  sumOfAll,
  toMeans,
  toWattHours,
  type BucketSums,
  type Sums,
} from './bucket-sums.ts'
import { barEdges, chooseSpan, describeSpan, hourEdges, type ChosenSpan } from './calendar.ts'
import { clockNames, compareSpans, type Compare } from './compare-spans.ts'
import {
  columnsOf,
  coverBuckets,
  coveredChannel,
  coveredColumn,
  coveredDevice,
  coveredTogether,
  coverWindow,
  type Covered,
} from './cover-days.ts'
import type { DaySums } from './day-sums.ts'
import { findBaseLoad, findPeak } from './find-highlights.ts'
import type { HouseBase } from './house-base.ts'

export async function showEnergy(base: HouseBase, query: SpanQuery): Promise<Energy> {
  const { channels: _, ...view } = await tabulateEnergy(base, query, [])
  return view
}

export async function tabulateEnergy(
  base: HouseBase,
  query: SpanQuery,
  places = base.days.plan().shown,
): Promise<EnergyTable> {
  const chosen = chooseSpan(base, query)
  const { span, here, soFar } = chosen
  const { channels, circuits } = base.days.plan()
  const edges = barEdges(base.zone, span, here)
  const days = await base.days.sums(soFar)
  const buckets = bucketsBetween(edges)
  const sums = sumBuckets(days, buckets, circuits)
  const cover = coverBars(base, days, edges)
  const missing = cover.map((bar) => bar.missing + bar.notLoaded)
  const unmeasured = unmeasuredBars(base, days, edges)
  const before = await sumBefore(base, chosen, { edges, days })
  const [peak, baseLoad] = [await findPeak(base, days, soFar), findBaseLoad(base, days, soFar)]
  const isSoFar = soFar.untilMs < here.untilMs
  return {
    ...describeSpan(chosen),
    isSoFar,
    ...(isSoFar && { soFarUntilMs: soFar.untilMs }),
    startsMs: edges.slice(0, -1),
    house: houseRecord((name) => toWattHours(sums.house[name])),
    circuits: sumOfAll(sums),
    ...(isAny(missing) && { missing }),
    ...(isAny(unmeasured) && { unmeasured }),
    knownMinutes: knownMinutes(base, sums),
    sums: sumAll(base, days, { span, window: soFar, cover, edges }),
    ...(peak && { peak }),
    ...(baseLoad && { baseLoad }),
    ...(before && { before }),
    channels: Object.fromEntries(
      sumBuckets(days, buckets, places).channels.map((own, index) => [
        at(channels, at(places, index)).id,
        toWattHours(own),
      ]),
    ),
  }
}

function isAny(counts: readonly number[] | Float64Array): boolean {
  return counts.some((count) => count > 0)
}

interface BarCover {
  readonly missing: number
  readonly notLoaded: number
  readonly unmeasured: number
}

/** Of all devices together; where not all are expected yet, of the one of which most is missing. */
function coverBars(base: HouseBase, days: readonly DaySums[], edges: readonly number[]): BarCover[] {
  return worstOf([coveredTogether(base), ...coveredDevices(base)], days, edges)
}

/** Minutes in which a device was off that a bar is made of: of house, solar and grid, or of any circuit where they are not known. */
function unmeasuredBars(base: HouseBase, days: readonly DaySums[], edges: readonly number[]): number[] {
  const columns = columnsOf(base).filter((name) => name !== 'unmetered')
  const covered = columns.map((name) => coveredColumn(base, name))
  const all = columns.includes('house') ? covered : [...covered, ...coveredDevices(base)]
  return worstOf(all, days, edges).map(({ unmeasured }) => unmeasured)
}

function coveredDevices(base: HouseBase): Covered[] {
  return base.devices.map((facts) => coveredDevice(base, facts))
}

/** Of each bar, the most minutes that one of these does not have. */
function worstOf(covered: readonly Covered[], days: readonly DaySums[], edges: readonly number[]): BarCover[] {
  const all = covered.map((each) => coverBuckets(days, edges, each))
  return edges.slice(0, -1).map((_, bar) => {
    const most = (name: keyof BarCover) => Math.max(0, ...all.map((counts) => at(counts, bar)[name]))
    return { missing: most('missing'), notLoaded: most('notLoaded'), unmeasured: most('unmeasured') }
  })
}

interface SumOptions {
  readonly span: Span
  readonly window: TimeWindow
  readonly cover: readonly BarCover[]
  readonly edges: readonly number[]
}

function sumAll(base: HouseBase, days: readonly DaySums[], { span, window, cover, edges }: SumOptions): EnergySums {
  const sums = sumBuckets(days, oneBucket(window), base.days.plan().circuits)
  const counts = houseRecord((name) => coverWindow(days, window, coveredColumn(base, name)))
  const lackingMinutes = houseRecord((name) => counts[name].missing + counts[name].notLoaded)
  const unmeasuredMinutes = houseRecord((name) => counts[name].unmeasured)
  const missingMinutes = cover.reduce((sum, bar) => sum + bar.missing, 0)
  const lastOpen = cover.findLastIndex((bar) => bar.notLoaded > 0)
  // All years are all that there is.
  const starts = span === 'all' ? [] : startsWithin(base, window)
  const missingCounts = [...Object.values(lackingMinutes), ...Object.values(unmeasuredMinutes), missingMinutes]
  return {
    wattHours: houseWattHours(sums),
    circuits: at(sumOfAll(sums), 0),
    missingMinutes,
    lackingMinutes,
    ...(isAny(Object.values(unmeasuredMinutes)) && { unmeasuredMinutes }),
    ...(starts.length > 0 && { knownFromMs: Math.min(...starts) }),
    isWhole: !isAny(missingCounts) && lastOpen < 0 && starts.length === 0,
    ...(lastOpen >= 0 && { wholeFromMs: at(edges, lastOpen + 1) }),
  }
}

/** Where figures begin that begin within a window. */
function startsWithin(base: HouseBase, { fromMs, untilMs }: TimeWindow): number[] {
  const columns = columnsOf(base).map((name) => coveredColumn(base, name))
  const covered = columns.length > 0 ? columns : coveredDevices(base)
  return covered.map(({ expected }) => Math.min(expected.fromMs, untilMs)).filter((startMs) => startMs > fromMs)
}

async function sumBefore(
  base: HouseBase,
  { before, ...chosen }: ChosenSpan,
  here: { readonly edges: readonly number[]; readonly days: readonly DaySums[] },
): Promise<Energy['before']> {
  if (!before) return undefined
  const { span } = chosen
  const { complete, soFar } = before
  const { circuits } = base.days.plan()
  const days = await base.days.sums(complete)
  const edges = barEdges(base.zone, span, complete)
  const bars = sumBuckets(days, bucketsBetween(edges), circuits)
  if (![...Object.values(bars.house), ...bars.channels].some(({ minutes }) => isAny(minutes))) return undefined
  const house = toWattHours(bars.house.house)
  const together = sumOfAll(bars)
  const known = knownMinutes(base, bars)
  const cut = soFar.untilMs < complete.untilMs ? await base.days.sums(soFar) : days
  const cutEdges = [...edges.filter((edge) => edge < soFar.untilMs), soFar.untilMs]
  const like = likeBars(base, span, { edgesHere: here.edges, edges })
  const missing = like.map((bar) => missingOfBar(edges, bar, known[bar]))
  const compare = compareSpans(base, { ...chosen, before }, { here: here.days, before: cut })
  return {
    ...soFar,
    house: like.map((bar) => house[bar] ?? null),
    circuits: like.map((bar) => together[bar] ?? null),
    ...(isAny(missing) && { lacking: missing }),
    sums: sumAll(base, cut, { span, window: soFar, cover: coverBars(base, cut, cutEdges), edges: cutEdges }),
    compared: compareHouse(compare),
  }
}

/** Of the house; where it has no mains, of its circuits. */
function knownMinutes({ days }: HouseBase, sums: BucketSums): number[] {
  return days.plan().mains.length > 0 ? [...sums.house.house.minutes] : fewestMinutes(sums)
}

/** Of each bucket as many as the circuit has that has fewest, of those that exist. */
function fewestMinutes({ channels, house }: BucketSums): number[] {
  const known = channels.filter(({ minutes }) => isAny(minutes))
  return Array.from(house.house.minutes, (_, bucket) =>
    known.length === 0 ? 0 : Math.min(...known.map(({ minutes }) => at(minutes, bucket))),
  )
}

function missingOfBar(edges: readonly number[], bar: number, known = 0): number {
  const [fromMs, untilMs] = [edges[bar], edges[bar + 1]]
  if (fromMs === undefined || untilMs === undefined) return 0
  return Math.max(0, minuteCount({ fromMs, untilMs }) - known)
}

/** The bar before of each bar, -1 where there is none: that of its number, but of hours that of the same time of the clock. */
function likeBars(
  { zone }: HouseBase,
  span: Span,
  { edgesHere, edges }: { edgesHere: readonly number[]; edges: readonly number[] },
): readonly number[] {
  if (span !== 'day') return edgesHere.slice(0, -1).map((_, bar) => bar)
  const namesBefore = clockNames(zone, edges)
  return clockNames(zone, edgesHere).map((name) => namesBefore.indexOf(name))
}

function compareHouse(compare: Compare) {
  return {
    ...houseRecord((name) => compare(({ house }) => house[name])),
    circuits: compare((sums) => ({
      wattHours: sumOfAll(sums).map((value) => value ?? 0),
      minutes: fewestMinutes(sums),
    })),
  }
}

export async function showConsumers(base: HouseBase, query: SpanQuery): Promise<Consumers> {
  const chosen = chooseSpan(base, query)
  const { soFar } = chosen
  const { channels, circuits } = base.days.plan()
  const days = await base.days.sums(soFar)
  const sums = sumBuckets(days, oneBucket(soFar), circuits)
  const clock = sumBuckets(days, bucketsByClock(base.zone, soFar), circuits)
  const before = await consumedBefore(base, chosen, days)
  const consumer = (id: string, covered: Covered, figureOf: (sums: BucketSums) => Sums) => {
    const { missing, unmeasured } = coverWindow(days, soFar, covered)
    return {
      id,
      wattHours: at(toWattHours(figureOf(sums)), 0),
      ...(before && { beforeWattHours: at(toWattHours(figureOf(before.sums)), 0) }),
      hours: toMeans(figureOf(clock)),
      ...(before && { compared: before.compare(figureOf) }),
      missingMinutes: missing,
      ...(unmeasured > 0 && { unmeasuredMinutes: unmeasured }),
    }
  }
  const ofCircuits = circuits.map((place, index) =>
    consumer(at(channels, place).id, coveredChannel(base, place), (own) => at(own.channels, index)),
  )
  const unmetered = consumer('unmetered', coveredColumn(base, 'unmetered'), ({ house }) => house.unmetered)
  return {
    ...describeSpan(chosen),
    houseWattHours: at(toWattHours(sums.house.house), 0),
    consumers: [...ofCircuits, unmetered],
    ...(addUpToMore(base, days, soFar) && {
      note: 'circuits add up to more than the house: is a channel counted twice?',
    }),
  }
}

async function consumedBefore(base: HouseBase, { before, ...chosen }: ChosenSpan, here: readonly DaySums[]) {
  if (!before) return undefined
  const days = await base.days.sums(before.soFar)
  return {
    sums: sumBuckets(days, oneBucket(before.soFar), base.days.plan().circuits),
    compare: compareSpans(base, { ...chosen, before }, { here, before: days }),
  }
}

/** Where circuits come to more than the house by this share, for an hour. */
const TOO_MUCH = 0.05

function addUpToMore({ zone }: HouseBase, days: readonly DaySums[], window: TimeWindow): boolean {
  const { unmetered, house } = sumBuckets(days, bucketsBetween(hourEdges(zone, window)), []).house
  return unmetered.wattHours.some(
    (sum, hour) => at(unmetered.minutes, hour) >= 60 && sum < -TOO_MUCH * at(house.wattHours, hour),
  )
}
