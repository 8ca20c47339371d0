import { at } from '../model/at.ts'
import type {
  Compared,
  Consumers,
  EnergySums,
  EnergyTable,
  Energy,
  HouseColumn,
  Hours,
  Span,
  SpanQuery,
  Values,
} from '../model/house-views.ts'
import { MINUTE_MS, minuteCount, type TimeWindow } from '../model/time-window.ts'
import { dayOf, dayStartMs, formatDay } from '../model/time-zone.ts'
import {
  bucketsBetween,
  bucketsByClock,
  fine,
  houseNumbers,
  houseRecord,
  sumBuckets,
  sumOfAll,
  toMeans,
  toWattHours,
  type BucketSums,
} from './bucket-sums.ts'
import {
  barEdges,
  dayNumber,
  hourEdges,
  momentBefore,
  ofDays,
  spanBefore,
  spanOf,
  wallHours,
  type CalendarSpan,
} from './calendar.ts'
import { clockNames, compare, partsOf, type PartSums } from './compare-spans.ts'
import { coverBuckets } from './cover-days.ts'
import { columnsOf, coveredChannel, coveredColumn, coveredDevice, coveredTogether, type Covered } from './covered.ts'
import type { DaySums } from './day-sums.ts'
import { newestMs, placeById, today, type HouseBase } from './house-base.ts'

interface ChosenSpan {
  readonly span: Span
  readonly here: CalendarSpan
  /** The end of what is counted. */
  readonly soFarMs: number
  readonly before?: { readonly complete: CalendarSpan; readonly soFar: TimeWindow }
}

function chooseSpan(base: HouseBase, { span, day = today(base) }: SpanQuery): ChosenSpan {
  const { zone } = base
  const here = span === 'all' ? allYears(base) : spanOf(zone, span, day)
  const newest = newestMs(base) ?? base.clock.nowMs()
  const soFarMs = Math.max(here.fromMs, Math.min(here.untilMs, newest))
  if (span === 'all') return { span, here, soFarMs }
  const complete = spanBefore(zone, span, here)
  const untilMs =
    soFarMs < here.untilMs ? momentBefore(zone, { span, here, before: complete }, soFarMs) : complete.untilMs
  return { span, here, soFarMs, before: { complete, soFar: { fromMs: complete.fromMs, untilMs } } }
}

function allYears(base: HouseBase): CalendarSpan {
  const yearOf = (day: number) => new Date(formatDay(day)).getUTCFullYear()
  const last = yearOf(today(base))
  const firstMs = base.days.firstMs()
  const first = firstMs === undefined ? last : yearOf(dayOf(base.zone, firstMs))
  return ofDays(base.zone, dayNumber(first, 0, 1), dayNumber(last + 1, 0, 1))
}

export async function showEnergy(base: HouseBase, query: SpanQuery): Promise<Energy> {
  const { channels: _, ...view } = await tabulateEnergy(base, query, [])
  return view
}

export async function tabulateEnergy(
  base: HouseBase,
  query: SpanQuery,
  places?: readonly number[],
): Promise<EnergyTable> {
  const chosen = chooseSpan(base, query)
  const { span, here, soFarMs } = chosen
  const { channels, circuits, shown: all } = base.days.plan()
  const shown = places ?? all
  const edges = barEdges(base.zone, span, here)
  const window = { fromMs: here.fromMs, untilMs: soFarMs }
  const days = await base.days.sums(window)
  const sums = sumBuckets(days, bucketsBetween(edges), shown)
  const cover = coverBars(base, days, edges)
  const missing = cover.map((bar) => bar.missing + bar.notLoaded)
  const unmeasured = unmeasuredBars(base, days, edges)
  const before = await sumBefore(base, chosen, { edges, days })
  return {
    ...head(chosen),
    isSoFar: soFarMs < here.untilMs,
    ...(soFarMs < here.untilMs && { soFarUntilMs: soFarMs }),
    startsMs: edges.slice(0, -1),
    house: houseRecord((name) => toWattHours(sums.house[name], sums.houseMinutes[name])),
    circuits: allTogether(sumBuckets(days, bucketsBetween(edges), circuits)),
    ...(isAny(missing) && { missing }),
    ...(isAny(unmeasured) && { unmeasured }),
    sums: sumAll(base, days, { span, window, cover, edges }),
    ...(before && { before }),
    channels: Object.fromEntries(shown.map((place, index) => [at(channels, place).id, hoursOf(sums, index)])),
  }
}

