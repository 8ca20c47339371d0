import { execFile } from 'node:child_process'
import { appendFile, cp, mkdir, mkdtemp, readFile, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openCardDevice } from '../src/card/open-card-device.ts'
import type { Device, Row } from '../src/model/device.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../src/model/time-window.ts'
import { systemClock } from '../src/runtime/clock.ts'
import { silentLog } from '../src/runtime/log.ts'
import { writeCard } from './doubles/write-card.ts'
import { smallUnit, sourceOf } from './small-house.ts'

const { signal } = new AbortController()
const UNTIL_MS = Date.UTC(2024, 5, 1)
const FROM_MS = UNTIL_MS - 2 * DAY_MS
const CURRENT_HOURS = 6
const RECORD_BYTES = 256
const HISTORY = 'iotawatt/histlog.log'
const CURRENT = 'iotawatt/iotalog.log'
const NO_LOG = /neither histlog.log nor iotalog.log/

let complete: string
let sound: Row[]
const folders: string[] = []

beforeAll(async () => {
  complete = await newFolder()
  const outages = { cabin: [{ fromMs: FROM_MS + 9 * HOUR_MS, untilMs: FROM_MS + 10 * HOUR_MS }] }
  const house = { fromMs: FROM_MS, untilMs: UNTIL_MS, outages, currentLogMs: CURRENT_HOURS * HOUR_MS }
  await writeCard(complete, sourceOf(smallUnit('cabin'), house), UNTIL_MS)
  sound = (await readComplete(complete)).rows
})

afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true })
})

