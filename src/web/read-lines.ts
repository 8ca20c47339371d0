import type { Readable } from 'node:stream'
import { hasCode } from '../runtime/errors.ts'

/** Which of them it is depends on what was under way. */
const CUT = ['ERR_STREAM_PREMATURE_CLOSE', 'ECONNRESET', 'EPIPE']

export interface LineLimits {
  readonly maxLength: number
  /** For the next line to come, while it is waited for. */
  readonly silenceMs: number
  readonly onSilence: () => Error
}

/** The lines that come over a connection, until it ends or is cut. @throws Error where one is too long, or too late. */
export async function* readLines(
  source: Readable,
  { maxLength, silenceMs, onSilence }: LineLimits,
): AsyncGenerator<string, undefined, undefined> {
  source.setEncoding('utf8')
  const parts: string[] = []
  let length = 0
  const late = () => source.destroy(onSilence())
  let waiting = afterHalves(silenceMs, late)
  try {
    for await (const text of source) {
      const [first = '', ...others] = String(text).split('\n')
      for (const [index, more] of [first, ...others].entries()) {
        if (index > 0) {
          waiting.cancel()
          yield parts.splice(0).join('')
          waiting = afterHalves(silenceMs, late)
          length = 0
        }
        parts.push(more)
        length += more.length
        if (length > maxLength) throw new Error(`a line is longer than ${maxLength} characters`)
      }
    }
  } catch (error) {
    // A connection that is cut never says that it has ended.
    if (!CUT.some((code) => hasCode(error, code))) throw error
  } finally {
    waiting.cancel()
  }
  return undefined
}

/** A process that stood still itself (Ctrl-Z) finds its time over first: the second half is for what came meanwhile. */
function afterHalves(durationMs: number, act: () => void): { cancel(): void } {
  let timer = setTimeout(() => {
    timer = setTimeout(act, durationMs / 2)
  }, durationMs / 2)
  return { cancel: () => clearTimeout(timer) }
}
