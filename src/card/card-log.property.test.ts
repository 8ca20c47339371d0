import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CardLog, openCardLog } from './card-log.ts'
import { emptyRecord, RECORD_BYTES } from './log-record.ts'
import { encodeRecord } from '../../test/doubles/write-card.ts'

const INTERVAL_S = 60
const START_S = Date.UTC(2024, 4, 1) / 1000

let path: string
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'card-log-'))
  path = join(folder, 'histlog.log')
})
afterAll(() => rm(folder, { recursive: true }))

async function withLog(bytes: Uint8Array, use: (log: CardLog) => Promise<void>): Promise<void> {
  await writeFile(path, bytes)
  const log = await openCardLog(path, INTERVAL_S).catch((error: unknown) => {
    expect(String(error)).toMatch(/is no log of an IoTaWatt/)
  })
  if (!log) return
  try {
    await use(log)
  } finally {
    await log.close()
  }
}

/** The times of a log with gaps. */
const keys = fc
  .array(fc.oneof({ weight: 8, arbitrary: fc.constant(1) }, fc.integer({ min: 1, max: 500 })), {
    minLength: 1,
    maxLength: 120,
  })
  .map((steps) => {
    let keyS = START_S
    return steps.map((step) => (keyS += step * INTERVAL_S))
  })

/** Its hours tell which record it is. */
function recordOf(keyS: number): Uint8Array {
  const record = emptyRecord(keyS)
  record.sum1.fill(keyS)
  return encodeRecord({ ...record, logHours: keyS / 3600 }, 1)
}

interface Written {
  readonly wrappedAt: number
  readonly reserved: number
  readonly torn: number
}

const written = fc.record({ wrappedAt: fc.nat(200), reserved: fc.nat(40), torn: fc.nat(RECORD_BYTES - 1) })

/** A full log goes on over its beginning; one that is not full has space reserved behind it. */
function fileOf(all: readonly number[], { wrappedAt, reserved, torn }: Written): Buffer {
  const at = wrappedAt % all.length
  const records = [...all.slice(at), ...all.slice(0, at)].map(recordOf)
  return Buffer.concat([...records, Buffer.alloc(at > 0 ? 0 : reserved * RECORD_BYTES), Buffer.alloc(torn, 7)])
}

/** The time of the record that is taken for this one: itself, or the one before it. */
async function takenFor(log: CardLog, keyS: number): Promise<number | undefined> {
  const record = emptyRecord(0)
  const isSound = await log.read(keyS, record, { ahead: 1 })
  if (!isSound) return undefined
  expect(record.keyS).toBe(keyS)
  expect(record.sum1[3]).toBe(Math.round(record.logHours * 3600))
  return record.sum1[3]
}

/** What has a time on the minute could be a record. */
const noise = fc
  .uint8Array({ minLength: RECORD_BYTES, maxLength: RECORD_BYTES })
  .filter((bytes) => Buffer.from(bytes).readUInt32LE() % INTERVAL_S !== 0)

const asked = fc.array(fc.nat(100_000), { minLength: 1, maxLength: 30 })

describe('a log', () => {
  it('that is sound has for each minute its record, else the one before, however it was written', () =>
    fc.assert(
      fc.asyncProperty(keys, written, asked, (all, how, minutes) =>
        withLog(fileOf(all, how), async (log) => {
          const [firstS, lastS] = [all[0]!, all.at(-1)!]
          expect([log.firstKeyS, log.lastKeyS]).toEqual([firstS, lastS])
          expect(log.remarks.length).toBe(how.torn > 0 ? 1 : 0)
          for (const minute of minutes) {
            const keyS = firstS - 600 + (minute % ((lastS - firstS) / INTERVAL_S + 20)) * INTERVAL_S
            expect(await takenFor(log, keyS)).toBe(all.findLast((each) => each <= keyS) ?? firstS)
            expect(await log.has(keyS)).toBe(all.includes(keyS))
          }
        }),
      ),
    ))

  it('that is damaged has the same records, or says that it cannot tell', () => {
    const damage = fc.record({
      at: fc.nat(200),
      count: fc.integer({ min: 1, max: 20 }),
      by: fc.oneof(fc.constant(Buffer.alloc(RECORD_BYTES)), fc.constant(Buffer.alloc(RECORD_BYTES, 255)), noise),
    })
    return fc.assert(
      fc.asyncProperty(keys, written, damage, asked, (all, how, { at, count, by }, minutes) => {
        const bytes = fileOf(all, { ...how, torn: 0 })
        for (let slot = at % all.length; slot < Math.min(all.length, (at % all.length) + count); slot++)
          bytes.set(by, slot * RECORD_BYTES)
        return withLog(bytes, async (log) => {
          for (const minute of minutes) {
            const keyS = log.firstKeyS + (minute % ((log.lastKeyS - log.firstKeyS) / INTERVAL_S + 1)) * INTERVAL_S
            const taken = await takenFor(log, keyS)
            if (taken !== undefined) expect(taken).toBe(all.findLast((each) => each <= keyS))
          }
        })
      }),
    )
  })

  it('that goes on over its beginning, whose newest record is destroyed, ends with the one before', async () => {
    const all = Array.from({ length: 50 }, (_, minute) => START_S + minute * INTERVAL_S)
    for (const byte of [0, 255, 7]) {
      const bytes = fileOf(all, { wrappedAt: 20, reserved: 0, torn: 0 })
      bytes.fill(byte, 29 * RECORD_BYTES, 30 * RECORD_BYTES)
      await withLog(bytes, async (log) => {
        expect([log.firstKeyS, log.lastKeyS]).toEqual([all[0], all.at(-2)])
        for (const keyS of all.slice(0, -1)) expect(await takenFor(log, keyS)).toBe(keyS)
      })
    }
  })

  it('of whatever bytes is refused, or read without another error', () => {
    const records = fc.array(
      fc.tuple(
        fc.integer({ min: 0, max: 2 ** 32 - 1 }),
        fc.boolean(),
        fc.uint8Array({ minLength: 252, maxLength: 252 }),
      ),
      { maxLength: 60 },
    )
    const bytes = records.map((list) =>
      Buffer.concat(
        list.map(([key, isOnMinute, rest]) => {
          const record = Buffer.concat([Buffer.alloc(4), rest])
          record.writeUInt32LE(isOnMinute ? key - (key % INTERVAL_S) : key)
          return record
        }),
      ),
    )
    return fc.assert(
      fc.asyncProperty(fc.oneof(bytes, fc.uint8Array({ maxLength: 2000 })), asked, (file, minutes) =>
        withLog(file, async (log) => {
          const record = emptyRecord(0)
          for (const minute of minutes) {
            const keyS = log.firstKeyS + minute * INTERVAL_S
            log.readNext(keyS, record)
            await log.read(keyS, record, { ahead: 1 + (minute % 2000) })
            await log.has(keyS)
          }
        }),
      ),
    )
  })
})