/** Minutes of the house, and what to do to the card. */
const damages: [name: string, damage: (folder: string) => Promise<void>, lost: readonly number[], said: RegExp[]][] = [
  ['nothing at all', async () => {}, [], []],
  ['space reserved behind the records', (folder) => appendFile(join(folder, HISTORY), zeros(32)), [], []],
  [
    'a long tail of zeros',
    (folder) => appendFile(join(folder, HISTORY), zeros(9000)),
    [],
    [/the last \d+ bytes .* cut off/],
  ],
  [
    'a last record that is torn, which the other log has',
    (folder) => truncate(join(folder, HISTORY), (2 * 1440 + 1) * RECORD_BYTES - 100),
    [],
    [/histlog.log ends within a record \(156 of 256 bytes\)/],
  ],
  [
    'a history log that has gone on over its beginning',
    (folder) => rewrite(folder, HISTORY, (bytes) => rotate(bytes, 777)),
    [],
    [],
  ],
  [
    'the other log gone on over its beginning',
    (folder) => rewrite(folder, CURRENT, (bytes) => rotate(bytes, 555)),
    [],
    [],
  ],
  ...([0, 2 * 1440] as const).map((slot): (typeof damages)[number] => {
    const minute = (slot + 2881 - 777) % 2881
    return [
      `a history log that has gone on over its beginning, and a record of zeros at its ${slot === 0 ? 'beginning' : 'end'}`,
      async (folder) => {
        await rewrite(folder, HISTORY, (bytes) => rotate(bytes, 777))
        await zero(folder, HISTORY, [slot, slot + 1])
      },
      [minute - 1, minute],
      [/are left out, as the log is damaged there/],
    ]
  }),
  ['a record of zeros', (folder) => zero(folder, HISTORY, [500, 501]), [499, 500], [left('08:19', '08:21', 2)]],
  ['a first record of zeros', (folder) => zero(folder, HISTORY, [0, 1]), [0], []],
  ['a cluster of zeros', (folder) => zero(folder, HISTORY, [300, 428]), range(299, 428), [left('04:59', '07:08', 129)]],
  [
    'two clusters of zeros',
    (folder) => zero(folder, HISTORY, [300, 428]).then(() => zero(folder, HISTORY, [500, 501])),
    [...range(299, 428), 499, 500],
    [left('04:59', '07:08', 129), left('08:19', '08:21', 2)],
  ],
  [
    'a cluster of noise',
    (folder) => poke(folder, { from: 300, until: 428, with: noise }),
    range(299, 428),
    [left('04:59', '07:08', 129)],
  ],
  [
    'a record with the time of another',
    (folder) => poke(folder, { from: 500, until: 501, with: (record) => record.writeUInt32LE(keyOf(400)) }),
    [499, 500],
    [left('08:19', '08:21', 2)],
  ],
  [
    'a sum of another channel that is no number',
    (folder) => poke(folder, { from: 500, until: 501, with: (record) => record.writeDoubleLE(NaN, 16 + 8 * 7) }),
    [],
    [],
  ],
  [
    'hours that go back',
    (folder) => poke(folder, { from: 500, until: 501, with: (record) => record.writeDoubleLE(0.5, 8) }),
    [499, 500],
    [left('08:19', '08:21', 2)],
  ],
  [
    'two neighbours exchanged',
    (folder) => rewrite(folder, HISTORY, (bytes) => joined(bytes, [0, 500], [501, 502], [500, 501], [502, 2881])),
    [499, 500, 501],
    [left('08:19', '08:22', 3)],
  ],
  [
    'ten records twice',
    (folder) => rewrite(folder, HISTORY, (bytes) => joined(bytes, [0, 510], [500, 2881])),
    [],
    [/histlog.log has 10 records twice or out of their order/],
  ],
  [
    'records twice in several places, and one damaged',
    (folder) =>
      rewrite(folder, HISTORY, (bytes) =>
        joined(bytes, [0, 510], [500, 800], [799, 800], [799, 1000], [1001, 1002], [1000, 1001], [1002, 2881]),
      ),
    [999, 1000, 1001],
    [/histlog.log has 12 records twice/, left('16:39', '16:42', 3)],
  ],
  [
    'a log of which two dumps are joined',
    (folder) => rewrite(folder, HISTORY, (bytes) => joined(bytes, [0, 2000], [0, 2881])),
    [],
    [/histlog.log has 2000 records twice/],
  ],
  [
    'ten records of the other log twice',
    (folder) => rewrite(folder, CURRENT, (bytes) => joined(bytes, [0, 510], [500, 60 * 12 * CURRENT_HOURS + 1])),
    [],
    [/iotalog.log has 10 records twice/],
  ],
  [
    'damage of the history log where the other log is complete',
    (folder) => zero(folder, HISTORY, [2700, 2720]),
    [],
    [],
  ],
  [
    'a history log of which nothing is left but its beginning',
    (folder) => truncate(join(folder, HISTORY), 1000 * RECORD_BYTES),
    range(999, 2 * 1440 - 60 * CURRENT_HOURS),
    [/neither log has records of 2024-05-30T16:39Z to 2024-05-31T18:00Z/, left('17:59', '18:00', 1)],
  ],
  ['no history log', (folder) => rm(join(folder, HISTORY)), [], [/has no histlog.log/]],
  [
    'a history log without records',
    (folder) => writeFile(join(folder, HISTORY), ''),
    [],
    [/has no histlog.log with records/],
  ],
  ['no other log', (folder) => rm(join(folder, CURRENT)), [], [/has no iotalog.log/]],
  [
    'a history log that was begun again, as long as the other log goes back',
    (folder) => rewrite(folder, HISTORY, (bytes) => bytes.subarray((2 * 1440 - 60) * RECORD_BYTES)),
    [],
    [],
  ],
]

describe('a card with', () => {
  it.each(damages)('%s', async (_, damage, lost, said) => {
    const folder = await completeCopy()
    await damage(folder)
    const { rows, warnings } = await readComplete(folder)
    const [first] = rows
    const skipped = ((first?.atMs ?? 0) - FROM_MS) / MINUTE_MS
    const expected = sound.map((row, minute) =>
      lost.includes(minute) ? { ...row, values: row.values.map(() => null) } : row,
    )
    expect(rows).toEqual(expected.slice(skipped, skipped + rows.length))
    expect(skipped + rows.length).toBe(2 * 1440)
    expect(warnings).toEqual(said.map((pattern) => expect.stringMatching(pattern)))
  })
})

