/**
 * How long `load --from-card` takes beside what curl alone takes to import the same samples, in one run on one machine.
 * Ends with 1 where a limit is broken. `npm run bench:card -- --days 1095 --card DIR`
 */
import { execFile } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'
import { parseArgs, promisify } from 'node:util'
import { openCardDevice } from '../src/card/open-card-device.ts'
import { DAY_MS, floorToMinute, MINUTE_MS } from '../src/model/time-window.ts'
import { systemClock } from '../src/runtime/clock.ts'
import { silentLog } from '../src/runtime/log.ts'
import { generateHouse } from '../src/simulator/generate-house.ts'
import { TWO_UNITS } from '../src/simulator/two-unit-house.ts'
import { writeCard } from '../test/doubles/write-card.ts'
import { openCliHome } from '../test/cli-home.ts'
import { PRINT_PEAK, readPeakKb } from '../test/peak-memory.ts'
import { startRealStore } from '../test/real-store.ts'

const LIMITS = {
  VictoriaMetrics: { times: 2.5, plusS: 5, peakMb: 300 },
  embedded: { times: 5, plusS: 0, peakMb: 400 },
} as const
const NAME = 'iwatt5'
const UNTIL_MS = Date.UTC(2024, 5, 1)
const SAMPLES_A_LINE = 1_000

const { signal } = new AbortController()
const { values: flags } = parseArgs({
  options: { days: { type: 'string', default: '1095' }, card: { type: 'string' } },
})

const folder = await mkdtemp(join(tmpdir(), 'bench-card-'))
try {
  const card = flags.card ?? (await makeCard(join(folder, 'card'), Number(flags.days)))
  const lines = join(folder, 'samples.jsonl')
  const sampleCount = await writeLines(card, lines)
  console.log(`${sampleCount} samples, ${Math.round((await stat(lines)).size / 1e6)} MB of JSON lines`)

  const before = await timeCurl(lines)
  const intoVictoria = await timeLoad('VictoriaMetrics', card)
  const after = await timeCurl(lines)
  const intoEmbedded = await timeLoad('embedded', card)
  const curlS = (before + after) / 2
  console.log(
    `curl into VictoriaMetrics: ${before.toFixed(1)} s and ${after.toFixed(1)} s, ${curlS.toFixed(1)} s on average`,
  )
  const verdicts = [intoVictoria, intoEmbedded].map((load) => report(load, { curlS, sampleCount }))
  process.exitCode = verdicts.every(Boolean) ? 0 : 1
} finally {
  await rm(folder, { recursive: true, force: true })
}

interface Load {
  readonly store: keyof typeof LIMITS
  readonly tookS: number
  readonly peakMb: number
  readonly sampleCount: number
}

function report(load: Load, { curlS, sampleCount }: { curlS: number; sampleCount: number }): boolean {
  const { times, plusS, peakMb } = LIMITS[load.store]
  const limitS = times * curlS + plusS
  const isGood = load.tookS <= limitS && load.peakMb <= peakMb && load.sampleCount === sampleCount
  console.log(
    `${isGood ? 'ok' : 'TOO MUCH'}: load --from-card into ${load.store}: ${load.tookS.toFixed(1)} s, ${(load.tookS / curlS).toFixed(2)} × curl (at most ${limitS.toFixed(1)} s), peak ${Math.round(load.peakMb)} MB (at most ${peakMb} MB), ${load.sampleCount} samples`,
  )
  return isGood
}

/** 14 channels, with an outage every month. */
async function makeCard(path: string, days: number): Promise<string> {
  const outage = (month: number) => {
    const fromMs = UNTIL_MS - (month * 30 + 5) * DAY_MS
    return { fromMs, untilMs: fromMs + (month + 1) * 7 * MINUTE_MS }
  }
  const outages = { [NAME]: Array.from({ length: Math.floor(days / 30) }, (_, month) => outage(month)) }
  const units = TWO_UNITS.filter(({ name }) => name === NAME)
  const source = generateHouse({ fromMs: UNTIL_MS - days * DAY_MS, untilMs: UNTIL_MS, units, outages }).get(NAME)
  if (!source) throw new Error(`the house has no unit ${NAME}`)
  console.log(`making a card of ${days} days …`)
  await writeCard(path, source, UNTIL_MS)
  return path
}

/** The samples of the card as VictoriaMetrics reads them fastest. */
async function writeLines(card: string, path: string): Promise<number> {
  const device = await openCardDevice({ name: NAME, path: card }, { clock: systemClock, log: silentLog })
  const columns = (await device.listChannels(signal))
    .filter(({ unit }) => unit === 'Watts')
    .map(({ name }) => ({ name, unit: 'watts' as const, decimals: 2 }))
  const { firstMs, newestMs } = await device.status(signal)
  const file = createWriteStream(path)
  let sampleCount = 0
  for (let fromMs = firstMs; fromMs < floorToMinute(newestMs);) {
    const window = { fromMs, untilMs: Math.min(floorToMinute(newestMs), fromMs + SAMPLES_A_LINE * MINUTE_MS) }
    const { rows, untilMs } = await device.fetchRows({ columns, window, step: 'minute' }, signal)
    const logged = rows.filter(({ values }) => values[0] !== null)
    for (const [index, { name }] of columns.entries()) {
      const metric = { __name__: 'power', location: name, source: 'iotawatt', device: NAME }
      const timestamps = logged.map(({ atMs }) => atMs)
      const values = logged.map((row) => row.values[index])
      if (!file.write(`${JSON.stringify({ metric, values, timestamps })}\n`)) await once(file, 'drain')
    }
    sampleCount += logged.length * columns.length
    fromMs = untilMs
  }
  file.end()
  await once(file, 'close')
  await device.close()
  return sampleCount
}

async function timeCurl(lines: string): Promise<number> {
  const server = await startRealStore()
  try {
    const startedMs = performance.now()
    const curlArguments = ['--fail', '--silent', '--show-error', '-X', 'POST', '-H', 'Expect:', '-T', lines]
    await promisify(execFile)('curl', [...curlArguments, `${server.url}/api/v1/import`])
    return (performance.now() - startedMs) / 1000
  } finally {
    await server.stop()
  }
}

async function timeLoad(store: Load['store'], card: string): Promise<Load> {
  const server = store === 'VictoriaMetrics' ? await startRealStore() : undefined
  const home = await openCliHome({
    store: server ? { url: server.url } : { type: 'embedded' },
    devices: [{ name: NAME, url: 'http://192.0.2.7' }],
  })
  try {
    const startedMs = performance.now()
    const { code, stdout, stderr } = await home.run(['load', '--from-card', card, '--yes', '--json'], {
      nodeArgs: PRINT_PEAK,
    })
    const tookS = (performance.now() - startedMs) / 1000
    if (code !== 0) throw new Error(`load ended with ${code}: ${stderr}`)
    const sampleCount = Number(/"sampleCount":(\d+)/.exec(stdout)?.[1])
    return { store, tookS, peakMb: readPeakKb(stderr) / 1024, sampleCount }
  } finally {
    await home.close()
    await server?.stop()
  }
}
