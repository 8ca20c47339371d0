import { DuckDBInstance } from '@duckdb/node-api'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { DEFAULT_LABEL_RULES } from '../src/labels/default-rules.ts'
import { labelsFor } from '../src/labels/labels-for.ts'
import type { SeriesSamples } from '../src/model/series.ts'
import { MINUTE_MS } from '../src/model/time-window.ts'
import { systemClock } from '../src/runtime/clock.ts'
import { openEmbedded } from '../src/store/embedded/open-embedded.ts'
import { openCliHome, type CliHome } from './cli-home.ts'
import { freePort } from './free-port.ts'
import { openReal, realBinary, startRealStore } from './real-store.ts'

interface Row {
  readonly time: string
  readonly local_time?: string
  readonly device: string
  readonly location: string
  readonly metric: string
  readonly value: number
}

/** Where the clocks of Berlin are set back, an hour that is there twice. */
const CHANGE_MS = Date.UTC(2024, 9, 27, 1)
const DAYS = process.env['LONG'] ? 20 : 4
const FROM_MS = CHANGE_MS - (DAYS / 2) * 1440 * MINUTE_MS
const MINUTE_COUNT = DAYS * 1440

/** A store with three channels; a minute in a hundred is missing, one sample is off the minute. */
const stored = ['Mains_1', 'Dryer', 'Voltage'].map((location, index): SeriesSamples => {
  const metric = location === 'Voltage' ? 'voltage' : 'power'
  const labels = labelsFor(
    { metric, location },
    { device: index === 1 ? 'iwatt6' : 'iwatt5', rules: DEFAULT_LABEL_RULES },
  )
  const timestampsMs = Array.from({ length: MINUTE_COUNT }, (_, minute) => FROM_MS + minute * MINUTE_MS)
    .filter((_, minute) => minute % 100 !== index)
    .map((atMs, minute) => (minute === 5000 ? atMs + 5_123 : atMs))
  return { labels, timestampsMs, values: timestampsMs.map((atMs) => Math.round(Math.sin(atMs) * 1e6) / 100 + index) }
})

const rowsOf = (series: readonly SeriesSamples[], fromMs = 0, untilMs = Infinity): Row[] =>
  series
    .flatMap(({ labels, timestampsMs, values }, order) =>
      timestampsMs.map((atMs, index) => ({ atMs, order, labels, value: values[index] ?? NaN })),
    )
    .filter(({ atMs }) => atMs >= fromMs && atMs < untilMs)
    .sort((a, b) => a.atMs - b.atMs || a.order - b.order)
    .map(({ atMs, labels: { device = '', location = '', __name__: metric = '' }, value }) => ({
      time: new Date(atMs).toISOString().replace('.000', ''),
      device,
      location,
      metric,
      value,
    }))

let home: CliHome
beforeAll(async () => {
  // Nobody answers there: an export asks no device.
  const [url, other] = [`http://127.0.0.1:${await freePort()}`, `http://127.0.0.1:${await freePort()}`]
  home = await openCliHome({
    web: { listen: `127.0.0.1:${await freePort()}` },
    chunk: '1d',
    devices: [
      {
        name: 'iwatt5',
        url,
        channels: ['Mains_1', { name: 'V', unit: 'volts', metric: 'voltage', location: 'Voltage' }],
      },
      { name: 'iwatt6', url: other },
    ],
  })
  const store = await openEmbedded({ folder: join(home.folder, 'data', 'store') }, { clock: systemClock })
  await store.write(stored, new AbortController().signal)
  await store.close()
})
afterAll(() => home.close())

/** In the order of the configuration. */
const [mains, dryer, voltage] = stored
const inOrder = [mains!, voltage!, dryer!]

function fromCsv(text: string): Row[] {
  const [head = '', ...lines] = text.trimEnd().split('\n')
  const names = head.split(',')
  return lines.map((line) => {
    const cells: Record<string, string> = Object.fromEntries(line.split(',').map((cell, at) => [names[at], cell]))
    return { ...cells, value: Number(cells['value']) } as unknown as Row
  })
}

const fromNdjson = (text: string): Row[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Row)

