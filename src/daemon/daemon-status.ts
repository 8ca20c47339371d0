import {
  DaemonError,
  type Daemon,
  type DaemonEvent,
  type DaemonStatus,
  type DeviceDetail,
  type DeviceHealth,
  type StoreHealth,
} from '../model/daemon.ts'
import { MINUTE_MS } from '../model/time-window.ts'
import type { Clock } from '../runtime/clock.ts'
import type { DeviceWorker } from './device-worker.ts'
import type { EventLog } from './event-log.ts'
import type { Jobs } from './jobs.ts'
import type { LiveWatch } from './live-readings.ts'
import type { SyncContext } from '../sync/session/session.ts'

export interface DaemonOptions {
  readonly workers: readonly DeviceWorker[]
  readonly store: () => StoreHealth
  readonly startedAtMs: number
  /** Left out: it copies all devices. */
  readonly shard?: DaemonStatus['shard'] | undefined
  readonly jobs: Jobs
  readonly events: EventLog
  readonly loads: ReadonlyMap<string, LoadTrack>
  readonly listeners: Listeners
  /** Left out: no device is asked for its present watts. */
  readonly live?: LiveWatch | undefined
}

export function createDaemon({
  workers,
  store,
  startedAtMs,
  shard,
  jobs,
  events,
  loads,
  listeners,
  live,
}: DaemonOptions): Daemon {
  const healthOf = ({ name, health }: DeviceWorker): DeviceHealth => {
    const cost = live?.cost(name)
    return { ...health(), ...(cost && { live: cost }) }
  }
  return {
    status: () => ({
      startedAtMs,
      ...(shard && { shard }),
      storeName: store().name,
      devices: workers.map(healthOf),
    }),
    store,
    details: () => workers.map((worker) => ({ ...healthOf(worker), ...detailOf(worker, loads.get(worker.name)) })),
    pauseBackfill(device, isPaused) {
      const worker = workers.find(({ name }) => name === device)
      if (!worker) throw new DaemonError('unknown', `there is no device ${device}`)
      worker.pauseBackfill(isPaused)
    },
    jobs: jobs.list,
    startJob: jobs.start,
    stopJob: jobs.stop,
    recentEvents: events.recent,
    listen(listener) {
      const ends = [listeners.add(listener), live?.watch((readings) => listener({ kind: 'live', ...readings }))]
      return () => {
        for (const end of ends) end?.()
      }
    },
  }
}

function detailOf({ context }: DeviceWorker, load: LoadTrack | undefined): Omit<DeviceDetail, keyof DeviceHealth> {
  const { memory, settings, clock } = context
  const { seen } = memory.shown
  return {
    ...(seen && {
      version: seen.status.version,
      startedAtMs: seen.status.startedAtMs,
      clockAheadMs: seen.clockAheadMs,
      log: { fromMs: seen.status.firstMs, untilMs: Math.min(seen.status.newestMs, clock.nowMs()) },
    }),
    load: load?.read() ?? { allowedShare: 1, minutes: [] },
    channels: {
      configured: settings.channels?.length ?? seen?.targets.length ?? 0,
      ...(seen && { listed: seen.listedCount }),
      missing: seen?.unknownChannels ?? [],
    },
  }
}

export interface LoadTrack {
  /** Once a minute. */
  note(): void
  read(): DeviceDetail['load']
}

/** How busy our questions kept a device in each minute of the last hour. */
export function trackLoad({ device: { cost } }: SyncContext): LoadTrack {
  const minutes: number[] = []
  let busySoFarMs = cost?.busyMs() ?? 0
  return {
    note() {
      const busyMs = cost?.busyMs() ?? 0
      minutes.push(Math.min(1000, Math.round(((busyMs - busySoFarMs) * 1000) / MINUTE_MS)))
      busySoFarMs = busyMs
      if (minutes.length > 60) minutes.shift()
    },
    read() {
      const share = minutes.reduce((sum, each) => sum + each, 0) / 1000 / Math.max(1, minutes.length)
      return { allowedShare: cost?.maxLoad() ?? 1, minutes: [...minutes], ...(minutes.length > 0 && { share }) }
    },
  }
}

/** Notes the load of each device once a minute until the signal is aborted. */
export async function runLoadTracks(tracks: Iterable<LoadTrack>, clock: Clock, signal: AbortSignal): Promise<void> {
  const all = [...tracks]
  while (!signal.aborted) {
    await clock.sleep(MINUTE_MS, signal).catch(() => undefined)
    if (!signal.aborted) for (const track of all) track.note()
  }
}

export interface Listeners {
  add(listener: (event: DaemonEvent) => void): () => void
  publish(event: DaemonEvent): void
}

export function createListeners(): Listeners {
  const listeners = new Set<(event: DaemonEvent) => void>()
  return {
    add(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    publish(event) {
      for (const listener of listeners) listener(event)
    },
  }
}
