import { once } from 'node:events'
import { createInterface } from 'node:readline/promises'
import type { CommandOutput } from '../model/daemon.ts'
import { systemClock } from '../runtime/clock.ts'
import type { Log } from '../runtime/log.ts'
import { printable, printableName } from '../runtime/printable.ts'
import { usesColour } from './colour.ts'
import { progressBars } from './progress-bars.ts'

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
  const show = usesColour(stdout, process.env) ? paint : (line: string) => line
  const print = (line: string) => void stdout.write(`${show(printable(line))}\n`)
  const isWatched = stderr.isTTY && format !== 'json' && process.env['TERM'] !== 'dumb'
  let isAsking = false
  const ask: CommandOutput['ask'] = async (question, byDefault = 'no') => {
    if (!stdin.isTTY || !stderr.isTTY) return 'nobody'
    isAsking = true
    const answer = await askAtTerminal(printable(question), byDefault, signal)
    isAsking = false
    return answer
  }
  if (!isWatched) {
    const output: CommandOutput = {
      print,
      write,
      log: (level, message) => log[level](message),
      isWatched,
      progress() {},
      ask,
    }
    return { output, log, isAsking: () => isAsking, close() {} }
  }
  const bars = progressBars(stderr, () => systemClock.nowMs())
  const above =
    (say: Log['info']): Log['info'] =>
    (message, fields) =>
      bars.above(() => say(message, fields))
  const calm = { debug: above(log.debug), info: above(log.info), warn: above(log.warn), error: above(log.error) }
  return {
    log: calm,
    output: {
      print: (line) => bars.above(() => print(line)),
      write,
      log: (level, message) => calm[level](message),
      isWatched,
      progress: ({ name, text, ...share }) =>
        bars.show({ ...share, name: printableName(name), text: printableName(text) }),
      ask(question, byDefault) {
        bars.clear()
        return ask(question, byDefault)
      },
    },
    isAsking: () => isAsking,
    close: () => bars.clear(),
  }
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
