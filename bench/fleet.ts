/**
 * What one daemon costs over many devices: simulated ones in a process of their own, a VictoriaMetrics of its own. After
 * two intervals, in which all is begun, it is measured for some more. Prints one line per figure, as JSON with `--json`.
 * `npm run bench:fleet -- --devices 1000 --interval 60 --intervals 3`
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { HOUR_MS } from '../src/model/time-window.ts'
import { systemClock } from '../src/runtime/clock.ts'
import { generateHouse } from '../src/simulator/generate-house.ts'
import { createPlainDevice, makeMac } from '../src/simulator/plain-device.ts'
import { serveDevice } from '../src/simulator/serve-device.ts'
import { TWO_UNITS } from '../src/simulator/two-unit-house.ts'
import { openCliHome } from '../test/cli-home.ts'
import { freePort } from '../scripts/victoria-metrics.mjs'
import { exportAll, startRealStore } from '../test/real-store.ts'

const { values: flags } = parseArgs({
  options: {
    devices: { type: 'string', default: '200' },
    /** Of the cycles, in seconds. */
    interval: { type: 'string', default: '60' },
    /** How many are measured, after the first. */
    intervals: { type: 'string', default: '3' },
    /** How much the devices have logged when it begins. */
    hours: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
    serve: { type: 'boolean', default: false },
  },
})
const [deviceCount, intervalS, intervalCount] = [flags.devices, flags.interval, flags.intervals].map(Number) as [
  number,
  number,
  number,
]

if (flags.serve) await serveDevices()
else await measure()

/** One house for all: what they answer differs in who they are alone. */
async function serveDevices(): Promise<void> {
  const [unit] = TWO_UNITS
  if (!unit) throw new Error('there is no unit to simulate')
  const source = generateHouse({ fromMs: Date.now() - Number(flags.hours) * HOUR_MS, units: [unit] }).get(unit.name)
  if (!source) throw new Error(`the house has no unit ${unit.name}`)
  for (let index = 0; index < deviceCount; index++) {
    const own = { ...source, mac: makeMac(`fleet ${index}`) }
    const { url } = await serveDevice(createPlainDevice({ source: own, clock: systemClock }))
    process.stdout.write(`${url}\n`)
  }
  process.stdin.on('end', () => process.exit()).resume()
}

/** What the daemon tells of itself, once a second, through the module that is loaded into it. */
interface Second {
  readonly cpuMs: number
  readonly rssMb: number
  readonly stallMs: number
  readonly files: number
  /** By what was asked, without its parameters. */
  readonly device: Readonly<Record<string, number>>
  readonly store: Readonly<Record<string, number>>
}