const isAny = (counts: readonly number[]) => counts.some((count) => count > 0)

function head({ span, here }: ChosenSpan) {
  return { span, date: formatDay(here.firstDay), fromMs: here.fromMs, untilMs: here.untilMs }
}

function hoursOf(sums: BucketSums, index: number): Values {
  return toWattHours(at(sums.wattHours, index), at(sums.minutes, index))
}

function allTogether({ wattHours, minutes, house }: BucketSums): Values {
  return sumOfAll(wattHours, minutes, house.house.length)
}

interface BarCover {
  readonly missing: number
  readonly notLoaded: number
}

/** Of all devices together; where not all are expected yet, of the one of which most is missing. */
function coverBars(base: HouseBase, days: readonly DaySums[], edges: readonly number[]): BarCover[] {
  const covered = [coveredTogether(base), ...base.devices.map((facts) => coveredDevice(base, facts))]
  const all = covered.map((each) => coverBuckets(days, edges, each))
  return edges.slice(0, -1).map((_, bar) => ({
    missing: Math.max(0, ...all.map((counts) => at(counts, bar).missing)),
    notLoaded: Math.max(0, ...all.map((counts) => at(counts, bar).notLoaded)),
  }))
}

/** Minutes in which a device was off that a bar is made of: of house, solar and grid, or of any circuit where they are not known. */
function unmeasuredBars(base: HouseBase, days: readonly DaySums[], edges: readonly number[]): number[] {
  const columns = columnsOf(base).filter((name) => name !== 'unmetered')
  const hasHouse = columns.includes('house')
  const covered = [
    ...columns.map((name) => coveredColumn(base, name)),
    ...(hasHouse ? [] : base.devices.map((facts) => coveredDevice(base, facts))),
  ]
  const all = covered.map((each) => coverBuckets(days, edges, each))
  return edges.slice(0, -1).map((_, bar) => Math.max(0, ...all.map((counts) => at(counts, bar).unmeasured)))
}

interface SumOptions {
  readonly span: Span
  readonly window: TimeWindow
  readonly cover: readonly BarCover[]
  readonly edges: readonly number[]
}

function sumAll(base: HouseBase, days: readonly DaySums[], { span, window, cover, edges }: SumOptions): EnergySums {
  const complete = [window.fromMs, window.untilMs]
  const sums = sumBuckets(days, bucketsBetween(complete), base.days.plan().circuits)
  const counts = houseRecord((name) => at(coverBuckets(days, complete, coveredColumn(base, name)), 0))
  const lackingMinutes = houseRecord((name) => counts[name].missing + counts[name].notLoaded)
  const unmeasuredMinutes = houseRecord((name) => counts[name].unmeasured)
  const missingMinutes = cover.reduce((sum, bar) => sum + bar.missing, 0)
  const lastOpen = cover.findLastIndex((bar) => bar.notLoaded > 0)
  const wholeFromMs = at(edges, lastOpen + 1)
  // All years are all that there is.
  const starts = span === 'all' ? [] : startsWithin(base, window)
  const missingCounts = [...Object.values(lackingMinutes), ...Object.values(unmeasuredMinutes), missingMinutes]
  return {
    wattHours: houseNumbers(houseRecord((name) => toWattHours(sums.house[name], sums.houseMinutes[name]))),
    circuits: at(allTogether(sums), 0),
    missingMinutes,
    lackingMinutes,
    ...(isAny(Object.values(unmeasuredMinutes)) && { unmeasuredMinutes }),
    ...(starts.length > 0 && { knownFromMs: Math.min(...starts) }),
    isWhole: !isAny(missingCounts) && lastOpen < 0 && starts.length === 0,
    ...(lastOpen >= 0 && { wholeFromMs }),
  }
}

