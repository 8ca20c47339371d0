import { once } from 'node:events'
import { createInterface } from 'node:readline/promises'
import type { CommandOutput, Progress } from '../model/daemon.ts'
import { systemClock } from '../runtime/clock.ts'
import type { Log } from '../runtime/log.ts'
import { printable, printableName } from '../runtime/printable.ts'
import { usesColour } from './colour.ts'

export interface OpenOutput {
  readonly output: CommandOutput
  /** Writes above the bars. */
  readonly log: Log
  /** Whether a question waits for its answer. */
  isAsking(): boolean
  /** Leaves nothing drawn. */
  close(): void
}

interface OutputOptions {
  readonly format: string
  readonly write: CommandOutput['write']
  readonly signal: AbortSignal
  /** Gives a line of the answer its colours, where there are some. */
  readonly paint?: (line: string) => string
}

/** Answers go to standard output; all else to standard error, and where that is a terminal a person is watching. */
export function openOutput(log: Log, { format, write, signal, paint = (line) => line }: OutputOptions): OpenOutput {
  const { stdin, stdout, stderr } = process
  const isWatched = stderr.isTTY && format !== 'json' && process.env['TERM'] !== 'dumb'
  const bars = isWatched ? progressBars(stderr, () => systemClock.nowMs()) : undefined
  const above = (act: () => void) => (bars ? bars.above(act) : act())
  const calm: Log = {
    debug: (message, fields) => above(() => log.debug(message, fields)),
    info: (message, fields) => above(() => log.info(message, fields)),
    warn: (message, fields) => above(() => log.warn(message, fields)),
    error: (message, fields) => above(() => log.error(message, fields)),
  }
  const show = usesColour(stdout, process.env) ? paint : (line: string) => line
  let isAsking = false
  const output: CommandOutput = {
    print: (line) => above(() => stdout.write(`${show(printable(line))}\n`)),
    write,
    log: (level, message) => calm[level](message),
    isWatched,
    progress: ({ name, text, ...share }) =>
      bars?.show({ ...share, name: printableName(name), text: printableName(text) }),
    async ask(question, byDefault = 'no') {
      bars?.clear()
      if (!stdin.isTTY || !stderr.isTTY) return 'nobody'
      isAsking = true
      const answer = await askAtTerminal(printable(question), byDefault, signal)
      isAsking = false
      return answer
    },
  }
  return { output, log: calm, isAsking: () => isAsking, close: () => bars?.clear() }
}

/** Asks until there is an answer; the end of the input (Ctrl-D) is a no. Rejects when the signal is aborted. */
async function askAtTerminal(question: string, byDefault: 'yes' | 'no', signal: AbortSignal): Promise<'yes' | 'no'> {
  // Not as a terminal: so Ctrl-C reaches the process as at any other time.
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: false })
  const ended = once(lines, 'close', { signal }).then(() => undefined)
  try {
    for (;;) {
      const asked = lines.question(`${question} ${byDefault === 'yes' ? '[Y/n]' : '[y/N]'} `, { signal })
      const text = await Promise.race([asked, ended])
      const answer = text === undefined ? 'no' : readAnswer(text, byDefault)
      if (answer) return answer
    }
  } finally {
    lines.close()
  }
}

function readAnswer(text: string, byDefault: 'yes' | 'no'): 'yes' | 'no' | undefined {
  const word = text.trim().toLowerCase()
  if (word === '') return byDefault
  if (word === 'y' || word === 'yes') return 'yes'
  return word === 'n' || word === 'no' ? 'no' : undefined
}

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
