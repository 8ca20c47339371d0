import type { Labels, Sample } from '../../src/model/series.ts'
import { HOUR_MS, type TimeWindow } from '../../src/model/time-window.ts'

/** Samples that arrived together, and from when on they are seen and safe. */
interface Arrival {
  readonly samples: readonly Sample[]
  /** The storage node that took them. */
  readonly node: number
  readonly arrivesAtMs: number
  visibleAtMs: number
  durableAtMs: number
}

/** What is visible is kept by stretches of this length: the fewer samples in one, the sooner the newest is found. */
const STRETCH_MS = 2 * HOUR_MS

/** One series of the simulated store: what is visible, and what is still on its way. */
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
  /** What is visible inside the window is gone without a trace. */
  cut(window: TimeWindow): void
  /** A sudden death, of one node or of all: what was not durable there is gone, what had not arrived never will. */
  crash(nowMs: number, node?: number): void
}

export function createStoreSeries(labels: Labels): StoreSeries {
  const stretches = new Map<number, Sample[]>()
  let onTheWay: Arrival[] = []

  function keep(sample: Sample): void {
    const index = Math.floor(sample.atMs / STRETCH_MS)
    const samples = stretches.get(index)
    if (samples) samples.push(sample)
    else stretches.set(index, [sample])
  }

  function flush(nowMs: number): void {
    const isVisible = ({ visibleAtMs, durableAtMs }: Arrival) => Math.max(visibleAtMs, durableAtMs) <= nowMs
    for (const arrival of onTheWay.filter(isVisible)) for (const sample of arrival.samples) keep(sample)
    onTheWay = onTheWay.filter((arrival) => !isVisible(arrival))
  }

  /** What is on its way and seen already. */
  const seen = (nowMs: number) =>
    onTheWay.filter(({ visibleAtMs }) => visibleAtMs <= nowMs).flatMap(({ samples }) => samples)

  function first(window: TimeWindow, nowMs: number, order: (a: number, b: number) => number): Sample | undefined {
    flush(nowMs)
    const better = (a: Sample | undefined, b: Sample) => (a === undefined || order(b.atMs, a.atMs) < 0 ? b : a)
    let found: Sample | undefined
    for (const sample of seen(nowMs)) if (isInside(sample, window)) found = better(found, sample)
    for (const [, samples] of touchedBy(window, stretches).sort(([a], [b]) => order(a, b))) {
      let inStretch: Sample | undefined
      for (const sample of samples) if (isInside(sample, window)) inStretch = better(inStretch, sample)
      if (inStretch) return better(found, inStretch)
    }
    return found
  }

  const arrived = (nowMs: number) => onTheWay.filter(({ arrivesAtMs }) => arrivesAtMs <= nowMs)

  return {
    labels,
    arrive: (arrival) => onTheWay.push(arrival),
    find(window, nowMs) {
      flush(nowMs)
      const found: Sample[] = []
      for (const [index, samples] of touchedBy(window, stretches)) {
        const isComplete = index * STRETCH_MS >= window.fromMs && (index + 1) * STRETCH_MS <= window.untilMs
        for (const sample of samples) if (isComplete || isInside(sample, window)) found.push(sample)
      }
      for (const sample of seen(nowMs)) if (isInside(sample, window)) found.push(sample)
      return found
    },
    oldest: (window, nowMs) => first(window, nowMs, (a, b) => a - b),
    newest: (window, nowMs) => first(window, nowMs, (a, b) => b - a),
    *kept(nowMs) {
      for (const samples of stretches.values()) yield* samples
      for (const { samples } of arrived(nowMs)) yield* samples
    },
    flush(nowMs) {
      for (const arrival of arrived(nowMs)) arrival.visibleAtMs = Math.min(arrival.visibleAtMs, nowMs)
    },
    persist(nowMs) {
      for (const arrival of arrived(nowMs)) arrival.durableAtMs = Math.min(arrival.durableAtMs, nowMs)
    },
    cut({ fromMs, untilMs }) {
      for (const [index, samples] of stretches)
        stretches.set(
          index,
          samples.filter(({ atMs }) => atMs < fromMs || atMs >= untilMs),
        )
    },
    crash(nowMs, node) {
      flush(nowMs)
      const hasDied = (arrival: Arrival) => node === undefined || arrival.node === node
      onTheWay = onTheWay.filter((arrival) => arrival.durableAtMs <= nowMs || !hasDied(arrival))
      for (const arrival of onTheWay) if (hasDied(arrival)) arrival.visibleAtMs = nowMs
    },
  }
}

function isInside({ atMs }: Sample, { fromMs, untilMs }: TimeWindow): boolean {
  return atMs >= fromMs && atMs < untilMs
}

/** The stretches that the window touches and that hold anything, in no order. */
function touchedBy(
  { fromMs, untilMs }: TimeWindow,
  stretches: ReadonlyMap<number, readonly Sample[]>,
): (readonly [number, readonly Sample[]])[] {
  const first = Math.floor(fromMs / STRETCH_MS)
  const last = Math.floor((untilMs - 1) / STRETCH_MS)
  if (last - first >= stretches.size) return [...stretches].filter(([index]) => index >= first && index <= last)
  const touched: (readonly [number, readonly Sample[]])[] = []
  for (let index = first; index <= last; index++) {
    const samples = stretches.get(index)
    if (samples) touched.push([index, samples])
  }
  return touched
}
