/** Times are Unix milliseconds, UTC. */
export const MINUTE_MS = 60_000
export const HOUR_MS = 60 * MINUTE_MS
export const DAY_MS = 24 * HOUR_MS
/** No log of an IoTaWatt begins earlier. */
export const OLDEST_MS = Date.UTC(2015, 0)

/** A half-open span of time, [fromMs, untilMs), both minute-aligned. */
export interface TimeWindow {
  readonly fromMs: number
  readonly untilMs: number
}

export function floorToMinute(timeMs: number): number {
  return Math.floor(timeMs / MINUTE_MS) * MINUTE_MS
}

export function ceilToMinute(timeMs: number): number {
  return Math.ceil(timeMs / MINUTE_MS) * MINUTE_MS
}

/** How many minutes the window holds; 0 when it is empty or reversed. */
export function minuteCount(window: TimeWindow): number {
  return Math.max(0, Math.round((window.untilMs - window.fromMs) / MINUTE_MS))
}

/** What both windows share; an empty window when they share nothing. */
export function intersection(a: TimeWindow, b: TimeWindow): TimeWindow {
  const fromMs = Math.max(a.fromMs, b.fromMs)
  return { fromMs, untilMs: Math.max(fromMs, Math.min(a.untilMs, b.untilMs)) }
}

/** Neighbouring windows of at most `sizeMs`, oldest first, that together are the window. */
export function splitWindow(window: TimeWindow, sizeMs: number): TimeWindow[] {
  const parts: TimeWindow[] = []
  for (let fromMs = window.fromMs; fromMs < window.untilMs; fromMs += sizeMs)
    parts.push({ fromMs, untilMs: Math.min(fromMs + sizeMs, window.untilMs) })
  return parts
}

/** `2024-05-31T23:59Z`, for messages. */
export function formatMinute(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 16)}Z`
}

export function formatWindow(window: TimeWindow): string {
  return `${formatMinute(window.fromMs)} to ${formatMinute(window.untilMs)}`
}

/** The next midnight of UTC, as a time to type: what the store retains moves on while somebody types. */
export function dayAfter(timeMs: number): string {
  return formatMinute((Math.floor(timeMs / DAY_MS) + 1) * DAY_MS)
}
