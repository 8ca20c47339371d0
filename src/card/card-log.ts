import { type FileHandle, open } from 'node:fs/promises'
import { decodeInto, readKey, RECORD_BYTES, type RecordBuffer } from './log-record.ts'
import { findSpan, isBetween, type LogBlocks, type LogSpan, type Position, readBlocks } from './log-span.ts'

/** A log on a card that may be damaged: what is read of it is what the device would read, or refused. Times in Unix seconds. */
export interface CardLog {
  readonly path: string
  readonly intervalS: number
  readonly firstKeyS: number
  readonly lastKeyS: number
  /** What a person should know of the file, each a complete sentence. */
  readonly remarks: readonly string[]
  /**
   * Reads the record of a time into `record`; where there is none the one before it, as the device does. False where
   * it cannot be told because the file is damaged. `keyS` lies on the interval.
   */
  read(keyS: number, record: RecordBuffer, options: { readonly ahead: number }): Promise<boolean>
  /** The same for a record that is in memory because it follows the one that was read last; undefined for others. */
  readNext(keyS: number, record: RecordBuffer): boolean | undefined
  /** Whether there is a record of exactly this time. */
  has(keyS: number): Promise<boolean>
  hasGrown(): Promise<boolean>
  close(): Promise<void>
}

/** The firmware reserves space ahead of what it writes: 32 records where it was seen. */
const RESERVED_RECORDS = 256

/** Undefined where the file has no record. @throws Error that says what is wrong with it. */
export async function openCardLog(path: string, intervalS: number): Promise<CardLog | undefined> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    const blocks = readBlocks(file, Math.floor(size / RECORD_BYTES))
    const span = await findSpan(blocks, intervalS)
    if (span === undefined) {
      await file.close()
      return undefined
    }
    return cardLog({ path, intervalS, file, sizeBytes: size, blocks, span })
  } catch (error) {
    await file.close()
    throw error
  }
}

interface OpenedLog {
  readonly path: string
  readonly intervalS: number
  readonly file: FileHandle
  readonly sizeBytes: number
  readonly blocks: LogBlocks
  readonly span: LogSpan
}

function cardLog({ path, intervalS, file, sizeBytes, blocks, span }: OpenedLog): CardLog {
  const { first, last, slotOf } = span
  /** Where the record that was read last is. */
  let index = 0
  let indexKeyS = first.keyS
  /** Neighbours: between them lies nothing, or nothing that can be read. */
  let gap = { low: first, high: first }

  async function find(keyS: number): Promise<number | undefined> {
    if (keyS <= first.keyS) return first.index
    if (keyS >= last.keyS) return last.index
    const guess = index + (keyS - indexKeyS) / intervalS
    if (guess > 0 && guess < last.index && (await blocks.keyAt(slotOf(guess))) === keyS) return guess
    if (keyS < gap.low.keyS) gap = await narrow(keyS, { low: first, high: gap.low })
    if (keyS >= gap.high.keyS) gap = await narrow(keyS, { low: gap.high, high: last })
    const { low, high } = gap
    return low.keyS === keyS || high.index === low.index + 1 ? low.index : undefined
  }

  /** Gaps only make records lie nearer to each other than their keys tell, so both estimates are bounds. */
  async function narrow(
    keyS: number,
    bounds: { low: Position; high: Position },
  ): Promise<{ low: Position; high: Position }> {
    let { low, high } = bounds
    while (high.index - low.index > 1 && low.keyS !== keyS) {
      const ceiling = Math.min(high.index, low.index + (keyS - low.keyS) / intervalS)
      const floor = Math.max(low.index, high.index - (high.keyS - keyS) / intervalS)
      const guess = ceiling < high.index ? ceiling : floor > low.index ? floor : (low.index + high.index) >> 1
      const near = await nearest(guess, { low, high })
      if (near === undefined) return { low, high }
      if (near.keyS <= keyS) low = near
      else high = near
    }
    return low.keyS === keyS ? { low, high: low } : { low, high }
  }

  /** The record at an index, or the next one, before or behind, whose key can be right. */
  async function nearest(guess: number, bounds: { low: Position; high: Position }): Promise<Position | undefined> {
    for (const step of [-1, 1] as const)
      for (let at = guess; at > bounds.low.index && at < bounds.high.index; at += step) {
        const position = { index: at, keyS: await blocks.keyAt(slotOf(at), at === guess ? undefined : step) }
        if (isBetween(position, bounds, intervalS)) return position
      }
    return undefined
  }

  function take(found: number, keyS: number, record: RecordBuffer): boolean {
    const offset = blocks.offsetOf(slotOf(found))
    index = found
    indexKeyS = readKey(blocks.bytes, offset)
    decodeInto(record, blocks.bytes, offset)
    record.keyS = keyS
    return isSound(record)
  }

  return {
    path,
    intervalS,
    firstKeyS: first.keyS,
    lastKeyS: last.keyS,
    remarks: describe({ path, sizeBytes, span }),
    readNext(keyS, record) {
      const guess = index + (keyS - indexKeyS) / intervalS
      if (guess < 0 || guess > last.index) return undefined
      const offset = blocks.offsetOf(slotOf(guess))
      return offset >= 0 && readKey(blocks.bytes, offset) === keyS ? take(guess, keyS, record) : undefined
    },
    async read(keyS, record, { ahead }) {
      const found = await find(keyS)
      if (found === undefined) return false
      if (blocks.offsetOf(slotOf(found)) < 0) await blocks.load(slotOf(found), ahead)
      return take(found, keyS, record)
    },
    async has(keyS) {
      const found = await find(keyS)
      return found !== undefined && (await blocks.keyAt(slotOf(found))) === keyS
    },
    hasGrown: async () => (await file.stat()).size !== sizeBytes,
    close: () => file.close(),
  }
}

/** A sum that is no number costs its channel alone; without its hours a record says nothing. */
function isSound({ logHours }: RecordBuffer): boolean {
  return Number.isFinite(logHours) && logHours >= 0
}

function describe({ path, sizeBytes, span }: { path: string; sizeBytes: number; span: LogSpan }): string[] {
  const remarks: string[] = []
  const tornBytes = sizeBytes % RECORD_BYTES
  if (tornBytes > 0)
    remarks.push(`${path} ends within a record (${tornBytes} of ${RECORD_BYTES} bytes): that one is left out`)
  if (span.repeatedRecords > 0)
    remarks.push(`${path} has ${span.repeatedRecords} records twice or out of their order: these are passed over`)
  if (span.tailRecords > RESERVED_RECORDS)
    remarks.push(
      `the last ${span.tailRecords * RECORD_BYTES} bytes of ${path} hold no records: was the copy of the card cut off?`,
    )
  return remarks
}
