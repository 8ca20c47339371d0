import type {
  ConsumersView,
  EnergySums,
  EnergyTable,
  EnergyView,
  HoursView,
  Span,
  SpanQuery,
  Values,
} from '../../model/history.ts'
import { DAY_MS, MINUTE_MS, type TimeWindow } from '../../model/time-window.ts'
import { dayOf, dayStartMs, formatDay, type TimeZone } from '../../model/time-zone.ts'
import {
  bucketsBetween,
  bucketsByClock,
  houseNumbers,
  houseRecord,
  sumBuckets,
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
import { coverBuckets } from './cover-days.ts'
import { coveredChannel, coveredColumn, coveredDevice, coveredTogether, type Covered } from './covered.ts'
import type { DaySums } from './day-sums.ts'
import { newestMs, placeById, today, type HistoryBase } from './history-base.ts'

interface ChosenSpan {
  readonly span: Span
  readonly here: CalendarSpan
  /** The end of what is counted. */
  readonly soFarMs: number
  readonly before?: { readonly whole: CalendarSpan; readonly soFar: TimeWindow }
}

function chooseSpan(base: HistoryBase, { span, day = today(base) }: SpanQuery): ChosenSpan {
  const { zone } = base
  const here = span === 'all' ? allYears(base) : spanOf(zone, span, day)
  const newest = newestMs(base) ?? base.clock.nowMs()
  const soFarMs = Math.max(here.fromMs, Math.min(here.untilMs, newest))
  if (span === 'all') return { span, here, soFarMs }
  const whole = spanBefore(zone, span, here)
  const untilMs = soFarMs < here.untilMs ? momentBefore(zone, { span, here, before: whole }, soFarMs) : whole.untilMs
  return { span, here, soFarMs, before: { whole, soFar: { fromMs: whole.fromMs, untilMs } } }
}

function allYears(base: HistoryBase): CalendarSpan {
  const yearOf = (day: number) => new Date(formatDay(day)).getUTCFullYear()
  const last = yearOf(today(base))
  const firstMs = base.days.firstMs()
  const first = firstMs === undefined ? last : yearOf(dayOf(base.zone, firstMs))
  return ofDays(base.zone, dayNumber(first, 0, 1), dayNumber(last + 1, 0, 1))
}

export async function showEnergy(base: HistoryBase, query: SpanQuery): Promise<EnergyView> {
  const { channels: _, ...view } = await tabulateEnergy(base, query, [])
  return view
}

export async function tabulateEnergy(
  base: HistoryBase,
  query: SpanQuery,
  places?: readonly number[],
): Promise<EnergyTable> {
  const chosen = chooseSpan(base, query)
  const { span, here, soFarMs } = chosen
  const { channels } = base.days.plan()
  const shown = places ?? channels.map((_, place) => place)
  const edges = barEdges(base.zone, span, here)
  const days = await base.days.sums({ fromMs: here.fromMs, untilMs: soFarMs })
  const sums = sumBuckets(days, bucketsBetween(edges), shown)
  const cover = coverBars(base, days, edges)
  const missing = cover.map((bar) => bar.missing + bar.notLoaded)
  const before = await sumBefore(base, chosen, edges)
  return {
    ...head(chosen),
    isSoFar: soFarMs < here.untilMs,
    ...(soFarMs < here.untilMs && { soFarUntilMs: soFarMs }),
    startsMs: edges.slice(0, -1),
    house: houseRecord((name) => toWattHours(sums.house[name], sums.houseMinutes[name])),
    ...(missing.some((count) => count > 0) && { missing }),
    sums: sumAll(base, days, { window: { fromMs: here.fromMs, untilMs: soFarMs }, cover, edges }),
    ...(before && { before }),
    channels: Object.fromEntries(shown.map((place, index) => [channels[place]?.id ?? '', hoursOf(sums, index)])),
  }
}

function head({ span, here }: ChosenSpan) {
  return { span, date: formatDay(here.firstDay), fromMs: here.fromMs, untilMs: here.untilMs }
}

function hoursOf(sums: BucketSums, index: number): Values {
  return toWattHours(sums.wattHours[index] ?? new Float64Array(), sums.minutes[index] ?? new Float64Array())
}

interface BarCover {
  readonly missing: number
  readonly notLoaded: number
}

/** Of all devices together; where not all are wanted yet, of the one that lacks most. */
function coverBars(base: HistoryBase, days: readonly DaySums[], edges: readonly number[]): BarCover[] {
  const covered = [coveredTogether(base), ...base.devices.map((facts) => coveredDevice(base, facts))]
  const all = covered.map((each) => coverBuckets(days, edges, each))
  return edges.slice(0, -1).map((_, bar) => ({
    missing: Math.max(0, ...all.map((counts) => counts[bar]?.missing ?? 0)),
    notLoaded: Math.max(0, ...all.map((counts) => counts[bar]?.notLoaded ?? 0)),
  }))
}

function sumAll(
  base: HistoryBase,
  days: readonly DaySums[],
  { window, cover, edges }: { window: TimeWindow; cover: readonly BarCover[]; edges: readonly number[] },
): EnergySums {
  const whole = [window.fromMs, window.untilMs]
  const sums = sumBuckets(days, bucketsBetween(whole), [])
  const lackingMinutes = houseRecord((name) => {
    const [count] = coverBuckets(days, whole, coveredColumn(base, name))
    return (count?.missing ?? 0) + (count?.notLoaded ?? 0)
  })
  const missingMinutes = cover.reduce((sum, bar) => sum + bar.missing, 0)
  const lastOpen = cover.findLastIndex((bar) => bar.notLoaded > 0)
  const wholeFromMs = edges[lastOpen + 1]
  return {
    wattHours: houseNumbers(houseRecord((name) => toWattHours(sums.house[name], sums.houseMinutes[name]))),
    missingMinutes,
    lackingMinutes,
    isWhole: missingMinutes === 0 && lastOpen < 0 && Object.values(lackingMinutes).every((count) => count === 0),
    ...(lastOpen >= 0 && wholeFromMs !== undefined && { wholeFromMs }),
  }
}

async function sumBefore(
  base: HistoryBase,
  { span, before }: ChosenSpan,
  edgesHere: readonly number[],
): Promise<EnergyView['before']> {
  if (!before) return undefined
  const { whole, soFar } = before
  const days = await base.days.sums(whole)
  const edges = barEdges(base.zone, span, whole)
  const bars = sumBuckets(days, bucketsBetween(edges), [])
  if (!Object.values(bars.houseMinutes).some((column) => column.some((minutes) => minutes > 0))) return undefined
  const house = toWattHours(bars.house.house, bars.houseMinutes.house)
  const cut = soFar.untilMs < whole.untilMs ? await base.days.sums(soFar) : days
  const cutEdges = [...edges.filter((edge) => edge < soFar.untilMs), soFar.untilMs]
  return {
    ...soFar,
    house: likeBars(base, span, { edgesHere, edges }).map((bar) => house[bar] ?? null),
    sums: sumAll(base, cut, { window: soFar, cover: coverBars(base, cut, cutEdges), edges: cutEdges }),
  }
}

/** The bar before of each bar, -1 where there is none: that of its number, but of hours that of the same time of the clock. */
function likeBars(
  { zone }: HistoryBase,
  span: Span,
  { edgesHere, edges }: { edgesHere: readonly number[]; edges: readonly number[] },
): readonly number[] {
  const bars = edgesHere.slice(0, -1)
  if (span !== 'day') return bars.map((_, bar) => bar)
  const namesBefore = clockNames(zone, edges)
  return clockNames(zone, edgesHere).map((name) => namesBefore.indexOf(name))
}

/** What the clock shows at the start of each hour, and whether for the second time. */
function clockNames(zone: TimeZone, edges: readonly number[]): readonly string[] {
  const times = edges.slice(0, -1).map((atMs) => zone.localMs(atMs) % DAY_MS)
  return times.map((time, index) => `${time} ${times.indexOf(time) === index}`)
}

/** Where circuits come to more than the house by this share, for an hour. */
const TOO_MUCH = 0.05

export async function showConsumers(base: HistoryBase, query: SpanQuery): Promise<ConsumersView> {
  const chosen = chooseSpan(base, query)
  const { here, soFarMs, before } = chosen
  const { channels, circuits } = base.days.plan()
  const window = { fromMs: here.fromMs, untilMs: soFarMs }
  const days = await base.days.sums(window)
  const whole = bucketsBetween([window.fromMs, window.untilMs])
  const sums = sumBuckets(days, whole, circuits)
  const clock = sumBuckets(days, bucketsByClock(base.zone, window), circuits)
  const daysBefore = before ? await base.days.sums(before.soFar) : []
  const ago = before && sumBuckets(daysBefore, bucketsBetween([before.soFar.fromMs, before.soFar.untilMs]), circuits)
  const missingOf = (covered: Covered) => coverBuckets(days, [window.fromMs, window.untilMs], covered)[0]?.missing ?? 0
  const rows = circuits.map((place, index) => {
    return {
      id: channels[place]?.id ?? '',
      wattHours: hoursOf(sums, index)[0] ?? null,
      ...(ago && { beforeWattHours: hoursOf(ago, index)[0] ?? null }),
      hours: toMeans(clock.wattHours[index] ?? new Float64Array(), clock.minutes[index] ?? new Float64Array()),
      missingMinutes: missingOf(coveredChannel(base, place)),
    }
  })
  const unmetered = {
    id: 'unmetered',
    wattHours: toWattHours(sums.house.unmetered, sums.houseMinutes.unmetered)[0] ?? null,
    ...(ago && { beforeWattHours: toWattHours(ago.house.unmetered, ago.houseMinutes.unmetered)[0] ?? null }),
    hours: toMeans(clock.house.unmetered, clock.houseMinutes.unmetered),
    missingMinutes: missingOf(coveredColumn(base, 'unmetered')),
  }
  return {
    ...head(chosen),
    houseWattHours: toWattHours(sums.house.house, sums.houseMinutes.house)[0] ?? null,
    consumers: [...rows, unmetered],
    ...(addUpToMore(base, days, window) && {
      note: 'circuits add up to more than the house: is a channel counted twice?',
    }),
  }
}

function addUpToMore({ zone }: HistoryBase, days: readonly DaySums[], window: TimeWindow): boolean {
  const { house, houseMinutes } = sumBuckets(days, bucketsBetween(hourEdges(zone, window)), [])
  return house.unmetered.some(
    (sum, hour) => (houseMinutes.unmetered[hour] ?? 0) >= 60 && sum < -TOO_MUCH * (house.house[hour] ?? 0),
  )
}

const MAX_DAYS = 366

export async function showHours(
  base: HistoryBase,
  { channel, ...query }: SpanQuery & { channel?: string },
): Promise<HoursView> {
  const chosen = chooseSpan(base, query)
  const { here, soFarMs } = chosen
  const places = channel === undefined ? [] : [placeById(base, channel)]
  const lastDay = Math.min(here.endDay - 1, dayOf(base.zone, Math.max(here.fromMs, soFarMs - MINUTE_MS)))
  const firstDay = Math.max(here.firstDay, lastDay + 1 - MAX_DAYS)
  const shown = { fromMs: dayStartMs(base.zone, firstDay), untilMs: dayStartMs(base.zone, lastDay + 1) }
  const edges = hourEdges(base.zone, shown)
  const sums = sumBuckets(
    await base.days.sums({ ...shown, untilMs: Math.max(shown.fromMs, soFarMs) }),
    bucketsBetween(edges),
    places,
  )
  const watts =
    channel === undefined
      ? toMeans(sums.house.house, sums.houseMinutes.house)
      : toMeans(sums.wattHours[0] ?? new Float64Array(), sums.minutes[0] ?? new Float64Array())
  const days = Array.from({ length: lastDay - firstDay + 1 }, (_, index) => {
    const [fromMs, untilMs] = [dayStartMs(base.zone, firstDay + index), dayStartMs(base.zone, firstDay + index + 1)]
    const own = [edges.indexOf(fromMs), edges.indexOf(untilMs)]
    const hours = wallHours(base.zone, edges.slice(own[0], (own[1] ?? 0) + 1))
    return {
      date: formatDay(firstDay + index),
      fromMs,
      watts: watts.slice(own[0], own[1]),
      ...(hours && { wallHours: hours }),
    }
  })
  return { ...head(chosen), days }
}
