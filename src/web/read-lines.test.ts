import { Readable } from 'node:stream'
import { expect, it } from 'vitest'
import { readLines } from './read-lines.ts'

async function linesOf(parts: readonly string[]): Promise<string[]> {
  const lines: string[] = []
  for await (const line of readLines(Readable.from(parts.map((part) => Buffer.from(part))), 10)) lines.push(line)
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

it('characters are whole, however they arrive', async () => {
  const bytes = Buffer.from('Wärme\n')
  const source = Readable.from([bytes.subarray(0, 2), bytes.subarray(2)])
  const lines: string[] = []
  for await (const line of readLines(source, 10)) lines.push(line)
  expect(lines).toEqual(['Wärme'])
})
