import type { LogBlocks } from './log-blocks.ts'

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
}

/** The first device was built in 2016. */
const OLDEST_KEY_S = Date.UTC(2015, 0, 1) / 1000
const PROBES = 16

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
  const [start, count] = isRing ? [0, blocks.slots] : [lowest, highest - lowest + 1]
  const slotOf = (index: number) => start + ((oldest - start + index) % count)
  const span = {
    first: { index: 0, keyS: await blocks.keyAt(oldest) },
    last: { index: (newest - oldest + count) % count, keyS: await blocks.keyAt(newest) },
    slotOf,
    tailRecords: blocks.slots - 1 - highest,
  }
  await checkOrder(blocks, span, intervalS)
  return span
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
  let sound = isBetween(last, { low: first, high: last }, intervalS) ? 1 : -PROBES
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
