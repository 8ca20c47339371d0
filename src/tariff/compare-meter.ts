import { at } from '../model/at.ts'
import { MINUTE_MS, type TimeWindow } from '../model/time-window.ts'
import { dayOf, formatOffset, type TimeZone } from '../model/time-zone.ts'
import type { GridMinutes } from './compute-bill.ts'
import type { Flow } from './meter-columns.ts'
import type { MeterFile } from './meter-file.ts'

const BIN_MINUTES = 15
const BIN_MS = BIN_MINUTES * MINUTE_MS

/** What was measured, by quarters of an hour of UTC. */
export interface MeasuredBins {
  readonly fromMs: number
  readonly importKwh: Float64Array
  readonly exportKwh: Float64Array
  readonly minutes: Uint8Array
}

/** Of minutes that come in any order. */
export function createMeasuredBins({
  fromMs,
  untilMs,
}: TimeWindow): MeasuredBins & { add(minutes: GridMinutes): void } {
  const length = (untilMs - fromMs) / BIN_MS
  const [importKwh, exportKwh, minutes] = [new Float64Array(length), new Float64Array(length), new Uint8Array(length)]
  return {
    fromMs,
    importKwh,
    exportKwh,
    minutes,
    add({ fromMs: blockMs, fromGrid, toGrid }) {
      fromGrid.forEach((watts, index) => {
        const bin = Math.floor((blockMs + index * MINUTE_MS - fromMs) / BIN_MS)
        const back = at(toGrid, index)
        if (bin < 0 || bin >= length || Number.isNaN(watts) || Number.isNaN(back)) return
        importKwh[bin] = at(importKwh, bin) + watts / 60_000
        exportKwh[bin] = at(exportKwh, bin) + back / 60_000
        minutes[bin] = at(minutes, bin) + 1
      })
    },
  }
}

export interface MeterDay {
  readonly day: number
  readonly meteredKwh: number
  /** In the minutes of the meter's intervals; undefined where none of them was measured. */
  readonly measuredKwh?: number
  /** Of these intervals, minutes that were not measured. */
  readonly missingMinutes: number
  /** For how long the file has no reading, from its first to its last. */
  readonly unreadMinutes: number
}

export interface MeterInterval extends TimeWindow {
  readonly meteredKwh: number
  readonly measuredKwh: number
}

export interface MeterFlow {
  readonly flow: Flow
  readonly days: readonly MeterDay[]
  /** Of intervals with all their minutes. */
  readonly complete: { readonly count: number; readonly meteredKwh: number; readonly measuredKwh: number }
  /** Those of the greatest difference that shifts and factor do not explain. */
  readonly farthest: readonly MeterInterval[]
  readonly shifts: readonly MeterShift[]
  /** What all that is measured would have to be multiplied with; left out where that explains nothing. */
  readonly factor?: number
}

/** How much later the file's times are than the energy that they are of. */
export interface MeterShift {
  readonly minutes: number
  /** While clocks of the house were so far ahead of UTC; left out: all the time. */
  readonly utcOffset?: string
}

/** Energy measured and metered: by day, where they part, and what would explain it. */
export function compareMeter({ flows, minutes }: MeterFile, bins: MeasuredBins, zone: TimeZone): MeterFlow[] {
  return [...flows].map(([flow, readings]) => {
    const intervals = [...readings].map(([fromMs, meteredKwh]) => {
      return { fromMs, untilMs: fromMs + minutes * MINUTE_MS, meteredKwh }
    })
    const measure = ({ fromMs, untilMs }: TimeWindow, shiftMs = 0) =>
      sumBins(bins, { fromMs: fromMs - shiftMs, untilMs: untilMs - shiftMs }, flow)
    const complete = intervals.flatMap((interval) => {
      const { kwh, measuredMinutes } = measure(interval)
      return measuredMinutes === minutes ? [{ ...interval, measuredKwh: kwh }] : []
    })
    const shifts = findShifts(complete, { zone, measure: (one, shiftMs) => measure(one, shiftMs).kwh })
    const shiftOf = (fromMs: number) => shifts.get(zone.offsetMs(fromMs)) ?? 0
    const pairs = complete.map(
      (interval) => [interval.meteredKwh, measure(interval, shiftOf(interval.fromMs)).kwh] as const,
    )
    const factor = factorOf(pairs)
    const explains = Math.abs(factor - 1) >= 0.01 && errorOf(pairs, factor) <= errorOf(pairs, 1) / 2
    const unexplained = pairs.map(([metered, measured], index) => {
      return { index, kwh: Math.abs(metered - (explains ? factor : 1) * measured) }
    })
    return {
      flow,
      days: daysOf(intervals, { zone, measure }),
      complete: {
        count: complete.length,
        meteredKwh: complete.reduce((sum, { meteredKwh }) => sum + meteredKwh, 0),
        measuredKwh: complete.reduce((sum, { measuredKwh }) => sum + measuredKwh, 0),
      },
      farthest: unexplained
        .filter(({ kwh }) => kwh >= 0.01)
        .toSorted((a, b) => b.kwh - a.kwh)
        .slice(0, FARTHEST)
        .map(({ index }) => at(complete, index)),
      shifts: describeShifts(shifts),
      ...(explains && { factor }),
    }
  })
}