describe('finds the card from', () => {
  it.each([
    ['its root', ''],
    ['the folder of the logs', 'iotawatt'],
    ['its history', HISTORY],
    ['its other log', CURRENT],
  ])('%s', async (_, path) => {
    expect((await readComplete(join(complete, path))).rows).toEqual(sound)
  })

  it('a folder with all three files, in capitals', async () => {
    const folder = await completeCopy()
    await rename(join(folder, HISTORY), join(folder, 'HISTLOG.LOG'))
    await rename(join(folder, CURRENT), join(folder, 'IOTALOG.LOG'))
    await rename(join(folder, 'config.txt'), join(folder, 'CONFIG.TXT'))
    expect((await readComplete(folder)).rows).toEqual(sound)
  })
})

describe('refuses', () => {
  const refusals: [name: string, spoil: (folder: string) => Promise<unknown>, path: string, message: RegExp][] = [
    ['a folder without logs', (folder) => rm(join(folder, 'iotawatt'), { recursive: true }), '', NO_LOG],
    ['a path that is not there', async () => {}, 'nowhere', /there is no file or folder .*nowhere/],
    ['a file that is no log', async () => {}, 'config.txt', /is neither a folder nor called histlog.log/],
    ['a card without config.txt', (folder) => rm(join(folder, 'config.txt')), '', /neither .* nor .* holds config.txt/],
    ['a broken config.txt', (folder) => truncate(join(folder, 'config.txt'), 100), '', /config.txt is not JSON/],
    [
      'a log that is none',
      (folder) => rewrite(folder, HISTORY, (bytes) => noise(bytes)),
      '',
      /histlog.log: .*no log of an IoTaWatt/,
    ],
    [
      'a log of text',
      (folder) => writeFile(join(folder, HISTORY), 'lorem ipsum '.repeat(9000)),
      '',
      /no log of an IoTaWatt/,
    ],
    [
      'a folder in the place of a log',
      async (folder) => {
        await rm(join(folder, CURRENT))
        await mkdir(join(folder, CURRENT))
      },
      '',
      /iotalog.log is not a file/,
    ],
    ['a pipe in the place of a log', (folder) => makePipe(join(folder, HISTORY)), '', /histlog.log is not a file/],
    ['a pipe that is named itself', (folder) => makePipe(join(folder, HISTORY)), HISTORY, /histlog.log is not a file/],
    ['a pipe called config.txt', (folder) => makePipe(join(folder, 'config.txt')), '', /config.txt is not a file/],
    ['a link to nowhere', (folder) => linkAnew(join(folder, HISTORY), '/no/such/log'), '', /histlog.log is not a file/],
    [
      'logs without records',
      async (folder) => {
        await writeFile(join(folder, HISTORY), zeros(10))
        await writeFile(join(folder, CURRENT), '')
      },
      '',
      /the logs of this card hold no records/,
    ],
  ]
  it.each(refusals)('%s', async (_, spoil, path, message) => {
    const folder = await completeCopy()
    await spoil(folder)
    const opening = openCardDevice({ name: 'cabin', path: join(folder, path) }, { clock: systemClock, log: silentLog })
    await expect(opening).rejects.toMatchObject({
      name: 'DeviceError',
      reason: 'rejected',
      message: expect.stringMatching(message),
    })
  })
})

it('the card that is damaged here has two days less an hour', () => {
  expect(sound.filter(({ values }) => values[0] !== null)).toHaveLength(2 * 1440 - 60)
})

it('reads what was there when it was opened, and says that more has come', async () => {
  const folder = await completeCopy()
  const { device, warnings } = await open(folder)
  await appendFile(join(folder, CURRENT), zeros(10))
  expect(await readAll(device)).toEqual(sound)
  await device.close()
  expect(warnings).toEqual([expect.stringMatching(/iotalog.log changed while it was read/)])
})

