import type { FileHandle } from 'node:fs/promises'
import { readKey, RECORD_BYTES } from './log-record.ts'

/** The records of a log file by their place in it; a block of them is in memory. */
export interface LogBlocks {
  /** How many whole records the file held when it was opened. */
  readonly slots: number
  /** The block that is in memory. */
  readonly bytes: DataView
  /** Where in `bytes` the record begins, or -1 where it is not in memory. */
  offsetOf(slot: number): number
  /** Puts the record into memory, and of those behind it as many as make `count`. */
  load(slot: number, count: number): Promise<void>
  /** The time of a record. `towards`: its neighbours on that side are asked for next. */
  keyAt(slot: number, towards?: 1 | -1): Promise<number>
}

const BLOCK_RECORDS = 1024

export function readBlocks(file: FileHandle, slots: number): LogBlocks {
  const bytes = new DataView(new ArrayBuffer(BLOCK_RECORDS * RECORD_BYTES))
  const key = new DataView(new ArrayBuffer(4))
  let firstSlot = 0
  let heldCount = 0

  async function read(into: DataView, position: number, length: number): Promise<void> {
    const { bytesRead } = await file.read(into, 0, length, position)
    if (bytesRead !== length)
      throw new Error(`it ends after ${position + bytesRead} bytes, and was longer when it was opened`)
  }

  const offsetOf = (slot: number) =>
    slot >= firstSlot && slot < firstSlot + heldCount ? (slot - firstSlot) * RECORD_BYTES : -1

  async function load(slot: number, count: number): Promise<void> {
    heldCount = 0
    const due = Math.min(count, BLOCK_RECORDS, slots - slot)
    await read(bytes, slot * RECORD_BYTES, due * RECORD_BYTES)
    firstSlot = slot
    heldCount = due
  }

  return {
    slots,
    bytes,
    offsetOf,
    load,
    async keyAt(slot, towards) {
      if (towards !== undefined && offsetOf(slot) < 0)
        await load(towards > 0 ? slot : Math.max(0, slot - BLOCK_RECORDS + 1), BLOCK_RECORDS)
      const offset = offsetOf(slot)
      if (offset >= 0) return readKey(bytes, offset)
      await read(key, slot * RECORD_BYTES, 4)
      return readKey(key, 0)
    },
  }
}