async function fromParquet(path: string): Promise<Row[]> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const reader = await connection.runAndReadAll(`SELECT * REPLACE (epoch_ms(time)::DOUBLE AS time) FROM '${path}'`)
  const rows = reader.getRowObjects().map((row) => ({
    ...row,
    time: new Date(Number(row['time'])).toISOString().replace('.000', ''),
  }))
  connection.closeSync()
  instance.closeSync()
  return rows as unknown as Row[]
}

function expectBerlin(rows: readonly Row[]): void {
  for (const { time, local_time: local = '' } of rows) {
    expect(Date.parse(local)).toBe(Date.parse(time))
    expect(local.slice(-6)).toBe(Date.parse(time) < CHANGE_MS ? '+02:00' : '+01:00')
  }
}

const withoutLocal = (rows: readonly Row[]) =>
  rows.map(({ time, device, location, metric, value }) => ({ time, device, location, metric, value }))

it('CSV and NDJSON hold what the store holds, in order, over a change of the clocks', async () => {
  const expected = rowsOf(inOrder)
  const csv = await home.run(['export', '--timezone', 'Europe/Berlin'])
  expect(csv).toMatchObject({ code: 0, stderr: expect.stringContaining(`${expected.length} samples of 3 series`) })
  expect(withoutLocal(fromCsv(csv.stdout))).toEqual(expected)
  expectBerlin(fromCsv(csv.stdout))
  expect((await home.run(['export', '--output', 'all.jsonl'])).stdout).toBe('')
  expect(fromNdjson(await readFile(join(home.folder, 'all.jsonl'), 'utf8'))).toEqual(expected)
})

it('Parquet, read again by DuckDB, holds the same', async () => {
  const span = ['--since', '2024-10-26', '--until', '2024-10-28']
  const result = await home.run(['export', ...span, '--output', 'all.parquet', '--timezone', 'Europe/Berlin'])
  expect(result).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(
      /3 series.*\n.*writing the Parquet file all\.parquet.*\n.*all\.parquet is written.*\n$/,
    ),
  })
  const rows = await fromParquet(join(home.folder, 'all.parquet'))
  expect(withoutLocal(rows)).toEqual(rowsOf(inOrder, Date.UTC(2024, 9, 26), Date.UTC(2024, 9, 28)))
  expectBerlin(rows)
  expect((await readdir(home.folder)).filter((name) => name.includes('.part'))).toEqual([])
})

it.each([
  ['a device', ['iwatt6'], [dryer!]],
  ['a channel by its location', ['--channel', 'Voltage'], [voltage!]],
  [
    'a channel by its name on the device, and one of a device without channels',
    ['--channel', 'V', '--channel', 'Dryer'],
    [voltage!, dryer!],
  ],
])('only %s', async (_, args, series) => {
  const { stdout } = await home.run(['export', '--since', '2024-10-27', '--until', '2024-10-27T00:30', ...args])
  expect(fromCsv(stdout)).toEqual(rowsOf(series, Date.UTC(2024, 9, 27), Date.UTC(2024, 9, 27, 0, 30)))
})

it('wide: one row per time, one column per channel', async () => {
  const { stdout } = await home.run(['export', '--wide', '--since', '2024-10-27', '--until', '2024-10-27T02:00'])
  const [head, ...lines] = stdout.trimEnd().split('\n')
  expect(head).toBe('time,iwatt5 Mains_1 power,iwatt5 Voltage voltage,iwatt6 Dryer power')
  const cells = lines.flatMap((line) => line.split(',').slice(1))
  const expected = rowsOf(inOrder, Date.UTC(2024, 9, 27), Date.UTC(2024, 9, 27, 2)).map(({ value }) => value)
  expect(cells.filter((cell) => cell !== '').map(Number)).toEqual(expected)
})

const refused: [string, string, RegExp][] = [
  [
    'an unknown channel',
    '--channel Drier',
    /no channel Drier \(did you mean \\"Dryer\\"\?\); there are: Dryer, Mains_1, V, Voltage/,
  ],
  ['an unknown device', 'iwatt7', /no device iwatt7/],
  ['an unknown format', '--format xls', /csv, ndjson, parquet/],
  ['an ending that says nothing', '--output x.txt', /which format/],
  [
    'a format beside the ending of another',
    '--format csv --output y.parquet',
    /y\.parquet is parquet: leave --format out/,
  ],
  ['Parquet to standard output', '--format parquet', /needs --output/],
  ['a folder', '--output data --format csv', /is a folder/],
  ['wide NDJSON', '--wide --format ndjson', /--wide is for CSV/],
  ['an unknown zone', '--timezone Mars/Olympus', /Mars\/Olympus.*Europe\/Berlin/],
]
it.each(refused)('%s ends with 2, and the words say why', async (_, args, words) => {
  const result = await home.run(['export', ...args.split(' ')])
  expect(result.stdout + result.stderr).toMatch(words)
  expect(result).toMatchObject({ code: 2, stdout: '' })
})

