import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { runDaemon } from '../../src/cli/daemon/run-daemon.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { floorToMinute, type TimeWindow } from '../../src/model/time-window.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { StoppedError } from '../../src/runtime/errors.ts'
import type { Log } from '../../src/runtime/log.ts'
import type { DeviceFault, FaultHook } from '../doubles/device-fault.ts'
import { generateHouse } from '../../src/simulator/generate-house.ts'
import { type ServedDevice, serveSimulatedDevice } from '../doubles/serve-simulated-device.ts'
import { createSimulatedClock, type SimulatedClock } from '../doubles/simulated-clock.ts'
import { createSimulatedDevice } from '../doubles/simulated-device.ts'
import { type Database, openDatabase } from '../../src/store/embedded/duckdb.ts'
import type { HouseUnit } from '../../src/simulator/two-unit-house.ts'
import { freePort } from '../free-port.ts'
import { smallUnit } from '../small-house.ts'

export interface HouseDaemonOptions {
  readonly startMs: number
  readonly historyMs: number
  readonly units?: readonly HouseUnit[]
  readonly outages?: Readonly<Record<string, readonly TimeWindow[]>>
  /** Of each device; left out: those that it lists. */
  readonly channels?: readonly string[]
  /** Of the configuration. */
  readonly config?: object
  /** Time goes as it goes: for what is measured of it. */
  readonly isReal?: boolean
  /** What reading a record costs a device, in real time. */
  readonly readCostMs?: number
}

/** The daemon as it runs, in this process: real sockets and a real store, and a clock that the test moves. */
export interface HouseDaemon {
  readonly clock: Pick<SimulatedClock, 'nowMs' | 'sleep' | 'advance'>
  readonly devices: readonly ServedDevice[]
  /** What goes wrong with the next questions to any device, by their path. */
  readonly faults: Map<string, DeviceFault[]>
  readonly url: string
  readonly said: readonly string[]
  start(): void
  stop(): Promise<void>
  /** Lets time go on until it is so; how long that took. */
  until(isSo: () => Promise<boolean>): Promise<number>
  get(path: string): Promise<{ readonly status: number; readonly body: unknown; readonly headers: Headers }>
  post(path: string, body: unknown): Promise<{ readonly status: number; readonly body: unknown }>
  /** Takes a window of a device out of the store, while the daemon is stopped. */
  cut(device: string, window: TimeWindow): Promise<void>
  /** How many samples the store has of a device, while the daemon is stopped. */
  countStored(device: string): Promise<number>
  close(): Promise<void>
}

const STEP_MS = 1_000
/** For what goes over sockets, while time stands still. */
const REAL_MS = 3
const MAX_STEPS = 6_000
const REAL = { ...systemClock, advance: (durationMs: number) => sleep(durationMs / 20) }

export async function openHouseDaemon(options: HouseDaemonOptions): Promise<HouseDaemon> {
  const { startMs, historyMs, outages = {}, units = ['cellar', 'attic'].map((name) => smallUnit(name)) } = options
  const folder = await mkdtemp(join(tmpdir(), 'house-daemon-'))
  const clock = options.isReal === true ? REAL : createSimulatedClock(startMs)
  const house = generateHouse({ fromMs: floorToMinute(startMs - historyMs), units, outages })
  const faults = new Map<string, DeviceFault[]>()
  const before: FaultHook = ({ url: path }) => faults.get(path.split('?')[0] ?? '')?.shift()
  const underWay = new Set<object>()
  const devices = await Promise.all(
    [...house.values()].map((source) => {
      const device = createSimulatedDevice({ source, clock, before, readCostMs: options.readCostMs ?? 0 })
      return serveSimulatedDevice({
        ...device,
        beginRequest(request) {
          underWay.add(request)
          device.beginRequest(request)
        },
        endRequest(request) {
          underWay.delete(request)
          device.endRequest(request)
        },
      })
    }),
  )
  /** Time stands still while a device is asked; who lost its power while it was does not end what it began. */
  async function answered(): Promise<void> {
    await sleep(REAL_MS)
    for (let waitedMs = 0; underWay.size > 0 && waitedMs < 1_000; waitedMs += REAL_MS) await sleep(REAL_MS)
    underWay.clear()
  }
  const port = await freePort()
  const config = {
    store: { type: 'embedded' },
    stateDir: '.',
    maxDeviceLoad: '100%',
    web: { listen: `127.0.0.1:${port}` },
    devices: [...house.keys()].map((name, index) => ({
      name,
      url: devices[index]?.url,
      ...(options.channels && { channels: options.channels }),
    })),
    ...options.config,
  }
  await writeFile(join(folder, 'c.yaml'), JSON.stringify(config), { mode: 0o600 })
  const { config: loaded } = await loadConfig({ path: 'c.yaml', env: {}, cwd: folder })
  const said: string[] = []
  const say = (message: string) => void said.push(message)
  const log: Log = { debug: () => {}, info: say, warn: say, error: say }
  let running: { readonly stop: AbortController; readonly ended: Promise<unknown> } | undefined
  let failed: Error | undefined
  const url = `http://127.0.0.1:${port}`

  async function ask(path: string, init?: RequestInit) {
    const answer = await fetch(url + path, init)
    const text = await answer.text()
    const isJson = answer.headers.get('content-type')?.startsWith('application/json') === true
    return { status: answer.status, body: isJson ? (JSON.parse(text) as unknown) : text, headers: answer.headers }
  }

  async function stop(): Promise<void> {
    running?.stop.abort(new StoppedError('the test has ended it'))
    await running?.ended
    running = undefined
  }

  async function inStore<T>(act: (database: Database, ids: string) => Promise<T>, device: string): Promise<T> {
    const database = await openDatabase(join(folder, 'store', 'store.duckdb'))
    try {
      return await act(database, `(SELECT id FROM series WHERE labels LIKE '%"device":"${device}"%')`)
    } finally {
      database.close()
    }
  }

  return {
    clock,
    devices,
    faults,
    cut: (device, { fromMs, untilMs }) =>
      inStore(
        (database, ids) =>
          database.run(
            `DELETE FROM samples WHERE series IN ${ids} AND at_ms >= ${fromMs} AND at_ms < ${untilMs}; CHECKPOINT`,
          ),
        device,
      ),
    countStored: (device) =>
      inStore(async (database, ids) => {
        let count = 0
        await database.read(`SELECT count(*) FROM samples WHERE series IN ${ids}`, ([all]) => (count = Number(all)))
        return count
      }, device),
    url,
    said,
    start() {
      const controller = new AbortController()
      const ended = runDaemon(
        loaded,
        { clock, log, random: () => 0.5 },
        { signal: controller.signal, configPath: join(folder, 'c.yaml'), reload: () => {} },
      )
      running = {
        stop: controller,
        ended: ended.catch((error: unknown) => {
          failed = error instanceof Error ? error : new Error(String(error))
        }),
      }
    },
    stop,
    async until(isSo) {
      const fromMs = clock.nowMs()
      for (let step = 0; step < MAX_STEPS; step++) {
        if (failed) throw failed
        if (await isSo().catch(() => false)) return clock.nowMs() - fromMs
        await clock.advance(STEP_MS)
        await answered()
      }
      throw new Error(`it did not come to be so; logged last: ${said.slice(-5).join('\n')}`)
    },
    get: (path) => ask(path),
    post: (path, body) => ask(path, { method: 'POST', body: JSON.stringify(body) }),
    async close() {
      await stop()
      for (const device of devices) await device.close()
      await rm(folder, { recursive: true })
    },
  }
}
