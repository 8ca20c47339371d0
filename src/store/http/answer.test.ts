import { Readable } from 'node:stream'
import { expect, it } from 'vitest'
import { type Answer, dateMs, readLines, readText } from './answer.ts'

const answer = (body: AsyncIterable<Buffer>, status = 200): Answer => ({
  asked: 'GET x',
  status,
  header: () => undefined,
  redact: (text) => text,
  product: 'VictoriaMetrics',
  body,
})

/** So many bytes, a piece at a time; `read` tells how many were taken. */
function bodyOf(length: number, text = 'x') {
  let read = 0
  async function* pieces() {
    for (; read < length; read += 1024) yield Buffer.alloc(Math.min(1024, length - read), text)
  }
  return { body: pieces(), read: () => read }
}

const linesOf = async (texts: readonly string[], limits: { maxLine?: number; maxBytes?: number } = {}) => {
  async function* body() {
    for (const text of texts) yield Buffer.from(text)
  }
  const lines: string[] = []
  for await (const line of readLines(answer(body()), limits)) lines.push(line)
  return lines
}

it('a body as long as it may be is read, and not one that is longer', async () => {
  expect(await readText(answer(bodyOf(4096).body), 4096)).toHaveLength(4096)
  await expect(readText(answer(bodyOf(4097).body), 4096)).rejects.toMatchObject({ reason: 'bad-answer' })
})

it('of 2 GB no more is taken than may be', async () => {
  const endless = bodyOf(2 ** 31)
  await expect(readText(answer(endless.body), 65_536)).rejects.toMatchObject({ reason: 'bad-answer' })
  expect(endless.read()).toBeLessThan(70_000)
})

it.each([404, 500])('of what a refusal (%i) says, 64 kB are read and the rest is left', async (status) => {
  const endless = bodyOf(2 ** 31)
  expect(await readText(answer(endless.body, status))).toHaveLength(65_536)
  expect(endless.read()).toBeLessThan(70_000)
})

it('lines are complete, however they arrive', async () => {
  expect(await linesOf(['one\ntw', 'o\n\nthr', 'ee'])).toEqual(['one', 'two', 'three'])
})

it('a line as long as it may be is read, and not one that is longer', async () => {
  expect(await linesOf(['01234', '56789\n'], { maxLine: 10 })).toEqual(['0123456789'])
  await expect(linesOf(['01234', '56789x'], { maxLine: 10 })).rejects.toMatchObject({ reason: 'bad-answer' })
})

it('as many bytes of lines as may be are read, and not one more', async () => {
  expect(await linesOf(['a\n', 'b\n'], { maxBytes: 4 })).toEqual(['a', 'b'])
  await expect(linesOf(['a\n', 'b\n', '\n'], { maxBytes: 4 })).rejects.toMatchObject({ reason: 'bad-answer' })
})

it.each([
  ['Sun, 06 Nov 1994 08:49:37 GMT', 784_111_777_000],
  ['50', undefined],
  ['1994-11-06', undefined],
  ['Sun, 06 Nov 1949 08:49:37 GMT', undefined],
  ['Sun, 66 Nov 1994 08:49:37 GMT', undefined],
  ['', undefined],
  [undefined, undefined],
])('the date of an answer, %j, is %s', (date, timeMs) => {
  const redact = (text: string) => text
  const body = Readable.from([])
  expect(dateMs({ asked: 'GET /', product: 'InfluxDB', status: 200, header: () => date, redact, body })).toBe(timeMs)
})
