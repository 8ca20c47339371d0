import type { Labels, Sample } from '../model/series.ts'
import { DAY_MS, type TimeWindow } from '../model/time-window.ts'

/** Samples that arrived together, and from when on they are seen and safe. */
interface Arrival {
  readonly samples: readonly Sample[]
  /** The storage node that took them. */
  readonly node: number
  readonly arrivesAtMs: number
  visibleAtMs: number
  durableAtMs: number
}

/** One series of the simulated store: what is settled, by day, and what is still on its way. */
export interface StoreSeries {
  readonly labels: Labels
  arrive(arrival: Arrival): void
  /** What a look-up at this time finds in the window, in no order. */
  find(window: TimeWindow, nowMs: number): readonly Sample[]
  oldest(window: TimeWindow, nowMs: number): Sample | undefined
  newest(window: TimeWindow, nowMs: number): Sample | undefined
  /** All that has arrived, seen or not. */
  kept(nowMs: number): Iterable<Sample>
  /** What has arrived is seen from now on. */
  flush(nowMs: number): void
  /** What has arrived survives a sudden death from now on. */
  persist(nowMs: number): void
  /** What has settled inside the window is gone without a trace. */
  cut(window: TimeWindow): void
  /** A sudden death, of one node or of all: what was not durable there is gone, what had not arrived never will. */
  crash(nowMs: number, node?: number): void
}

export function createStoreSeries(labels: Labels): StoreSeries {
  const days = new Map<number, Sample[]>()
  let onTheWay: Arrival[] = []

  function keep(sample: Sample): void {
    const day = Math.floor(sample.atMs / DAY_MS)
    const samples = days.get(day)
    if (samples) samples.push(sample)
    else days.set(day, [sample])
  }

  function settle(nowMs: number): void {
    const isSettled = ({ visibleAtMs, durableAtMs }: Arrival) => Math.max(visibleAtMs, durableAtMs) <= nowMs
    for (const arrival of onTheWay.filter(isSettled)) for (const sample of arrival.samples) keep(sample)
    onTheWay = onTheWay.filter((arrival) => !isSettled(arrival))
  }

  /** What is on its way and seen already. */
  const seen = (nowMs: number) =>
    onTheWay.filter(({ visibleAtMs }) => visibleAtMs <= nowMs).flatMap(({ samples }) => samples)

  function first(window: TimeWindow, nowMs: number, order: (a: number, b: number) => number): Sample | undefined {
    settle(nowMs)
    const better = (a: Sample | undefined, b: Sample) => (a === undefined || order(b.atMs, a.atMs) < 0 ? b : a)
    let found: Sample | undefined
    for (const sample of seen(nowMs)) if (isInside(sample, window)) found = better(found, sample)
    for (const [, samples] of daysOf(days, window).sort(([a], [b]) => order(a, b))) {
      let inDay: Sample | undefined
      for (const sample of samples) if (isInside(sample, window)) inDay = better(inDay, sample)
      if (inDay) return better(found, inDay)
    }
    return found
  }

  const arrived = (nowMs: number) => onTheWay.filter(({ arrivesAtMs }) => arrivesAtMs <= nowMs)

  return {
    labels,
    arrive: (arrival) => onTheWay.push(arrival),
    find(window, nowMs) {
      settle(nowMs)
      const found: Sample[] = []
      for (const [day, samples] of daysOf(days, window)) {
        const isWhole = day * DAY_MS >= window.fromMs && (day + 1) * DAY_MS <= window.untilMs
        for (const sample of samples) if (isWhole || isInside(sample, window)) found.push(sample)
      }
      for (const sample of seen(nowMs)) if (isInside(sample, window)) found.push(sample)
      return found
    },
    oldest: (window, nowMs) => first(window, nowMs, (a, b) => a - b),
    newest: (window, nowMs) => first(window, nowMs, (a, b) => b - a),
    *kept(nowMs) {
      for (const day of days.values()) yield* day
      for (const { samples } of arrived(nowMs)) yield* samples
    },
    flush(nowMs) {
      for (const arrival of arrived(nowMs)) arrival.visibleAtMs = Math.min(arrival.visibleAtMs, nowMs)
    },
    persist(nowMs) {
      for (const arrival of arrived(nowMs)) arrival.durableAtMs = Math.min(arrival.durableAtMs, nowMs)
    },
    cut({ fromMs, untilMs }) {
      for (const [day, samples] of days)
        days.set(
          day,
          samples.filter(({ atMs }) => atMs < fromMs || atMs >= untilMs),
        )
    },
    crash(nowMs, node) {
      settle(nowMs)
      const hasDied = (arrival: Arrival) => node === undefined || arrival.node === node
      onTheWay = onTheWay.filter((arrival) => arrival.durableAtMs <= nowMs || !hasDied(arrival))
      for (const arrival of onTheWay) if (hasDied(arrival)) arrival.visibleAtMs = nowMs
    },
  }
}

function isInside({ atMs }: Sample, { fromMs, untilMs }: TimeWindow): boolean {
  return atMs >= fromMs && atMs < untilMs
}

/** The days that the window touches, with what is kept of them. */
function daysOf(
  days: ReadonlyMap<number, readonly Sample[]>,
  { fromMs, untilMs }: TimeWindow,
): (readonly [number, readonly Sample[]])[] {
  const first = Math.floor(fromMs / DAY_MS)
  const last = Math.floor((untilMs - 1) / DAY_MS)
  if (last - first >= days.size) return [...days].filter(([day]) => day >= first && day <= last)
  const touched: (readonly [number, readonly Sample[]])[] = []
  for (let day = first; day <= last; day++) touched.push([day, days.get(day) ?? []])
  return touched
}
