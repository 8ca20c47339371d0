import { createWriteStream, type WriteStream } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { once } from 'node:events'
import { encodeDeviceText } from '../../src/card/device-text.ts'
import type { LogFile } from '../../src/card/log-file.ts'
import { CHANNEL_COUNT, type LogRecord, RECORD_BYTES } from '../../src/card/log-record.ts'
import { CARD_PATHS } from '../../src/card/open-card.ts'
import type { DeviceSource } from '../../src/simulator/plain-device.ts'

/** After a longer outage the 5 s log has no records of it. */
const FILLED_GAP_S = 600
const BLOCK_RECORDS = 1024

/** Writes what would lie on the card of a made-up device at a time, in the way of its firmware. */
export async function writeCard(folder: string, source: DeviceSource, nowMs: number): Promise<void> {
  const { current, history } = source.logsAt(nowMs)
  await mkdir(dirname(join(folder, CARD_PATHS.history)), { recursive: true })
  await writeFile(join(folder, CARD_PATHS.config), encodeDeviceText(source.configText))
  await writeLog(join(folder, CARD_PATHS.history), recordsOf(history))
  await writeLog(join(folder, CARD_PATHS.current), withoutLongOutages(recordsOf(current)))
}

function* recordsOf(log: LogFile): Generator<LogRecord> {
  if (log.lastKeyS === 0) return
  for (let keyS = log.firstKeyS; keyS <= log.lastKeyS; keyS += log.intervalS) yield log.read(keyS)
}

/** Of records that repeat each other for longer than the firmware fills, only the first and the last. */
function* withoutLongOutages(records: Iterable<LogRecord>): Generator<LogRecord> {
  let repeats: LogRecord[] = []
  const take = () => {
    const [first, last] = [repeats[0], repeats.at(-1)]
    const isLong = first !== undefined && last !== undefined && last.keyS - first.keyS > FILLED_GAP_S
    return isLong ? [first, last] : repeats
  }
  for (const record of records) {
    if (repeats[0] !== undefined && repeats[0].logHours !== record.logHours) {
      yield* take()
      repeats = []
    }
    repeats.push(record)
  }
  yield* take()
}

async function writeLog(path: string, records: Iterable<LogRecord>): Promise<void> {
  const stream = createWriteStream(path)
  let block: Uint8Array[] = []
  let serial = 0
  for (const record of records) {
    if (block.push(encodeRecord(record, serial++)) < BLOCK_RECORDS) continue
    await writeBlock(stream, block)
    block = []
  }
  await writeBlock(stream, block)
  stream.end()
  await once(stream, 'close')
}

async function writeBlock(stream: WriteStream, block: readonly Uint8Array[]): Promise<void> {
  if (!stream.write(Buffer.concat(block, block.length * RECORD_BYTES))) await once(stream, 'drain')
}

/** A record as it lies in a log: its time, its number, the hours logged, and the sums of all channels. */
export function encodeRecord(record: LogRecord, serial: number): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(RECORD_BYTES))
  bytes.setUint32(0, record.keyS, true)
  bytes.setInt32(4, serial, true)
  const sums = [...record.sum1.subarray(0, CHANNEL_COUNT), ...record.sum2.subarray(0, CHANNEL_COUNT)]
  for (const [place, value] of [record.logHours, ...sums].entries()) bytes.setFloat64(8 + 8 * place, value, true)
  return new Uint8Array(bytes.buffer)
}
