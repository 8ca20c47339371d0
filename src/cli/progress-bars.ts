import type { Progress } from '../model/daemon.ts'

/** The terminal that the bars are drawn on. */
export interface Screen {
  readonly columns: number
  readonly rows: number
  write(text: string): unknown
}

/** One bar per part of the work, at the foot of the screen, below all that is written. */
export interface ProgressBars {
  show(progress: Progress): void
  /** Makes space for something to be written, and draws the bars below it. */
  above<T>(write: () => T): T
  /** Takes the bars away, until the next `show`. */
  clear(): void
}

/** A person sees no more than that. */
const REDRAW_MS = 100

export function progressBars(screen: Screen, nowMs: () => number): ProgressBars {
  const latest = new Map<string, Progress>()
  let drawnLines = 0
  let drawnAtMs = -Infinity

  /** In one piece, over the old lines, so that nothing flickers; what is too long is cut, never wrapped. */
  function draw(): void {
    const bars = [...latest.values()].slice(0, Math.max(1, screen.rows - 1))
    const nameWidth = Math.max(0, ...bars.map(({ name }) => name.length))
    const lines = bars.map((bar) => `${formatBar(bar, { nameWidth, columns: screen.columns })}\u001b[K\n`)
    screen.write(`\u001b[?7l${drawnLines > 0 ? `\u001b[${drawnLines}A\r` : ''}${lines.join('')}\u001b[?7h`)
    drawnLines = lines.length
    drawnAtMs = nowMs()
  }

  function erase(): void {
    if (drawnLines > 0) screen.write('\u001b[1A\u001b[2K'.repeat(drawnLines) + '\r')
    drawnLines = 0
  }

  return {
    show(progress) {
      latest.set(progress.name, progress)
      if (drawnLines < latest.size || nowMs() - drawnAtMs >= REDRAW_MS) draw()
    },
    above(write) {
      const isShown = drawnLines > 0
      erase()
      const written = write()
      if (isShown) draw()
      return written
    },
    clear() {
      erase()
      latest.clear()
    },
  }
}

const MIN_BAR = 8
const MAX_BAR = 30

/** `iwatt5 ████░░░░░░  42 %  812 rows/s, 2 min left`; the bar gives way to the text, and the text to a narrow screen. */
export function formatBar(
  { name, done, total, text }: Progress,
  { nameWidth, columns }: { nameWidth: number; columns: number },
): string {
  const share = total > 0 ? Math.min(1, Math.max(0, done / total)) : 1
  const start = name.padEnd(nameWidth)
  const end = `${Math.floor(100 * share)} %`.padStart(5) + (text === '' ? '' : `  ${text}`)
  const width = Math.min(MAX_BAR, Math.max(MIN_BAR, columns - start.length - end.length - 3))
  const filled = Math.round(width * share)
  const line = `${start} ${'█'.repeat(filled)}${'░'.repeat(width - filled)} ${end}`
  return line.length < columns ? line : `${line.slice(0, Math.max(0, columns - 2))}…`
}
