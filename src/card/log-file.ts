import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { decodeRecord, emptyRecord, type LogRecord, RECORD_BYTES } from './log-record.ts'

/** A log that can be read by time, whether it lies on a card or is made up on demand. Times in Unix seconds. */
export interface LogFile {
  readonly intervalS: number
  /** 0 while the log has no record. */
  readonly firstKeyS: number
  readonly lastKeyS: number
  readonly sizeBytes: number
  /** How many records were read from it so far: what a question costs the device. */
  readonly readCount: number
  /**
   * The record at the key, rounded down to the interval. Where there is none, the one before it (before the log
   * began: its first) under the key that was asked for, as the device does.
   */
  read(keyS: number): LogRecord
  close(): void
}

/** Positions that were read last narrow the next search, as on the device. */
const POSITIONS_KEPT = 8

interface Position {
  readonly index: number
  readonly keyS: number
}

/** A log as it lies on a card: it may have wrapped around, have gaps, and end before the file does. */
export function openLogFile(bytes: LogBytes, intervalS: number): LogFile {
  const keyAt = (slot: number) => bytes.view(slot * RECORD_BYTES, 4).getUint32(0, true)
  const slots = Math.floor(bytes.sizeBytes / RECORD_BYTES)
  const count = countRecords(keyAt, slots)
  const start = count === slots ? findWrap(keyAt, count) : 0
  const slotOf = (index: number) => (start + index) % count

  const first: Position = { index: 0, keyS: count === 0 ? 0 : keyAt(slotOf(0)) }
  const last: Position = { index: count - 1, keyS: count === 0 ? 0 : keyAt(slotOf(count - 1)) }
  const known: Position[] = []
  let nextKnown = 0
  let readCount = 0

  function readAt(index: number): LogRecord {
    readCount++
    const record = decodeRecord(bytes.view(slotOf(index) * RECORD_BYTES, RECORD_BYTES))
    if (!known.some((position) => position.index === index)) {
      known[nextKnown] = { index, keyS: record.keyS }
      nextKnown = (nextKnown + 1) % POSITIONS_KEPT
    }
    return record
  }

  function read(anyKeyS: number): LogRecord {
    const keyS = anyKeyS - (anyKeyS % intervalS)
    if (count === 0) return emptyRecord(keyS)
    if (keyS < first.keyS) return { ...readAt(0), keyS }
    if (keyS >= last.keyS) return { ...readAt(last.index), keyS }
    let low = first
    let high = last
    for (const position of known) {
      if (position.keyS <= keyS && position.keyS > low.keyS) low = position
      if (position.keyS > keyS && position.keyS < high.keyS) high = position
    }
    return search(keyS, low, high)
  }

  /** Gaps only make records lie nearer to each other than their keys tell, so both estimates are bounds. */
  function search(keyS: number, from: Position, until: Position): LogRecord {
    let low = from
    let high = until
    while (high.index - low.index > 1 && low.keyS !== keyS) {
      const ceiling = Math.min(high.index, low.index + (keyS - low.keyS) / intervalS)
      const floor = Math.max(low.index, high.index - (high.keyS - keyS) / intervalS)
      const guess = ceiling < high.index ? ceiling : floor > low.index ? floor : (low.index + high.index) >> 1
      const record = readAt(guess)
      if (record.keyS === keyS) return record
      if (record.keyS < keyS) low = { index: guess, keyS: record.keyS }
      else high = { index: guess, keyS: record.keyS }
    }
    return { ...readAt(low.index), keyS }
  }

  return {
    intervalS,
    firstKeyS: first.keyS,
    lastKeyS: last.keyS,
    sizeBytes: count * RECORD_BYTES,
    get readCount() {
      return readCount
    },
    read,
    close: () => bytes.close(),
  }
}

/** The device reserves space ahead and leaves it zero: such a record (time 0) ends the log. */
function countRecords(keyAt: (slot: number) => number, slots: number): number {
  let used = 0
  let end = slots
  while (used < end) {
    const middle = (used + end) >> 1
    if (keyAt(middle) === 0) end = middle
    else used = middle + 1
  }
  return used
}

/** Where the oldest record lies: a full log goes on over its beginning. */
function findWrap(keyAt: (slot: number) => number, count: number): number {
  if (count < 2 || keyAt(0) <= keyAt(count - 1)) return 0
  let newer = 0
  let older = count - 1
  while (older - newer > 1) {
    const middle = (newer + older) >> 1
    if (keyAt(middle) >= keyAt(0)) newer = middle
    else older = middle
  }
  return older
}

/** The bytes of a log, wherever they are. */
export interface LogBytes {
  readonly sizeBytes: number
  /** `lengthBytes` bytes from `offset`; the view is valid until the next call. */
  view(offset: number, lengthBytes: number): DataView
  close(): void
}

/** A power of two, so that no record lies across two blocks. */
const BLOCK_BYTES = 65_536
const BLOCKS_KEPT = 16

/** Reads blocks by their position and keeps the last few: a log of years takes one megabyte of memory. */
export function fileBytes(path: string): LogBytes {
  const file = openSync(path, 'r')
  const sizeBytes = fstatSync(file).size
  const blocks = new Map<number, DataView>()
  return {
    sizeBytes,
    view(offset, lengthBytes) {
      const index = Math.floor(offset / BLOCK_BYTES)
      const block = blocks.get(index) ?? readBlock(file, index)
      blocks.delete(index)
      blocks.set(index, block)
      for (const oldest of blocks.keys()) if (blocks.size > BLOCKS_KEPT) blocks.delete(oldest)
      return new DataView(block.buffer, offset - index * BLOCK_BYTES, lengthBytes)
    },
    close: () => closeSync(file),
  }
}

function readBlock(file: number, index: number): DataView {
  const block = new Uint8Array(BLOCK_BYTES)
  readSync(file, block, 0, BLOCK_BYTES, index * BLOCK_BYTES)
  return new DataView(block.buffer)
}