/** Where figures begin that begin within a window. */
function startsWithin(base: HouseBase, { fromMs, untilMs }: TimeWindow): number[] {
  const columns = columnsOf(base).map((name) => coveredColumn(base, name))
  const covered = columns.length > 0 ? columns : base.devices.map((facts) => coveredDevice(base, facts))
  return covered.map(({ expected }) => Math.min(expected.fromMs, untilMs)).filter((startMs) => startMs > fromMs)
}

async function sumBefore(
  base: HouseBase,
  chosen: ChosenSpan,
  here: { readonly edges: readonly number[]; readonly days: readonly DaySums[] },
): Promise<Energy['before']> {
  const { span, before } = chosen
  if (!before) return undefined
  const { complete, soFar } = before
  const { circuits } = base.days.plan()
  const days = await base.days.sums(complete)
  const edges = barEdges(base.zone, span, complete)
  const bars = sumBuckets(days, bucketsBetween(edges), circuits)
  const known = [...Object.values(bars.houseMinutes), ...bars.minutes]
  if (!known.some((column) => column.some((minutes) => minutes > 0))) return undefined
  const house = toWattHours(bars.house.house, bars.houseMinutes.house)
  const together = allTogether(bars)
  const cut = soFar.untilMs < complete.untilMs ? await base.days.sums(soFar) : days
  const cutEdges = [...edges.filter((edge) => edge < soFar.untilMs), soFar.untilMs]
  const like = likeBars(base, span, { edgesHere: here.edges, edges })
  const hasMains = base.days.plan().mains.length > 0
  const missing = like.map((bar) =>
    missingOfBar(edges, bar, hasMains ? bars.houseMinutes.house[bar] : Math.min(...existingMinutes(bars.minutes, bar))),
  )
  return {
    ...soFar,
    house: like.map((bar) => house[bar] ?? null),
    circuits: like.map((bar) => together[bar] ?? null),
    ...(isAny(missing) && { lacking: missing }),
    sums: sumAll(base, cut, { span, window: soFar, cover: coverBars(base, cut, cutEdges), edges: cutEdges }),
    compared: compareHouse(base, chosen, { here: here.days, before: cut }),
  }
}

function missingOfBar(edges: readonly number[], bar: number, known = 0): number {
  const [fromMs, untilMs] = [edges[bar], edges[bar + 1]]
  if (fromMs === undefined || untilMs === undefined) return 0
  return Math.max(0, minuteCount({ fromMs, untilMs }) - known)
}

interface BothSums {
  readonly here: readonly DaySums[]
  readonly before: readonly DaySums[]
}

/** The parts of both spans so far, with their sums. */
function partSums(
  { zone }: HouseBase,
  { span, here, soFarMs, before }: ChosenSpan,
  { places, ...days }: BothSums & { readonly places: readonly number[] },
) {
  const sideOf = (window: TimeWindow, own: readonly DaySums[]) => {
    const parts = partsOf(zone, span, window)
    return { parts, sums: sumBuckets(own, bucketsBetween(parts.edges), places) }
  }
  return {
    here: sideOf({ fromMs: here.fromMs, untilMs: soFarMs }, days.here),
    before: sideOf(before?.soFar ?? { fromMs: 0, untilMs: 0 }, days.before),
  }
}

