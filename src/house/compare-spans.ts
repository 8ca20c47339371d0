import { at } from '../model/at.ts'
import type { Compared, Span } from '../model/house-views.ts'
import { DAY_MS, MINUTE_MS, type TimeWindow } from '../model/time-window.ts'
import { dayOf, dayStartMs, type TimeZone } from '../model/time-zone.ts'
import { bucketsBetween, type BucketSums, fine, sumBuckets } from './bucket-sums.ts'
import { type ChosenSpan, hourEdges } from './calendar.ts'
import type { DaySums } from './day-sums.ts'
import type { HouseBase } from './house-base.ts'

/** Like with like: what of a figure is known of the same time of a span and of the one before; null where nothing is. */
export type Compare = (figureOf: (sums: BucketSums) => PartSums) => Compared | null

/** `days` are those of the span and of the one before, each so far. */
export function compareSpans(
  base: HouseBase,
  { span, soFar, before }: Required<ChosenSpan>,
  days: { readonly here: readonly DaySums[]; readonly before: readonly DaySums[] },
): Compare {
  const { circuits } = base.days.plan()
  const sideOf = (window: TimeWindow, own: readonly DaySums[]) => {
    const parts = partsOf(base.zone, span, window)
    const places = new Map(parts.names.map((name, part) => [name, part]))
    const sums = sumBuckets(own, bucketsBetween(parts.edges), circuits)
    return (figureOf: (sums: BucketSums) => PartSums): Side => ({ parts, places, ...figureOf(sums) })
  }
  const [here, then] = [sideOf(soFar, days.here), sideOf(before.soFar, days.before)]
  return (figureOf) => compare(here(figureOf), then(figureOf))
}

/** Hours of a day, days of a longer span: each with its name, by which it is found in another span. */
interface Parts {
  readonly unit: 'hours' | 'days'
  readonly names: readonly string[]
  /** Their starts, and the end of the last. */
  readonly edges: readonly number[]
}

/** Watt-hours of each part, and how many of its minutes are known. */
interface PartSums {
  readonly wattHours: ArrayLike<number>
  readonly minutes: ArrayLike<number>
}

interface Side extends PartSums {
  readonly parts: Parts
  /** Of each name. */
  readonly places: ReadonlyMap<string, number>
}

/** With less than this known of it, something is not compared: the change would be that of what is known. */
const LEAST_KNOWN = 0.99

function partsOf(zone: TimeZone, span: Span, { fromMs, untilMs }: TimeWindow): Parts {
  if (untilMs <= fromMs) return { unit: span === 'day' ? 'hours' : 'days', names: [], edges: [fromMs] }
  if (span === 'day') {
    const edges = hourEdges(zone, { fromMs, untilMs })
    return { unit: 'hours', names: clockNames(zone, edges), edges }
  }
  const [first, last] = [dayOf(zone, fromMs), dayOf(zone, untilMs - 1)]
  const days = Array.from({ length: last - first + 1 }, (_, index) => first + index)
  const nameOf = (day: number) => new Date(day * DAY_MS).toISOString().slice(span === 'month' ? 8 : 5, 10)
  return { unit: 'days', names: days.map(nameOf), edges: [...days.map((day) => dayStartMs(zone, day)), untilMs] }
}

/** What the clock shows at the start of each hour, and whether for the second time. */
export function clockNames(zone: TimeZone, edges: readonly number[]): readonly string[] {
  const times = edges.slice(0, -1).map((atMs) => zone.localMs(atMs) % DAY_MS)
  return times.map((time, index) => `${time} ${times.indexOf(time) === index}`)
}

/** Like with like: all of both, or, where one is known in part, the hours or days that are known of both. */
function compare(here: Side, before: Side): Compared | null {
  if (isKnown(here) && isKnown(before)) return { wattHours: total(here), beforeWattHours: total(before) }
  const pairs = here.parts.names.flatMap((name, part) => {
    const other = before.places.get(name)
    return other !== undefined && isKnown(here, part) && isKnown(before, other) ? [[part, other] as const] : []
  })
  if (pairs.length === 0) return null
  const [parts, others] = [pairs.map(([part]) => part), pairs.map(([, other]) => other)]
  return {
    wattHours: total(here, parts),
    beforeWattHours: total(before, others),
    [here.parts.unit]: pairs.length,
  }
}

/** A part, or all; nothing at all is not known. */
function isKnown({ parts: { edges }, minutes }: Side, part?: number): boolean {
  const [from, until] = part === undefined ? [0, edges.length - 1] : [part, part + 1]
  let known = 0
  for (let index = from; index < until; index++) known += at(minutes, index)
  const length = (at(edges, until) - at(edges, from)) / MINUTE_MS
  return length > 0 && known >= LEAST_KNOWN * length
}

function total({ parts: { names }, wattHours }: Side, chosen = names.map((_, part) => part)): number {
  return fine(chosen.reduce((sum, part) => sum + at(wattHours, part), 0))
}
