import { PassThrough, Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { readLines } from './command-client.ts'

const SILENCE_MS = 100
const limits = { maxLength: 10, silenceMs: SILENCE_MS, onSilence: () => new Error('silent') }

async function linesOf(parts: readonly string[]): Promise<string[]> {
  const lines: string[] = []
  for await (const line of readLines(Readable.from(parts.map((part) => Buffer.from(part))), limits)) lines.push(line)
  return lines
}

it.each([
  [
    ['one\ntw', 'o\n\nthr', 'ee'],
    ['one', 'two', ''],
  ],
  [
    ['0123456789\n', '01234', '56789\n'],
    ['0123456789', '0123456789'],
  ],
])('%j', async (parts, lines) => {
  expect(await linesOf(parts)).toEqual(lines)
})

it.each([[['01234567890\n']], [['01234', '567890']]])('%j is too long', async (parts) => {
  await expect(linesOf(parts)).rejects.toThrow('longer than 10 characters')
})

it('characters are complete, however they arrive', async () => {
  const bytes = Buffer.from('Wärme\n')
  const source = Readable.from([bytes.subarray(0, 2), bytes.subarray(2)])
  const lines: string[] = []
  for await (const line of readLines(source, limits)) lines.push(line)
  expect(lines).toEqual(['Wärme'])
})

it.each([
  ['nothing', []],
  ['a line', ['one\n']],
  ['half a line', ['one\ntw']],
])('silence after %s is not waited for', async (_, said) => {
  const source = new PassThrough()
  for (const part of said) source.write(part)
  const read = async () => {
    for await (const line of readLines(source, limits)) expect(line).toBe('one')
  }
  await expect(read()).rejects.toThrow('silent')
})

it('bytes that never make a line are silence', async () => {
  const source = new PassThrough()
  const dripping = setInterval(() => source.write('.'), SILENCE_MS / 5)
  await expect(readLines(source, { ...limits, maxLength: 1_000 }).next()).rejects.toThrow('silent')
  clearInterval(dripping)
})

it('a reader that is slow does not take its own time for silence', async () => {
  const source = new PassThrough()
  source.write('one\n')
  const lines = readLines(source, limits)
  expect(await lines.next()).toEqual({ done: false, value: 'one' })
  await sleep(2 * SILENCE_MS)
  source.end('two\n')
  expect(await lines.next()).toEqual({ done: false, value: 'two' })
})

it('what came while the process stood still counts as received', async () => {
  const source = new PassThrough()
  const next = readLines(source, limits).next()
  setImmediate(() => {
    setImmediate(() => source.write('one\n'))
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2 * SILENCE_MS)
  })
  expect(await next).toEqual({ done: false, value: 'one' })
})

it.each(['ECONNRESET', 'EPIPE'])('a connection that %s cuts has ended', async (code) => {
  const source = new PassThrough()
  source.write('one\nha')
  setImmediate(() => source.destroy(Object.assign(new Error(code), { code })))
  const lines: string[] = []
  for await (const line of readLines(source, {
    maxLength: 100,
    silenceMs: 60_000,
    onSilence: () => new Error('silence'),
  }))
    lines.push(line)
  expect(lines).toEqual(['one'])
})
