import { StoreError } from '../../model/store.ts'

/** What this program calls the server that it talks to. */
export type Product = 'VictoriaMetrics' | 'InfluxDB'

export interface Answer {
  /** `POST http://host:8428/api/v1/import`, for messages. */
  readonly asked: string
  readonly product: Product
  readonly status: number
  readonly header: (name: string) => string | undefined
  /** Takes our secrets out of what it says. */
  readonly redact: (text: string) => string
  /** How we logged in; left out: not at all. */
  readonly login?: 'password' | 'token' | 'header' | undefined
  /** As it arrives. */
  readonly body: AsyncIterable<Buffer>
}

const MIB = 1024 * 1024
const MAX_BODY_BYTES = 256 * MIB
const MAX_LINE_CHARACTERS = 16 * MIB
/** A month of a device has some 20 MB. */
const MAX_LINES_BYTES = 1024 * MIB
/** What a refusal says, and no more of it. */
const MAX_REFUSAL_BYTES = 64 * 1024

/** The complete body. Nothing is unpacked: no answer is asked for packed. */
export async function readText(
  answer: Answer,
  maxBytes: number = answer.status < 300 ? MAX_BODY_BYTES : MAX_REFUSAL_BYTES,
): Promise<string> {
  const parts: Buffer[] = []
  let byteCount = 0
  for await (const part of answer.body) {
    byteCount += part.length
    parts.push(part)
    if (byteCount <= maxBytes) continue
    if (answer.status < 300) throw tooLong(answer, maxBytes)
    break
  }
  return Buffer.concat(parts).subarray(0, maxBytes).toString('utf8')
}

export interface CompleteAnswer extends Answer {
  readonly text: string
}

export async function readComplete(answer: Answer): Promise<CompleteAnswer> {
  return { ...answer, text: await readText(answer) }
}

/** Line by line, as they arrive; never all of it. */
export async function* readLines(
  answer: Answer,
  { maxLine = MAX_LINE_CHARACTERS, maxBytes = MAX_LINES_BYTES } = {},
): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest: string[] = []
  let restLength = 0
  let byteCount = 0
  for await (const part of answer.body) {
    byteCount += part.length
    if (byteCount > maxBytes) throw tooLong(answer, maxBytes)
    const [first = '', ...others] = decoder.decode(part, { stream: true }).split('\n')
    for (const [index, text] of [first, ...others].entries()) {
      if (index > 0) {
        const line = rest.join('')
        if (line !== '') yield line
        rest = []
        restLength = 0
      }
      rest.push(text)
      restLength += text.length
      if (restLength > maxLine) throw tooLong(answer, maxLine)
    }
  }
  const line = rest.join('')
  if (line !== '') yield line
}

function tooLong(answer: Answer, limit: number): StoreError {
  return new StoreError('bad-answer', `${answer.asked}: the answer is longer than ${limit / MIB} MB`, {
    hint: `check the address of the store: no answer of ${answer.product === 'InfluxDB' ? 'an' : 'a'} ${answer.product} to this is as long`,
  })
}

/** As RFC 9110 has servers write it; `Date.parse` makes a year of any number. */
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/

/** The server's clock when it answered; undefined where a proxy has taken the header away. */
export function dateMs(answer: Answer): number | undefined {
  const date = answer.header('date') ?? ''
  const timeMs = HTTP_DATE.test(date) ? Date.parse(date) : NaN
  return timeMs >= 0 ? timeMs : undefined
}
