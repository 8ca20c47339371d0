import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { askInfluxd, startInfluxd } from '../scripts/influxdb.mjs'
import type { RunningServer } from '../scripts/victoria-metrics.mjs'
import { openCardDevice } from '../src/card/open-card-device.ts'
import type { Device } from '../src/model/device.ts'
import type { SeriesSamples } from '../src/model/series.ts'
import { DAY_MS, floorToMinute, MINUTE_MS } from '../src/model/time-window.ts'
import { systemClock } from '../src/runtime/clock.ts'
import { silentLog } from '../src/runtime/log.ts'
import { generateHouse } from '../src/simulator/generate-house.ts'
import { TWO_UNITS } from '../src/simulator/two-unit-house.ts'
import { influxdForTests } from '../test/doubles/test-server.ts'
import { writeCard } from '../test/doubles/write-card.ts'
import { startRealStore } from '../test/real-store.ts'
import { collect, cpuOf, timeCurl, timeRun } from './measure.ts'
import type { Bench, BenchOptions, Row } from './rows.ts'

const DAYS = 1095
/** It takes several times as long for each sample. */
const INFLUXDB_DAYS = 90
const NAME = 'iwatt5'
const UNTIL_MS = Date.UTC(2024, 5, 1)
const SAMPLES_A_LINE = 1_000
/** InfluxDB refuses a body of 25 MB. */
const SAMPLES_A_FILE = 300_000
const DATABASE = 'iotawatt'

const { signal } = new AbortController()

