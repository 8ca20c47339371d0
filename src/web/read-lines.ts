import type { Readable } from 'node:stream'

/** The lines that come over a connection, until it ends or is cut. @throws Error where one does not end in time. */
export async function* readLines(source: Readable, maxLength: number): AsyncGenerator<string, undefined, undefined> {
  source.setEncoding('utf8')
  const parts: string[] = []
  let length = 0
  try {
    for await (const text of source) {
      const [first = '', ...others] = String(text).split('\n')
      for (const [index, more] of [first, ...others].entries()) {
        if (index > 0) {
          yield parts.splice(0).join('')
          length = 0
        }
        parts.push(more)
        length += more.length
        if (length > maxLength) throw new Error(`a line is longer than ${maxLength} characters`)
      }
    }
  } catch (error) {
    // A connection that is cut never says that it has ended.
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE')) throw error
  }
  return undefined
}