/** Loaded into the daemon: counts its requests where they are made, and looks at its event loop. */
function probe(storePort: string, outfile: string): string {
  return `data:text/javascript,${encodeURIComponent(`
import { subscribe } from 'node:diagnostics_channel'
import { appendFileSync, readdirSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
let counts = { device: {}, store: {} }
subscribe('undici:request:create', ({ request: { origin, path } }) => {
  const side = counts[String(origin).endsWith(':${storePort}') ? 'store' : 'device']
  const asked = path.split('?')[0] + (path.includes('show=series') ? '?show' : path.includes('inputs=') ? '?inputs' : '')
  side[asked] = (side[asked] ?? 0) + 1
})
const delay = monitorEventLoopDelay({ resolution: 10 })
delay.enable()
let before = process.cpuUsage()
setInterval(() => {
  const used = process.cpuUsage(before)
  before = process.cpuUsage()
  const second = { cpuMs: (used.user + used.system) / 1000, rssMb: process.memoryUsage.rss() / 1e6, stallMs: delay.max / 1e6 - 10, files: readdirSync('/proc/self/fd').length, ...counts }
  delay.reset()
  counts = { device: {}, store: {} }
  appendFileSync(${JSON.stringify(outfile)}, JSON.stringify(second) + '\\n')
}, 1000).unref()`)}`
}

async function measure(): Promise<void> {
  const server = await startRealStore()
  const devices = spawn(process.execPath, [
    fileURLToPath(import.meta.url),
    '--serve',
    `--devices=${deviceCount}`,
    `--hours=${flags.hours}`,
  ])
  devices.stderr.pipe(process.stderr)
  const port = await freePort()
  const home = await openCliHome()
  try {
    const urls = await readUrls(devices.stdout)
    await home.configure({
      store: { url: server.url },
      interval: `${intervalS}s`,
      devices: urls.map((url, index) => ({ name: `site-${String(index).padStart(5, '0')}`, url })),
      web: { listen: `127.0.0.1:${port}` },
    })
    const outfile = join(home.folder, 'seconds.jsonl')
    const daemon = home.start(['run'], { nodeArgs: ['--import', probe(new URL(server.url).port, outfile)] })
    await daemon.says(/copying/)
    // The first cycle of each, the load that follows it, and one that counts again what both have written.
    await pause(2.3 * intervalS)
    const begun = (await readSeconds(outfile)).length
    let lagS = 0
    for (let tenth = 0; tenth < 10 * intervalCount; tenth++) {
      await pause(intervalS / 10)
      if (tenth % 10 === 9) lagS = Math.max(lagS, await readLag(port))
    }
    const all = await readSeconds(outfile)
    const scraped = await scrape(port)
    daemon.kill('SIGTERM')
    const { stderr, stdout } = await daemon.ended
    report({
      ...figuresOf(all, all.slice(begun)),
      'lag, s': lagS,
      '/metrics, s': scraped.tookS,
      '/metrics, kB': scraped.bytes / 1000,
      'lines of the log that warn': (stderr + stdout).split('\n').filter((line) => /warn|error/i.test(line)).length,
      'snapshots left': await countSnapshots(server.url),
      'minutes missing': await countMissing(server.url),
    })
  } finally {
    await home.close()
    devices.kill('SIGKILL')
    await server.stop()
  }
}

function pause(seconds: number): Promise<void> {
  return systemClock.sleep(seconds * 1000, new AbortController().signal)
}

async function readUrls(output: NodeJS.ReadableStream): Promise<string[]> {
  const urls: string[] = []
  const lines = createInterface(output)
  lines.on('line', (url) => urls.push(url) === deviceCount && lines.close())
  await once(lines, 'close')
  if (urls.length < deviceCount) throw new Error(`only ${urls.length} devices could be simulated`)
  return urls
}

async function readSeconds(path: string): Promise<Second[]> {
  const lines = (await readFile(path, 'utf8')).split('\n').filter(Boolean)
  return lines.map((line): Second => JSON.parse(line))
}

function figuresOf(all: readonly Second[], steady: readonly Second[]): Record<string, number> {
  const cycles = (deviceCount * steady.length) / intervalS
  const cpuMs = sum(steady.map((second) => second.cpuMs))
  const [device, store] = (['device', 'store'] as const).map((side) =>
    steady.map((second) => sum(values(second[side]))),
  )
  return {
    devices: deviceCount,
    'interval, s': intervalS,
    'CPU of a cycle of one device, ms': cpuMs / cycles,
    cores: cpuMs / 1000 / steady.length,
    'cores with an interval of 5 min, as reckoned': (cpuMs / cycles / 1000) * (deviceCount / 300),
    'memory, at most, MB': max(all.map(({ rssMb }) => rssMb)),
    'stall, at most, ms': max(steady.map(({ stallMs }) => stallMs)),
    'stall of the start, ms': max(all.slice(0, -steady.length).map(({ stallMs }) => stallMs)),
    'open files': max(all.map(({ files }) => files)),
    'requests to a device per cycle': sum(device ?? []) / cycles,
    'requests to the store per cycle': sum(store ?? []) / cycles,
    'requests to devices, most in a second ÷ mean': max(device ?? []) / mean(device ?? []),
    'requests to the store, most in a second ÷ mean': max(store ?? []) / mean(store ?? []),
    'requests of the start, most in a second': max(
      all.map((second) => sum(values(second.device)) + sum(values(second.store))),
    ),
    ...requestsBy(steady, cycles),
  }
}

function requestsBy(steady: readonly Second[], cycles: number): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const second of steady)
    for (const side of ['device', 'store'] as const)
      for (const [asked, count] of Object.entries(second[side]))
        counts[`per cycle, ${side}, ${asked}`] = (counts[`per cycle, ${side}, ${asked}`] ?? 0) + count / cycles
  return counts
}

async function readLag(port: number): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  const lags = [...text.matchAll(/^iotawatt_sync_(?:lag_seconds|lag_seconds_max)(?:\{[^}]*\})? (\S+)$/gm)]
  return max(lags.map(([, seconds]) => Number(seconds)))
}

async function scrape(port: number): Promise<{ tookS: number; bytes: number }> {
  const startedMs = performance.now()
  const { length } = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  return { tookS: (performance.now() - startedMs) / 1000, bytes: length }
}

async function countSnapshots(url: string): Promise<number> {
  const text = await (await fetch(`${url}/snapshot/list`)).text()
  return [...text.matchAll(/"\d{14}-/g)].length
}

/** Of all series together, within what each has: the last device is read, that nothing large is held here. */
async function countMissing(url: string): Promise<number> {
  let missing = 0
  for (const device of [0, deviceCount - 1]) {
    const series = await exportAll(url, `site-${String(device).padStart(5, '0')}`)
    if (series.size === 0) return NaN
    for (const { samples } of series.values())
      missing += ((samples.at(-1)?.[0] ?? 0) - (samples[0]?.[0] ?? 0)) / 60_000 + 1 - samples.length
  }
  return missing
}

function report(figures: Record<string, number>): void {
  const rounded = Object.entries(figures).map(([name, value]) => [name, Number(value.toPrecision(3))] as const)
  if (flags.json) console.log(JSON.stringify(Object.fromEntries(rounded)))
  else for (const [name, value] of rounded) console.log(`${name.padEnd(52)}${value}`)
}

function values(counts: Readonly<Record<string, number>>): number[] {
  return Object.values(counts)
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0)
}

function mean(numbers: readonly number[]): number {
  return sum(numbers) / numbers.length
}

function max(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => Math.max(a, b), 0)
}