function compareHouse(
  base: HouseBase,
  chosen: ChosenSpan,
  days: BothSums,
): Readonly<Record<HouseColumn | 'circuits', Compared | null>> {
  const { circuits } = base.days.plan()
  const sides = partSums(base, chosen, { ...days, places: circuits })
  const column = ({ parts, sums }: typeof sides.here, name: HouseColumn) => ({
    parts,
    wattHours: sums.house[name],
    minutes: sums.houseMinutes[name],
  })
  const together = ({ parts, sums }: typeof sides.here) => ({
    parts,
    wattHours: allTogether(sums).map((value) => value ?? 0),
    // As many as the one that has fewest of those that exist.
    minutes: parts.names.map((_, part) => Math.min(...existingMinutes(sums.minutes, part))),
  })
  return {
    ...houseRecord((name) => compare(column(sides.here, name), column(sides.before, name))),
    circuits: compare(together(sides.here), together(sides.before)),
  }
}

function existingMinutes(minutes: readonly Float64Array[], part: number): number[] {
  const known = minutes.filter((column) => column.some((count) => count > 0))
  return known.length === 0 ? [0] : known.map((column) => column[part] ?? 0)
}

/** The bar before of each bar, -1 where there is none: that of its number, but of hours that of the same time of the clock. */
function likeBars(
  { zone }: HouseBase,
  span: Span,
  { edgesHere, edges }: { edgesHere: readonly number[]; edges: readonly number[] },
): readonly number[] {
  const bars = edgesHere.slice(0, -1)
  if (span !== 'day') return bars.map((_, bar) => bar)
  const namesBefore = clockNames(zone, edges)
  return clockNames(zone, edgesHere).map((name) => namesBefore.indexOf(name))
}

/** Where circuits come to more than the house by this share, for an hour. */
const TOO_MUCH = 0.05

export async function showConsumers(base: HouseBase, query: SpanQuery): Promise<Consumers> {
  const chosen = chooseSpan(base, query)
  const { here, soFarMs, before } = chosen
  const { channels, circuits } = base.days.plan()
  const window = { fromMs: here.fromMs, untilMs: soFarMs }
  const days = await base.days.sums(window)
  const complete = bucketsBetween([window.fromMs, window.untilMs])
  const sums = sumBuckets(days, complete, circuits)
  const clock = sumBuckets(days, bucketsByClock(base.zone, window), circuits)
  const daysBefore = before ? await base.days.sums(before.soFar) : []
  const ago = before && sumBuckets(daysBefore, bucketsBetween([before.soFar.fromMs, before.soFar.untilMs]), circuits)
  const missingOf = (covered: Covered) => {
    const { missing, unmeasured } = at(coverBuckets(days, [window.fromMs, window.untilMs], covered), 0)
    return { missingMinutes: missing, ...(unmeasured > 0 && { unmeasuredMinutes: unmeasured }) }
  }
  const sides = before && partSums(base, chosen, { here: days, before: daysBefore, places: circuits })
  const comparedOf = (of: (sums: BucketSums) => PartSums) => {
    if (!sides) return {}
    const side = ({ parts, sums: own }: typeof sides.here) => ({ parts, ...of(own) })
    return { compared: compare(side(sides.here), side(sides.before)) }
  }
  const rows = circuits.map((place, index) => {
    return {
      id: at(channels, place).id,
      wattHours: at(hoursOf(sums, index), 0),
      ...(ago && { beforeWattHours: at(hoursOf(ago, index), 0) }),
      hours: toMeans(at(clock.wattHours, index), at(clock.minutes, index)),
      ...comparedOf((own) => ({ wattHours: at(own.wattHours, index), minutes: at(own.minutes, index) })),
      ...missingOf(coveredChannel(base, place)),
    }
  })
  const unmetered = {
    id: 'unmetered',
    wattHours: at(toWattHours(sums.house.unmetered, sums.houseMinutes.unmetered), 0),
    ...(ago && { beforeWattHours: at(toWattHours(ago.house.unmetered, ago.houseMinutes.unmetered), 0) }),
    hours: toMeans(clock.house.unmetered, clock.houseMinutes.unmetered),
    ...comparedOf((own) => ({ wattHours: own.house.unmetered, minutes: own.houseMinutes.unmetered })),
    ...missingOf(coveredColumn(base, 'unmetered')),
  }
  return {
    ...head(chosen),
    houseWattHours: at(toWattHours(sums.house.house, sums.houseMinutes.house), 0),
    consumers: [...rows, unmetered],
    ...(addUpToMore(base, days, window) && {
      note: 'circuits add up to more than the house: is a channel counted twice?',
    }),
  }
}

