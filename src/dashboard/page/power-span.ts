import { type HouseTime, urlTime } from '../text/house-time.ts'
import type { Query } from './route.ts'

interface Span {
  readonly fromMs: number
  readonly untilMs: number
}

/** What Power shows of a span: of these circuits, or of all. */
export function powerSpan({ fromMs, untilMs }: Span, time: HouseTime, ids: readonly string[] = []): Query {
  return { from: urlTime(fromMs, time), to: urlTime(untilMs, time), ch: ids.join(',') }
}