const FARTHEST = 5

function sumBins({ fromMs, importKwh, exportKwh, minutes }: MeasuredBins, window: TimeWindow, flow: Flow) {
  let [kwh, measuredMinutes] = [0, 0]
  for (let bin = (window.fromMs - fromMs) / BIN_MS; bin < (window.untilMs - fromMs) / BIN_MS; bin++) {
    const [taken, given] = [importKwh[bin] ?? 0, exportKwh[bin] ?? 0]
    kwh += flow === 'import' ? taken : flow === 'export' ? given : taken - given
    measuredMinutes += minutes[bin] ?? 0
  }
  return { kwh, measuredMinutes }
}

interface Measure {
  readonly zone: TimeZone
  readonly measure: (window: TimeWindow) => { readonly kwh: number; readonly measuredMinutes: number }
}

type Interval = TimeWindow & { readonly meteredKwh: number }

function daysOf(intervals: readonly Interval[], { zone, measure }: Measure): MeterDay[] {
  const days = new Map<number, { meteredKwh: number; kwh: number; measured: number; missing: number; unread: number }>()
  const entry = (day: number) => {
    const known = days.get(day) ?? { meteredKwh: 0, kwh: 0, measured: 0, missing: 0, unread: 0 }
    days.set(day, known)
    return known
  }
  let lastMs = intervals[0]?.fromMs ?? 0
  for (const interval of intervals.toSorted((a, b) => a.fromMs - b.fromMs)) {
    for (; lastMs < interval.fromMs; lastMs += BIN_MS) entry(dayOf(zone, lastMs)).unread += BIN_MINUTES
    lastMs = interval.untilMs
    const { kwh, measuredMinutes } = measure(interval)
    const day = entry(dayOf(zone, interval.fromMs))
    day.meteredKwh += interval.meteredKwh
    day.kwh += kwh
    day.measured += measuredMinutes
    day.missing += (interval.untilMs - interval.fromMs) / MINUTE_MS - measuredMinutes
  }
  return [...days].map(([day, { meteredKwh, kwh, measured, missing, unread }]) => ({
    day,
    meteredKwh,
    ...(measured > 0 && { measuredKwh: kwh }),
    missingMinutes: missing,
    unreadMinutes: unread,
  }))
}

/** Far enough for a file whose times are of UTC, or of another continent. */
const MAX_SHIFT_MS = 14 * 60 * MINUTE_MS
/** Fewer say nothing about when energy was used. */
const MIN_INTERVALS = 24

type Pair = readonly [meteredKwh: number, measuredKwh: number]

/** In ms, by what clocks are ahead of UTC: a file may know no summer time. */
function findShifts(
  complete: readonly Interval[],
  { zone, measure }: { readonly zone: TimeZone; readonly measure: (window: TimeWindow, shiftMs: number) => number },
): Map<number, number> {
  const shiftOf = (offsetMs: number) => {
    // A month of quarters is enough, and quick.
    const some = complete.filter(({ fromMs }) => zone.offsetMs(fromMs) === offsetMs).slice(-SHIFT_INTERVALS)
    if (some.length < MIN_INTERVALS) return 0
    const errorAt = (shiftMs: number) => {
      const pairs = some.map((one): Pair => [one.meteredKwh, measure(one, shiftMs)])
      return errorOf(pairs, factorOf(pairs))
    }
    const steps = Array.from({ length: (2 * MAX_SHIFT_MS) / BIN_MS + 1 }, (_, index) => index * BIN_MS - MAX_SHIFT_MS)
    const best = steps
      .map((shiftMs) => ({ shiftMs, error: errorAt(shiftMs) }))
      .reduce((least, one) => (one.error < least.error ? one : least))
    return best.error <= errorAt(0) / 2 ? best.shiftMs : 0
  }
  const offsets = new Set(complete.map(({ fromMs }) => zone.offsetMs(fromMs)))
  return new Map([...offsets].map((offsetMs) => [offsetMs, shiftOf(offsetMs)]))
}

const SHIFT_INTERVALS = 31 * 96

function describeShifts(shifts: ReadonlyMap<number, number>): MeterShift[] {
  const [first = 0, ...others] = new Set(shifts.values())
  if (others.length === 0) return first === 0 ? [] : [{ minutes: first / MINUTE_MS }]
  return [...shifts].flatMap(([offsetMs, shiftMs]) =>
    shiftMs === 0 ? [] : [{ minutes: shiftMs / MINUTE_MS, utcOffset: formatOffset(offsetMs) }],
  )
}

/** By least squares, so that the largest intervals count most. */
function factorOf(pairs: readonly Pair[]): number {
  let [both, squares] = [0, 0]
  for (const [metered, measured] of pairs) {
    both += metered * measured
    squares += measured * measured
  }
  return squares > 0 ? both / squares : 1
}

function errorOf(pairs: readonly Pair[], factor: number): number {
  return pairs.reduce((sum, [metered, measured]) => sum + Math.abs(metered - factor * measured), 0)
}
