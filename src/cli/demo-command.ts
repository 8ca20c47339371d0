import { readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { findVictoriaMetrics, startVictoriaMetrics } from '../../scripts/victoria-metrics.mjs'
import type { Config } from '../config/config.ts'
import { readConfig } from '../config/load-config.ts'
import { findMachineZone } from '../config/machine-zone.ts'
import { DEFAULT_LABEL_RULES } from '../labels/default-rules.ts'
import { labelsFor } from '../labels/labels-for.ts'
import type { Store } from '../model/store.ts'
import { DAY_MS, formatMinute, MINUTE_MS } from '../model/time-window.ts'
import { systemClock } from '../runtime/clock.ts'
import type { Log } from '../runtime/log.ts'
import { makeFolder } from '../runtime/make-folder.ts'
import { type RunningSimulator, startSimulator } from '../simulator/start-simulator.ts'
import type { CycleReport } from '../sync/tail/sync-device.ts'
import { createLog } from './create-log.ts'
import { runDaemon } from './daemon/run-daemon.ts'
import { ExitCode, UsageError, untilSignal } from './exit-codes.ts'
import type { DemoFlags } from './flags.ts'

const HISTORY_DAYS = 30
/** What the circuits of the simulated house are, for the dashboard. */
const HOUSE_GROUPS = {
  'Heating and cooling': { hvac: 'True' },
  Garage: { pair: 'Garage' },
  'Kitchen and cold': ['EastWall', 'Freezers', 'Fridge', 'Dishwasher'],
  Laundry: ['Dryer', 'Washer', 'LaundryFoyerMaker'],
  Work: ['Datacenter', 'Office', 'OGMaker'],
  Rooms: ['GreatroomSouthTV', 'BlueAndBreeze', 'StudioA', 'StudioASouth', 'Bedroom'],
}
const [FEED_IN, FIXED] = [[{ price: 0.08 }], { perDay: 0.6 }]
/** What its household pays, and a plan that it could have. */
const MONEY = {
  currency: 'USD',
  tariffs: [
    {
      name: 'Time of use',
      import: [
        { name: 'Off-peak', price: 0.15 },
        { name: 'Peak', price: 0.38, days: 'Mon-Fri', hours: '16-21' },
        { name: 'Night', price: 0.11, hours: '00-06' },
      ],
      export: FEED_IN,
      fixed: FIXED,
    },
    { name: 'One price', applies: false, import: [{ price: 0.19 }], export: FEED_IN, fixed: FIXED },
  ],
}

/** A simulated house, loaded and then copied live, until it is ended. */
export async function demoCommand({ store, dir }: DemoFlags): Promise<number> {
  const { signal, release } = untilSignal()
  const { timezone } = await findMachineZone(process.env)
  const log = createLog({ level: 'info', format: 'text', stream: process.stdout, zone: timezone })
  const folder = resolve(dir)
  await makeFolder(folder, '--dir')
  const opened: (() => Promise<unknown>)[] = []
  try {
    const server = store === 'victoriametrics' ? await startStore(folder, log) : undefined
    opened.push(async () => server?.stop())
    const fromMs = await installedMs(join(folder, 'house.json'))
    const simulator = await startSimulator({ house: { seed: 1, fromMs }, log })
    opened.push(() => simulator.close())
    log.info(
      `a simulated house of two units, installed ${formatMinute(fromMs)}; its data go to ${server?.url ?? folder}`,
    )
    log.info(
      'what it logged so far comes first, then each minute as it closes; Ctrl-C ends it, and the next start continues from there',
    )
    const config = await demoConfig(simulator, { stateDir: join(folder, store), url: server?.url })
    const watch = (opened: Store) => watchHouse(opened, config, { log, signal })
    await runDaemon(config, { clock: systemClock, log, random: Math.random }, { signal, watch, isDemo: true })
    log.info('ended; start it again to go on')
    return ExitCode.done
  } finally {
    release()
    for (const close of opened.toReversed()) await close()
  }
}

async function startStore(folder: string, log: Log) {
  const binary = await findVictoriaMetrics({ log: (line) => log.info(line) })
  if (binary === undefined)
    throw new UsageError(
      'no victoria-metrics was found: install it, or name it in VICTORIA_METRICS_BIN, or leave --store out',
    )
  const server = await startVictoriaMetrics({
    binary,
    folder: join(folder, 'victoriametrics-data'),
    args: ['-retentionPeriod=100y'],
  })
  log.info(`VictoriaMetrics listens on ${server.url}`)
  return server
}

/** The house stays the same house from start to start. */
async function installedMs(file: string): Promise<number> {
  try {
    const kept: unknown = JSON.parse(await readFile(file, 'utf8'))
    if (typeof kept === 'object' && kept && 'installedMs' in kept && typeof kept.installedMs === 'number')
      return kept.installedMs
  } catch {
    // None yet, or none that can be read: a new house.
  }
  const fromMs = (Math.floor(Date.now() / DAY_MS) - HISTORY_DAYS) * DAY_MS
  await writeFile(file, JSON.stringify({ installedMs: fromMs }))
  return fromMs
}

async function demoConfig(
  simulator: RunningSimulator,
  { stateDir, url }: { stateDir: string; url: string | undefined },
): Promise<Config> {
  const file = {
    store: url === undefined ? { type: 'embedded' } : { url },
    stateDir,
    interval: '1m',
    maxDeviceLoad: '100%',
    web: { listen: '127.0.0.1:0' },
    log: { format: 'text' },
    house: { timezone: 'America/New_York', groups: HOUSE_GROUPS },
    ...MONEY,
    devices: simulator.devices.map(({ name, url: deviceUrl }) => ({ name, url: deviceUrl })),
  }
  const place = { path: join(stateDir, 'demo.yaml'), shownPath: 'the configuration of the demo', env: {} }
  return (await readConfig(JSON.stringify(file), place)).config
}

/** Logs what the house draws, once all devices have had their sync. */
function watchHouse(store: Store, config: Config, { log, signal }: { log: Log; signal: AbortSignal }) {
  const passed = new Map<string, number>()
  return ({ deviceName, storedUntilMs }: CycleReport) => {
    passed.set(deviceName, storedUntilMs)
    if (passed.size < config.devices.length) return
    const atMs = Math.min(...passed.values()) - MINUTE_MS
    passed.clear()
    sayHouse(store, atMs, { log, signal }).catch((error: unknown) => {
      if (!signal.aborted) log.warn(`the house cannot be read: ${String(error)}`)
    })
  }
}

async function sayHouse(store: Store, atMs: number, { log, signal }: { log: Log; signal: AbortSignal }): Promise<void> {
  const read = async (locations: readonly string[]) => {
    const series = locations.map((location) =>
      labelsFor({ metric: 'power', location }, { device: 'iwatt5', rules: DEFAULT_LABEL_RULES }),
    )
    const samples = await store.firstSamples(series, { fromMs: atMs, untilMs: atMs + MINUTE_MS }, signal)
    return samples.reduce((sum, sample) => sum + (sample?.value ?? 0), 0)
  }
  const house = await read(['Mains_1', 'Mains_2'])
  const solar = Math.max(0, await read(['SolarA_1', 'SolarA_2', 'SolarB_1', 'SolarB_2']))
  const net = house - solar
  log.info(
    `the house at ${formatMinute(atMs)}: ${Math.round(house)} W, solar ${Math.round(solar)} W, ${Math.round(Math.abs(net))} W ${net < 0 ? 'to' : 'from'} the grid`,
  )
}
