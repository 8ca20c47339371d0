import { outOfRange } from '../model/at.ts'

/** Half-open, in seconds. */
export interface TimeSpan {
  readonly fromS: number
  readonly untilS: number
}

/** Spans that do not overlap, oldest first; a new one is merged with those it touches. */
export function addSpan(spans: readonly TimeSpan[], added: TimeSpan): readonly TimeSpan[] {
  if (added.untilS <= added.fromS) return spans
  const before = spans.filter((span) => span.untilS < added.fromS)
  const after = spans.filter((span) => span.fromS > added.untilS)
  const touching = spans.slice(before.length, spans.length - after.length)
  const fromS = Math.min(added.fromS, ...touching.map((span) => span.fromS))
  const untilS = Math.max(added.untilS, ...touching.map((span) => span.untilS))
  return [...before, { fromS, untilS }, ...after]
}

/** The span that holds the time strictly inside: not its beginning. */
export function spanAround(spans: readonly TimeSpan[], timeS: number): TimeSpan | undefined {
  let low = 0
  let high = spans.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((spans[middle] ?? outOfRange(spans, middle)).untilS <= timeS) low = middle + 1
    else high = middle
  }
  const span = spans[low]
  return span !== undefined && span.fromS < timeS ? span : undefined
}
