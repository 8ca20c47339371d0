import type { Channel } from '../../model/channel.ts'
import type { Column } from '../../model/device.ts'
import type { Labels } from '../../model/series.ts'
import type { TimeWindow } from '../../model/time-window.ts'

/** A channel on its way into the store: the column to ask for, the series to write, the minutes that are expected. */
export interface Target {
  readonly channel: Channel
  readonly column: Column
  readonly labels: Labels
  /** `seriesKey(labels)`. */
  readonly key: string
  readonly expected: TimeWindow
  /** A value further from 0 is none that it can measure; left out: any that a store keeps. */
  readonly maxValue?: number
}

/** A span in which targets are looked at. */
export interface TargetSpan {
  readonly targets: readonly Target[]
  readonly window: TimeWindow
}

export function withExpectedFrom(target: Target, fromMs: number): Target {
  return { ...target, expected: { ...target.expected, fromMs: Math.max(target.expected.fromMs, fromMs) } }
}

/** In their order. */
export function labelsOf(targets: readonly Target[]): Labels[] {
  return targets.map(({ labels }) => labels)
}

/** Under which the store has them, each once. */
export function metricsOf(targets: readonly Target[]): string[] {
  return [...new Set(targets.map(({ channel }) => channel.metric))]
}

/** Everything that is expected of any of them; there is at least one. */
export function windowOf(targets: readonly Target[]): TimeWindow {
  return {
    fromMs: Math.min(...targets.map(({ expected }) => expected.fromMs)),
    untilMs: Math.max(...targets.map(({ expected }) => expected.untilMs)),
  }
}