/** `load --from-card` beside what curl takes to write the same samples, in turn: our process and the store each alone. */
export const card: Bench = async function* (options) {
  const folder = await mkdtemp(join(tmpdir(), 'bench-card-'))
  const make = async (name: string, days: number) => {
    const path = join(folder, name)
    await makeCard(path, days)
    return { ...options, path, title: `card of ${days} days × 14 channels`, ...(await writeFiles(path)) }
  }
  try {
    const days = options.days ?? DAYS
    yield* intoVictoriaMetrics(await make('long', days))
    yield* intoInfluxDb(await make('short', Math.min(days, INFLUXDB_DAYS)))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

interface Loading extends BenchOptions {
  readonly title: string
  readonly path: string
}

/** Into the embedded store too, which is compared with the same curl. */
async function* intoVictoriaMetrics({ rounds, title, path, lines }: Loading & { lines: string }): AsyncGenerator<Row> {
  const results = []
  for (let round = 0; round < rounds; round++) {
    const post = ['-X', 'POST', '-H', 'Expect:', '-T', lines]
    const curl = await withServer(await startRealStore(), async (server) => ({
      wallS: await timeCurl([...post, `${server.url}/api/v1/import`]),
      storeS: await cpuOf(server),
    }))
    const ours = await withServer(await startRealStore(), async (server) => {
      const run = await timeLoad({ url: server.url }, path)
      return { ...run, storeS: await cpuOf(server) }
    })
    results.push({ curl, ours, embedded: await timeLoad({ type: 'embedded' }, path) })
  }
  yield compare(
    { title: `${title} into VictoriaMetrics`, atMost: 2 },
    results.map(({ curl, ours }) => ({ curl, ours })),
  )
  yield compare(
    { title: `${title} into the embedded store`, atMost: 1.3 },
    results.map(({ curl, embedded }) => ({ curl, ours: embedded })),
  )
}

async function* intoInfluxDb({
  rounds,
  title,
  path,
  points,
}: Loading & { points: readonly string[] }): AsyncGenerator<Row> {
  const binary = await influxdForTests()
  if (binary === undefined) return
  const results = []
  for (let round = 0; round < rounds; round++) {
    const start = async () => {
      const server = await startInfluxd({ binary })
      await askInfluxd(server.url, `CREATE DATABASE ${DATABASE}`)
      return server
    }
    const curl = await withServer(await start(), async (server) => {
      let wallS = 0
      const address = `${server.url}/write?db=${DATABASE}&precision=ms`
      for (const file of points) wallS += await timeCurl(['-X', 'POST', '-H', 'Expect:', '-T', file, address])
      return { wallS, storeS: await cpuOf(server) }
    })
    const ours = await withServer(await start(), async (server) => {
      const run = await timeLoad({ type: 'influxdb', url: server.url, database: DATABASE }, path)
      return { ...run, storeS: await cpuOf(server) }
    })
    results.push({ curl, ours })
  }
  yield compare({ title: `${title} into InfluxDB` }, results)
}

interface Compared {
  readonly curl: { readonly wallS: number; readonly storeS: number }
  readonly ours: { readonly wallS: number; readonly cpuS: number; readonly peakMb: number; readonly storeS?: number }
}

function compare(row: Pick<Row, 'title' | 'atMost'>, rounds: readonly Compared[]): Row {
  return {
    ...row,
    unit: '× curl',
    values: rounds.map(({ curl, ours }) => ours.wallS / curl.wallS),
    raw: collect(
      rounds.map(({ curl, ours: { wallS, cpuS, peakMb, storeS } }) => ({
        'curl s': curl.wallS,
        'load s': wallS,
        'our CPU s': cpuS,
        ...(storeS !== undefined && { "the store's CPU s": storeS, "the store's CPU s with curl": curl.storeS }),
        'peak MB': peakMb,
      })),
    ),
  }
}

async function withServer<T>(server: RunningServer, act: (server: RunningServer) => Promise<T>): Promise<T> {
  try {
    return await act(server)
  } finally {
    await server.stop()
  }
}

function timeLoad(store: object, path: string) {
  const config = { store, devices: [{ name: NAME, url: 'http://192.0.2.7' }] }
  return timeRun(config, ['load', '--from-card', path, '--yes', '--json'])
}

/** With an outage every month. */
async function makeCard(path: string, days: number): Promise<void> {
  const outage = (month: number) => {
    const fromMs = UNTIL_MS - (month * 30 + 5) * DAY_MS
    return { fromMs, untilMs: fromMs + (month + 1) * 7 * MINUTE_MS }
  }
  const outages = { [NAME]: Array.from({ length: Math.floor(days / 30) }, (_, month) => outage(month)) }
  const units = TWO_UNITS.filter(({ name }) => name === NAME)
  const source = generateHouse({ fromMs: UNTIL_MS - days * DAY_MS, untilMs: UNTIL_MS, units, outages }).get(NAME)
  if (!source) throw new Error(`the house has no unit ${NAME}`)
  await writeCard(path, source, UNTIL_MS)
}

/** The samples of the card as VictoriaMetrics reads them fastest, and for InfluxDB. */
async function writeFiles(path: string): Promise<{ lines: string; points: readonly string[] }> {
  const device = await openCardDevice({ name: NAME, path }, { clock: systemClock, log: silentLog })
  const lines = `${path}.jsonl`
  const points: string[] = []
  const linesFile = createWriteStream(lines)
  let pointsFile: ReturnType<typeof createWriteStream> | undefined
  let count = Infinity
  for await (const { labels, timestampsMs, values } of readSamples(device)) {
    if (count >= SAMPLES_A_FILE) {
      await end(pointsFile)
      points.push(`${path}.points-${points.length}`)
      pointsFile = createWriteStream(points.at(-1) ?? '')
      count = 0
    }
    count += values.length
    await write(linesFile, `${JSON.stringify({ metric: labels, values, timestamps: timestampsMs })}\n`)
    const head = `power,device=${NAME},location=${labels['location'] ?? ''}`
    await write(pointsFile, values.map((value, index) => `${head} value=${value} ${timestampsMs[index]}\n`).join(''))
  }
  await end(linesFile)
  await end(pointsFile)
  await device.close()
  return { lines, points }
}

async function* readSamples(device: Device): AsyncGenerator<SeriesSamples> {
  const columns = (await device.listChannels(signal))
    .filter(({ unit }) => unit === 'Watts')
    .map(({ name }) => ({ name, unit: 'watts' as const, decimals: 2 }))
  const { firstMs, newestMs } = await device.status(signal)
  for (let fromMs = firstMs; fromMs < floorToMinute(newestMs);) {
    const window = { fromMs, untilMs: Math.min(floorToMinute(newestMs), fromMs + SAMPLES_A_LINE * MINUTE_MS) }
    const { rows, untilMs } = await device.fetchRows({ columns, window, step: 'minute' }, signal)
    const logged = rows.filter(({ values }) => values[0] !== null)
    for (const [index, { name }] of columns.entries())
      yield {
        labels: { __name__: 'power', location: name, source: 'iotawatt', device: NAME },
        timestampsMs: logged.map(({ atMs }) => atMs),
        values: logged.map(({ values }) => values[index] ?? NaN),
      }
    fromMs = untilMs
  }
}

async function write(file: ReturnType<typeof createWriteStream> | undefined, text: string): Promise<void> {
  if (file && !file.write(text)) await once(file, 'drain')
}

async function end(file: ReturnType<typeof createWriteStream> | undefined): Promise<void> {
  if (!file) return
  file.end()
  await once(file, 'close')
}
