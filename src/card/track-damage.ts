import { formatWindow, MINUTE_MS, minuteCount, type TimeWindow } from '../model/time-window.ts'

/** Collects the minutes that were left out, to say each span of them once. */
export interface DamageTrack {
  /** Minutes in their order. */
  add(startsMs: readonly number[]): void
  /** Says the span that is open; nothing follows it at once. */
  end(): void
}

/** Past this many spans only their number is said. */
const MAX_SPANS = 20

export function trackDamage(warn: (message: string) => void): DamageTrack {
  const said = new Set<string>()
  let open: TimeWindow | undefined
  let more = 0

  function say(span: TimeWindow): void {
    const text = `${formatWindow(span)}: ${minuteCount(span)} min are left out, as the log is damaged there; they count as absent`
    if (said.has(text)) return
    if (said.size >= MAX_SPANS) more++
    else warn(text)
    said.add(text)
  }

  return {
    add(startsMs) {
      for (const atMs of startsMs) {
        const untilMs = atMs + MINUTE_MS
        if (open?.untilMs === atMs) open = { fromMs: open.fromMs, untilMs }
        else {
          if (open) say(open)
          open = { fromMs: atMs, untilMs }
        }
      }
    },
    end() {
      if (open) say(open)
      if (more > 0) warn(`${more} further spans are left out for the same reason`)
      open = undefined
      more = 0
    },
  }
}
