import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fileBytes, type LogFile, openLogFile } from './log-file.ts'
import { memoryBytes } from '../simulator/fixtures/load-fixtures.ts'
import { emptyRecord, RECORD_BYTES } from './log-record.ts'
import { encodeRecord } from '../../test/doubles/write-card.ts'

const FIRST = 1_700_000_000

/** A log with a record at each key; `logHours` is its serial number, so that records can be told apart. */
function bytesOf(keys: readonly number[], { start = 0, spare = 0 } = {}): Uint8Array {
  const bytes = new Uint8Array((keys.length + spare) * RECORD_BYTES)
  for (const [serial, keyS] of keys.entries()) {
    const record = { ...emptyRecord(keyS), logHours: serial }
    bytes.set(encodeRecord(record, serial), ((start + serial) % keys.length) * RECORD_BYTES)
  }
  return bytes
}

function dense(count: number, { fromS = FIRST, stepS = 5 } = {}): number[] {
  return Array.from({ length: count }, (_, index) => fromS + index * stepS)
}

/** The record that the device takes for a key. */
function expectReads(log: LogFile, keys: readonly number[], probes: readonly number[]): void {
  for (const keyS of probes) {
    const rounded = keyS - (keyS % 5)
    const serial = Math.max(
      0,
      keys.findLastIndex((key) => key <= rounded),
    )
    const { keyS: got, logHours } = log.read(keyS)
    expect({ asked: keyS, got, logHours }).toEqual({ asked: keyS, got: rounded, logHours: serial })
  }
}

const holed = [
  ...dense(100),
  ...dense(1, { fromS: FIRST + 5000 }),
  ...dense(200, { fromS: FIRST + 9000 }),
  ...dense(50, { fromS: FIRST + 20_000 }),
]
const layouts: readonly { name: string; keys: readonly number[]; start?: number; spare?: number }[] = [
  { name: 'dense', keys: dense(300) },
  { name: 'one record', keys: dense(1) },
  { name: 'space reserved behind it', keys: dense(300), spare: 32 },
  { name: 'gaps', keys: holed },
  { name: 'gaps and space', keys: holed, spare: 7 },
  { name: 'wrapped around', keys: dense(300), start: 77 },
  { name: 'wrapped around by one', keys: dense(300), start: 1 },
  { name: 'wrapped around but for one', keys: dense(300), start: 299 },
  { name: 'wrapped around with gaps', keys: holed, start: 120 },
]

describe.each(layouts)('a log: $name', ({ keys, ...layout }) => {
  const open = () => openLogFile(memoryBytes(bytesOf(keys, layout)), 5)

  it('knows its ends and its size without the reserved space', () => {
    const { firstKeyS, lastKeyS, sizeBytes } = open()
    expect({ firstKeyS, lastKeyS, sizeBytes }).toEqual({
      firstKeyS: keys[0],
      lastKeyS: keys.at(-1),
      sizeBytes: keys.length * RECORD_BYTES,
    })
  })

  it('finds every record forwards, backwards, between and outside', () => {
    const forwards = dense(4100, { fromS: FIRST - 100 }).map((keyS) => keyS + (keyS % 3))
    expectReads(open(), keys, forwards)
    expectReads(open(), keys, forwards.toReversed())
    const log = open()
    expectReads(
      log,
      keys,
      forwards.map((_, index) => forwards[(index * 1237) % forwards.length] ?? 0),
    )
  })
})

it('reads each record once going forwards, also within gaps but for their beginning', () => {
  const log = openLogFile(memoryBytes(bytesOf(holed)), 5)
  const keys = dense(4000)
  for (const keyS of keys) log.read(keyS)
  expect(log.readCount).toBeGreaterThanOrEqual(keys.length)
  expect(log.readCount).toBeLessThanOrEqual(keys.length + 3 * 8)
})

it('an empty log has no keys and answers with nothing', () => {
  const log = openLogFile(memoryBytes(new Uint8Array(10 * RECORD_BYTES)), 60)
  expect([log.firstKeyS, log.lastKeyS, log.sizeBytes]).toEqual([0, 0, 0])
  expect(log.read(FIRST).logHours).toBe(0)
})

it('reads from a file what it reads from memory, over more blocks than it keeps', () => {
  const folder = mkdtempSync(join(tmpdir(), 'log-'))
  const keys = dense(9000)
  writeFileSync(join(folder, 'log'), bytesOf(keys))
  const log = openLogFile(fileBytes(join(folder, 'log')), 5)
  expectReads(
    log,
    keys,
    keys.filter((_, index) => index % 7 === 0),
  )
  expectReads(log, keys, keys.map((_, index) => keys[(index * 4801) % keys.length] ?? 0).slice(0, 500))
  log.close()
  rmSync(folder, { recursive: true })
})

it('keeps sums of all channels through encoding', () => {
  const record = emptyRecord(FIRST)
  const full = { ...record, sum1: record.sum1.map((_, i) => i / 3), sum2: record.sum2.map((_, i) => -i / 7) }
  expect(openLogFile(memoryBytes(encodeRecord(full, 1)), 5).read(FIRST)).toEqual(full)
})
