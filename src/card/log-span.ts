import type { FileHandle } from 'node:fs/promises'
import { readKey, RECORD_BYTES } from './log-record.ts'

/** The record at a place, counted from the oldest. */
export interface Position {
  readonly index: number
  readonly keyS: number
}

/** From the oldest record to the newest. */
export interface LogSpan {
  readonly first: Position
  readonly last: Position
  /** The place in the file of the record that an index means. */
  slotOf(index: number): number
  /** What lies behind the newest record and is none. */
  readonly tailRecords: number
  /** What is there a second time, and is passed over. */
  readonly repeatedRecords: number
}

/** The first device was built in 2016. */
const OLDEST_KEY_S = Date.UTC(2015, 0, 1) / 1000
const PROBES = 16
const MAX_REPEATED_SHARE = 0.75

/** Where a log begins and ends, which may be anywhere: it goes on over its beginning when it is full. Undefined where it has no record. */
export async function findSpan(blocks: LogBlocks, intervalS: number): Promise<LogSpan | undefined> {
  const isKey = (keyS: number) => keyS >= OLDEST_KEY_S && keyS % intervalS === 0
  const lowest = await findKey(blocks, { from: 0, step: 1, isKey })
  const highest = await findKey(blocks, { from: blocks.slots - 1, step: -1, isKey })
  if (lowest === undefined || highest === undefined) {
    const written = await findKey(blocks, { from: 0, step: 1, isKey: (keyS) => keyS !== 0 })
    if (written !== undefined) throw notALog()
    return undefined
  }
  const [lowestS, highestS] = [await blocks.keyAt(lowest), await blocks.keyAt(highest)]
  const isWrapped = lowestS > highestS
  const oldest = isWrapped ? await findWrap(blocks, { lowest, highest, isKey }) : lowest
  const newest = (isWrapped ? await findKey(blocks, { from: oldest - 1, step: -1, isKey }) : undefined) ?? highest
  // What cannot be read at either end of the file lies in the middle of a log that goes on over its beginning.
  const lostCount = blocks.slots - 1 - highest + lowest
  const isRing = isWrapped && lowestS - highestS > lostCount * intervalS
  const [start, size] = isRing ? [0, blocks.slots] : [lowest, highest - lowest + 1]
  const slotOf = (index: number) => start + ((oldest - start + index) % size)
  const count = ((newest - oldest + size) % size) + 1
  const tailRecords = blocks.slots - 1 - highest
  const span = await spanOf(blocks, { count, slotOf, tailRecords, repeatedRecords: 0 })
  if (isBetween(span.last, { low: span.first, high: span.last }, intervalS)) {
    await checkOrder(blocks, span, intervalS)
    return span
  }
  // More records than there is time for: some are there twice.
  const repeats = await findRepeats(blocks, { count, slotOf, isKey })
  const once = await spanOf(blocks, { ...withoutRepeats(repeats, { count, slotOf }), tailRecords })
  await checkOrder(blocks, once, intervalS)
  return once
}

interface Slots {
  readonly count: number
  slotOf(index: number): number
}

async function spanOf(
  blocks: LogBlocks,
  { count, ...slots }: Slots & Pick<LogSpan, 'tailRecords' | 'repeatedRecords'>,
): Promise<LogSpan> {
  const at = async (index: number) => ({ index, keyS: await blocks.keyAt(slots.slotOf(index)) })
  return { ...slots, first: await at(0), last: await at(count - 1) }
}

/** Records that follow each other, by their index. */
interface Repeat {
  readonly from: number
  readonly until: number
}

const MAX_REPEATS = 1_000

