import type { Labels, Sample } from '../model/series.ts'
import { DAY_MS, type TimeWindow } from '../model/time-window.ts'

/** Samples that arrived together, and from when on they are seen and safe. */
interface Arrival {
  readonly samples: readonly Sample[]
  readonly arrivesAtMs: number
  visibleAtMs: number
  durableAtMs: number
}

/** One series of the simulated store: what is settled, by day, and what is still on its way. */
export interface StoreSeries {
  readonly labels: Labels
  arrive(arrival: Arrival): void
  /** What a look-up at this time finds in the window, in no order. */
  find(window: TimeWindow, nowMs: number): Iterable<Sample>
  /** The time of the newest sample that a look-up finds in the window. */
  newestMs(window: TimeWindow, nowMs: number): number | undefined
  /** What had not arrived never will. */
  forgetQueued(nowMs: number): void
  /** All that has arrived, seen or not. */
  kept(nowMs: number): Iterable<Sample>
  /** What has arrived is seen from now on. */
  flush(nowMs: number): void
  /** What has arrived survives a sudden death from now on. */
  persist(nowMs: number): void
  /** What has settled inside the window is gone without a trace. */
  cut(window: TimeWindow): void
  /** A sudden death: what was not durable is gone, what had not arrived never will. */
  crash(nowMs: number): void
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

  const arrived = (nowMs: number) => onTheWay.filter(({ arrivesAtMs }) => arrivesAtMs <= nowMs)

  return {
    labels,
    arrive: (arrival) => onTheWay.push(arrival),
    *find(window, nowMs) {
      settle(nowMs)
      const isInside = ({ atMs }: Sample) => atMs >= window.fromMs && atMs < window.untilMs
      for (const day of daysOf(days, window)) for (const sample of day) if (isInside(sample)) yield sample
      for (const { samples, visibleAtMs } of onTheWay)
        if (visibleAtMs <= nowMs) for (const sample of samples) if (isInside(sample)) yield sample
    },
    newestMs(window, nowMs) {
      settle(nowMs)
      const late = onTheWay.filter(({ visibleAtMs }) => visibleAtMs <= nowMs).flatMap(({ samples }) => samples)
      const found = newestOf(late, window)
      for (const day of [...days.keys()].sort((a, b) => b - a)) {
        const newest = newestOf(days.get(day) ?? [], window)
        if (newest !== undefined) return Math.max(newest, found ?? 0)
      }
      return found
    },
    forgetQueued(nowMs) {
      onTheWay = arrived(nowMs)
    },
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
    crash(nowMs) {
      settle(nowMs)
      onTheWay = onTheWay.filter(({ durableAtMs }) => durableAtMs <= nowMs)
      for (const arrival of onTheWay) arrival.visibleAtMs = nowMs
    },
  }
}

function newestOf(samples: readonly Sample[], { fromMs, untilMs }: TimeWindow): number | undefined {
  let newest: number | undefined
  for (const { atMs } of samples) if (atMs >= fromMs && atMs < untilMs && atMs >= (newest ?? 0)) newest = atMs
  return newest
}

function* daysOf(days: ReadonlyMap<number, readonly Sample[]>, window: TimeWindow): Iterable<readonly Sample[]> {
  const first = Math.floor(window.fromMs / DAY_MS)
  const last = Math.floor((window.untilMs - 1) / DAY_MS)
  if (last - first < days.size) for (let day = first; day <= last; day++) yield days.get(day) ?? []
  else for (const [day, samples] of days) if (day >= first && day <= last) yield samples
}