it('nothing in the window: reports it and ends with 0, with an empty table', async () => {
  const result = await home.run(['export', '--until', '2020-01-01', '--channel', 'Dryer', '--output', 'none.csv'])
  expect(result).toMatchObject({ code: 0, stderr: expect.stringContaining('the store has nothing') })
  expect(await readFile(join(home.folder, 'none.csv'), 'utf8')).toBe('time,device,location,metric,value\n')
})

it('a reader that goes away ends it quietly, with 0', async () => {
  const program = fileURLToPath(new URL('../bin/iotawatt-sync', import.meta.url))
  const child = spawn(process.execPath, [program, 'export'], { cwd: home.folder, stdio: ['ignore', 'pipe', 'pipe'] })
  let stderr = ''
  child.stderr.on('data', (text) => (stderr += text))
  child.stdout.once('data', () => child.stdout.destroy())
  const [code] = await once(child, 'close')
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
})

it('a full disk behind standard output is reported in the words of a file', async () => {
  const program = fileURLToPath(new URL('../bin/iotawatt-sync', import.meta.url))
  const full = openSync('/dev/full', 'w')
  const child = spawn(process.execPath, [program, 'export'], { cwd: home.folder, stdio: ['ignore', full, 'pipe'] })
  let stderr = ''
  child.stderr?.on('data', (text) => (stderr += text))
  const [code] = await once(child, 'close')
  closeSync(full)
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: expect.stringMatching(/^standard output: the disk is full: .*\(ENOSPC\)\n$/),
  })
})

it('the daemon, which holds the embedded store, hands over the same; files are made where the command runs', async () => {
  const daemon = home.start(['run'])
  await daemon.says(/copying 2 devices/)
  const result = await home.run(['export', '--output', 'daemon.csv'])
  expect(result.code).toBe(0)
  expect(fromCsv(await readFile(join(home.folder, 'daemon.csv'), 'utf8'))).toEqual(rowsOf(inOrder))
  expect((await home.run(['export', '--output', 'daemon.parquet', '--channel', 'Dryer'])).code).toBe(0)
  expect(await fromParquet(join(home.folder, 'daemon.parquet'))).toEqual(rowsOf([dryer!]))
  expect((await home.run(['export', '--channel', 'Drier'])).code).toBe(2)
  const stopped = home.start(['export', '--output', 'stopped.csv'])
  daemon.kill('SIGKILL')
  await daemon.ended
  const { code } = await stopped.ended
  expect([0, 1]).toContain(code)
  expect((await readdir(home.folder)).includes('stopped.csv')).toBe(code === 0)
})

it.skipIf(realBinary === undefined)(
  'VictoriaMetrics: duplicates come twice, other labels are left out with a warning',
  async () => {
    const server = await startRealStore()
    const store = openReal(server.url)
    try {
      const twice = { ...mains!, timestampsMs: [FROM_MS, FROM_MS], values: [1, 1] }
      const other = { ...mains!, labels: { ...mains!.labels, type: 'Other' }, timestampsMs: [FROM_MS], values: [2] }
      await store.write([twice, other], new AbortController().signal)
      const elsewhere = await openCliHome({
        store: { url: server.url },
        devices: [{ name: 'iwatt5', url: 'http://127.0.0.1:9', channels: ['Mains_1'] }],
      })
      const result = await elsewhere.run(['export'])
      // Nanoseconds of these do not fit into 64 bits.
      const beyond = await elsewhere.run(['export', '--since', '1600-01-01', '--until', '2300-01-01'])
      await elsewhere.close()
      expect(beyond.stdout).toBe(result.stdout)
      expect(fromCsv(result.stdout)).toEqual(rowsOf([twice]))
      expect(result.stderr).toMatch(/left out.*Other/)
      expect(result.code).toBe(0)
    } finally {
      await store.close()
      await server.stop()
    }
  },
)