function addUpToMore({ zone }: HouseBase, days: readonly DaySums[], window: TimeWindow): boolean {
  const { house, houseMinutes } = sumBuckets(days, bucketsBetween(hourEdges(zone, window)), [])
  return house.unmetered.some(
    (sum, hour) => at(houseMinutes.unmetered, hour) >= 60 && sum < -TOO_MUCH * at(house.house, hour),
  )
}

const MAX_DAYS = 366

export async function showHours(
  base: HouseBase,
  { channel, ...query }: SpanQuery & { channel?: string },
): Promise<Hours> {
  const chosen = chooseSpan(base, query)
  const { here, soFarMs } = chosen
  const { mains, circuits } = base.days.plan()
  const isOfCircuits = channel === undefined && mains.length === 0
  const places = isOfCircuits ? circuits : channel === undefined ? [] : [placeById(base, channel)]
  const lastDay = Math.min(here.endDay - 1, dayOf(base.zone, Math.max(here.fromMs, soFarMs - MINUTE_MS)))
  const firstDay = Math.max(here.firstDay, lastDay + 1 - MAX_DAYS)
  const shown = { fromMs: dayStartMs(base.zone, firstDay), untilMs: dayStartMs(base.zone, lastDay + 1) }
  const edges = hourEdges(base.zone, shown)
  const sums = sumBuckets(
    await base.days.sums({ ...shown, untilMs: Math.max(shown.fromMs, soFarMs) }),
    bucketsBetween(edges),
    places,
  )
  const { watts, minutes } = hourMeans(sums, channel === undefined && !isOfCircuits)
  const days = Array.from({ length: lastDay - firstDay + 1 }, (_, index) => {
    const [fromMs, untilMs] = [dayStartMs(base.zone, firstDay + index), dayStartMs(base.zone, firstDay + index + 1)]
    const [first, end] = [edges.indexOf(fromMs), edges.indexOf(untilMs)]
    const ownEdges = edges.slice(first, end + 1)
    const hours = wallHours(base.zone, ownEdges)
    const known = minutes.slice(first, end)
    return {
      date: formatDay(firstDay + index),
      fromMs,
      watts: watts.slice(first, end),
      ...(known.some((count, hour) => isPart(count, ownEdges, hour)) && { minutes: known }),
      ...(hours && { wallHours: hours }),
    }
  })
  return { ...head(chosen), ...(isOfCircuits && { of: 'circuits' as const }), days }
}

/** Of the house, or of all channels that were summed together. */
function hourMeans({ house, houseMinutes, wattHours, minutes }: BucketSums, isOfHouse: boolean) {
  if (isOfHouse) return { watts: toMeans(house.house, houseMinutes.house), minutes: [...houseMinutes.house] }
  const means = wattHours.map((sums, index) => toMeans(sums, at(minutes, index)))
  return {
    watts: [...house.house].map((_, hour) => sumKnown(means.map((column) => at(column, hour)))),
    minutes: [...house.house].map((_, hour) => Math.max(0, ...minutes.map((column) => at(column, hour)))),
  }
}

function sumKnown(values: Values): number | null {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : fine(known.reduce((sum, value) => sum + value, 0))
}

/** Whether an hour has some of its minutes, and not all. */
function isPart(count: number, edges: readonly number[], hour: number): boolean {
  return count > 0 && count < (at(edges, hour + 1) - at(edges, hour)) / MINUTE_MS
}