/** Where time goes back, all until it is where it was. A single record whose time is ahead of its neighbours' is damaged instead. */
async function findRepeats(
  blocks: LogBlocks,
  { count, slotOf, isKey }: Slots & { isKey: (keyS: number) => boolean },
): Promise<readonly Repeat[]> {
  const repeats: Repeat[] = []
  let [newestS, beforeS] = [0, 0]
  let from: number | undefined
  for (let index = 0; index < count; index++) {
    const keyS = await blocks.keyAt(slotOf(index), 1)
    if (!isKey(keyS)) continue
    if (keyS > newestS) {
      if (from !== undefined) repeats.push({ from, until: index })
      if (repeats.length > MAX_REPEATS) throw notALog()
      from = undefined
      ;[beforeS, newestS] = [newestS, keyS]
    } else if (from === undefined && keyS > beforeS && keyS < newestS) newestS = keyS
    else from ??= index
  }
  return from === undefined ? repeats : [...repeats, { from, until: count }]
}

function withoutRepeats(
  repeats: readonly Repeat[],
  { count, slotOf }: Slots,
): Slots & Pick<LogSpan, 'repeatedRecords'> {
  const repeatedRecords = repeats.reduce((sum, { from, until }) => sum + until - from, 0)
  // Of a file that is no log, next to nothing is in order.
  if (repeatedRecords > MAX_REPEATED_SHARE * count) throw notALog()
  return {
    count: count - repeatedRecords,
    repeatedRecords,
    slotOf(index) {
      let complete = index
      for (const { from, until } of repeats) {
        if (complete < from) break
        complete += until - from
      }
      return slotOf(complete)
    },
  }
}

/** Whether a key can stand between two others: records are at least an interval apart. */
export function isBetween(
  { index, keyS }: Position,
  { low, high }: { low: Position; high: Position },
  intervalS: number,
): boolean {
  return (
    keyS % intervalS === 0 &&
    keyS >= low.keyS + (index - low.index) * intervalS &&
    keyS <= high.keyS - (high.index - index) * intervalS
  )
}

/** The nearest slot in one direction that has a key. */
async function findKey(
  blocks: LogBlocks,
  { from, step, isKey }: { from: number; step: 1 | -1; isKey: (keyS: number) => boolean },
): Promise<number | undefined> {
  for (let slot = from; slot >= 0 && slot < blocks.slots; slot += step)
    if (isKey(await blocks.keyAt(slot, step))) return slot
  return undefined
}

/** The oldest record of a full log: the first that is not newer than the file's beginning. */
async function findWrap(
  blocks: LogBlocks,
  { lowest, highest, isKey }: { lowest: number; highest: number; isKey: (keyS: number) => boolean },
): Promise<number> {
  const lowestS = await blocks.keyAt(lowest)
  const soundFrom = async (slot: number) => (await findKey(blocks, { from: slot, step: 1, isKey })) ?? highest
  let newer = lowest
  let older = highest
  while (older - newer > 1) {
    const middle = (newer + older) >> 1
    const sound = await soundFrom(middle)
    if (sound < older && (await blocks.keyAt(sound)) >= lowestS) newer = sound
    else older = middle
  }
  return soundFrom(older)
}

/** A few looks tell a log from anything else; damage that leaves most of it is no matter here. */
async function checkOrder(blocks: LogBlocks, { first, last, slotOf }: LogSpan, intervalS: number): Promise<void> {
  if (!isBetween(last, { low: first, high: last }, intervalS)) throw notALog()
  let sound = 1
  for (let probe = 1; probe < PROBES; probe++) {
    const index = Math.floor((probe * last.index) / PROBES)
    const position = { index, keyS: await blocks.keyAt(slotOf(index)) }
    if (isBetween(position, { low: first, high: last }, intervalS)) sound++
  }
  if (sound < PROBES / 4) throw notALog()
}

function notALog(): Error {
  return new Error(
    'its records are not in the order of time, so it is no log of an IoTaWatt; to read the card without it, move it out of its folder',
  )
}

/** The records of a log file by their place in it; a block of them is in memory. */
export interface LogBlocks {
  /** How many complete records the file held when it was opened. */
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