it('ends where a log becomes shorter while it is read', async () => {
  const folder = await completeCopy()
  const { device } = await open(folder)
  await truncate(join(folder, HISTORY), 100 * RECORD_BYTES)
  await expect(readAll(device)).rejects.toThrow(/histlog.log|cabin: .*was longer when it was opened/)
  await device.close()
})

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'damaged-card-'))
  folders.push(folder)
  return folder
}

async function completeCopy(): Promise<string> {
  const folder = await newFolder()
  await mkdir(join(folder, 'iotawatt'))
  for (const file of ['config.txt', HISTORY, CURRENT]) await cp(join(complete, file), join(folder, file))
  return folder
}

async function open(path: string): Promise<{ device: Device; warnings: string[] }> {
  const warnings: string[] = []
  const log = { ...silentLog, warn: (message: string) => void warnings.push(message) }
  return { device: await openCardDevice({ name: 'cabin', path }, { clock: systemClock, log }), warnings }
}

async function readComplete(path: string): Promise<{ rows: Row[]; warnings: string[] }> {
  const { device, warnings } = await open(path)
  const rows = await readAll(device)
  await device.close()
  return { rows, warnings }
}

async function readAll(device: Device): Promise<Row[]> {
  const columns = ['Furnace', 'Fridge'].map((name) => ({ name, unit: 'watts' as const, decimals: 2 }))
  const { firstMs, newestMs } = await device.status(signal)
  const rows: Row[] = []
  for (let fromMs = firstMs; fromMs < newestMs;) {
    const page = await device.fetchRows({ columns, window: { fromMs, untilMs: newestMs }, step: 'minute' }, signal)
    rows.push(...page.rows)
    fromMs = page.untilMs
  }
  return rows
}

async function rewrite(folder: string, file: string, change: (bytes: Buffer) => Buffer): Promise<void> {
  await writeFile(join(folder, file), change(await readFile(join(folder, file))))
}

function zero(folder: string, file: string, [from, until]: readonly [number, number]): Promise<void> {
  return rewrite(folder, file, (bytes) => bytes.fill(0, from * RECORD_BYTES, until * RECORD_BYTES))
}

/** Changes records of the history log. */
function poke(
  folder: string,
  where: { from: number; until: number; with: (record: Buffer) => unknown },
): Promise<void> {
  return rewrite(folder, HISTORY, (bytes) => {
    where.with(bytes.subarray(where.from * RECORD_BYTES, where.until * RECORD_BYTES))
    return bytes
  })
}

/** These records, one stretch after the other. */
function joined(bytes: Buffer, ...stretches: readonly (readonly [number, number])[]): Buffer {
  return Buffer.concat(stretches.map(([from, until]) => bytes.subarray(from * RECORD_BYTES, until * RECORD_BYTES)))
}

/** The oldest record at this place of the file. */
function rotate(bytes: Buffer, records: number): Buffer {
  const split = bytes.length - records * RECORD_BYTES
  return Buffer.concat([bytes.subarray(split), bytes.subarray(0, split)])
}

function noise(bytes: Buffer): Buffer {
  for (let at = 0; at < bytes.length; at++) bytes[at] = (Math.imul(at + 1, 2_654_435_761) >>> 13) & 0xff
  return bytes
}

async function linkAnew(path: string, target: string): Promise<void> {
  await rm(path)
  await symlink(target, path)
}

async function makePipe(path: string): Promise<void> {
  await rm(path)
  await promisify(execFile)('mkfifo', [path])
}

function zeros(records: number): Buffer {
  return Buffer.alloc(records * RECORD_BYTES)
}

function keyOf(minute: number): number {
  return FROM_MS / 1000 + minute * 60
}

function range(from: number, until: number): number[] {
  return Array.from({ length: until - from }, (_, index) => from + index)
}

/** Of the first or the second day. */
function left(from: string, until: string, minutes: number): RegExp {
  return new RegExp(
    `cabin: 2024-05-3[01]T${from}Z to 2024-05-3[01]T${until}Z: ${minutes} min are left out, as the log is damaged there; they count as absent`,
  )
}
