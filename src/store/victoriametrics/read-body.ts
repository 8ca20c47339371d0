import { StoreError } from '../../model/store.ts'
import type { Answer } from './connection.ts'

const MAX_BODY_BYTES = 256 * 1024 * 1024
const MAX_LINE_CHARACTERS = 16 * 1024 * 1024

export async function readText(answer: Answer, body: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = []
  let byteCount = 0
  for await (const part of body) {
    byteCount += part.length
    if (byteCount > MAX_BODY_BYTES) throw tooLong(answer)
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

/** Line by line, as they arrive; never the whole of it. */
export async function* readLines(answer: Answer, body: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const part of body) {
    const lines = (rest + decoder.decode(part, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > MAX_LINE_CHARACTERS) throw tooLong(answer)
    for (const line of lines) if (line !== '') yield line
  }
  if (rest !== '') yield rest
}

function tooLong(answer: Answer): StoreError {
  return new StoreError('bad-answer', `${answer.asked}: the answer is too long`)
}
