import { setMaxListeners } from 'node:events'
import { join } from 'node:path'
import type { Config } from '../../config/config.ts'
import type { Environment } from '../../config/environment.ts'
import {
  createDaemon,
  createListeners,
  type Listeners,
  type LoadTrack,
  runLoadTracks,
  trackLoad,
} from '../../daemon/daemon-status.ts'
import { createDeviceWorker, type DeviceWorker, type WorkerOptions } from '../../daemon/device-worker.ts'
import { createEventLog, type EventLog } from '../../daemon/event-log.ts'
import { createJobs } from '../../daemon/jobs.ts'
import { createLiveWatch, type LiveSource } from '../../daemon/live-readings.ts'
import { keepUnmeasured } from '../../daemon/keep-unmeasured.ts'
import { createGate } from '../../daemon/gate.ts'
import { shareQuestions } from '../../daemon/share-questions.ts'
import { spreadCycles } from '../../daemon/spread-cycles.ts'
import { sayOnceOfStore } from '../../daemon/store-log.ts'
import { watchStore } from '../../daemon/watch-store.ts'
import type { DeviceFacts } from '../../house/house-base.ts'
import { type ChannelSource, createKnownChannels, type KnownChannels } from '../../house/known-channels.ts'
import { openHouse, type OpenHouse } from '../../house/open-house.ts'
import { labelsOfWatts } from '../../labels/labels-for.ts'
import type { Daemon, StoreHealth } from '../../model/daemon.ts'
import type { Labels } from '../../model/series.ts'
import type { Store } from '../../model/store.ts'
import type { Log } from '../../runtime/log.ts'
import { lockDevices } from '../../runtime/device-lock.ts'
import { plural } from '../../runtime/plural.ts'
import { runTogether } from '../../runtime/run-together.ts'
import { openStateFolder } from '../../runtime/state-folder.ts'
import { labelOptionsOf } from '../../sync/session/session.ts'
import type { Target } from '../../sync/session/target.ts'
import { isClaim } from '../../sync/session/claim-device.ts'
import { createMetrics, type Metrics } from '../../web/metrics.ts'
import { releaseClaims } from '../engine.ts'
import { openContexts } from '../open-contexts.ts'
import { openStore, type Deps } from '../open-store.ts'
import { readVersion } from '../read-version.ts'
import { openMoney } from './open-money.ts'
import type { MoneySettings } from '../../house/show-bills.ts'
import { openDaemonAlerts } from './open-daemon-alerts.ts'
import { openHouseEditor } from './edit-house.ts'
import { serveDaemon } from './serve-daemon.ts'

export interface DaemonOptions {
  readonly signal: AbortSignal
  /** Everything could be opened. */
  readonly onStarted?: () => void
  readonly watch?: (store: Store) => NonNullable<WorkerOptions['onCycle']>
  readonly isDemo?: boolean
  /** Of the configuration, for those who ask what runs here. */
  readonly configPath?: string
  /** What overrides it. */
  readonly env?: Environment
  /** Has the configuration read again; left out: it cannot be. */
  readonly reload?: () => void
  /** What is wrong with files whose devices stay as they were. */
  readonly refused?: Error | undefined
}

/** Copies until the signal is aborted. */
export async function runDaemon(
  config: Config,
  outer: Deps,
  { signal, onStarted, watch, isDemo = false, configPath = '', env = {}, reload, refused }: DaemonOptions,
): Promise<void> {
  // Everything that is under way listens to it.
  setMaxListeners(0, signal)
  const opened: (() => Promise<unknown>)[] = []
  const { clock } = outer
  const events = createEvents(config, outer)
  const { metrics, log } = events
  const deps = { ...outer, log }
  try {
    await openStateFolder(config.stateDir, readVersion())
    const names = config.devices.map(({ name }) => name)
    const lock = await lockDevices(config.stateDir, names)
    opened.push(lock.release)
    const inner = await openStore(config, deps)
    opened.push(() => inner.close())
    const isLarge = config.devices.length > MANY_DEVICES
    const watched = watchStore(inner, {
      clock,
      onChange: events.publishStatus,
      onError: ({ reason }) => metrics.storeFailed(reason),
      onWritten(window, batch) {
        if (batch.every(({ labels }) => isClaim(labels))) return
        if (!isLarge) view.noteWritten(window)
        for (const { labels, timestampsMs } of batch) metrics.written(labels['device'] ?? '', timestampsMs.length)
      },
    })
    const { health, probe } = watched
    const isFleet = config.devices.length > FEW_DEVICES
    const gather = isFleet ? () => clock.sleep(GATHER_MS, signal).catch(() => {}) : undefined
    const store = shareQuestions(watched.store, { gather })
    const onCycle = watch?.(store)
    const workers = openWorkers(config, { store, events, ...(onCycle && { onCycle }) }, deps)
    opened.push(() => Promise.all(workers.map(({ context }) => context.device.close())))
    opened.push(() => releaseClaims(workers.map(({ context }) => context)))
    const unmeasured = await keepUnmeasured(
      join(config.stateDir, SUMS),
      workers.map(({ name, context }) => ({ name, memory: context.memory })),
      log,
    )
    opened.push(unmeasured.flush)
    events.listeners.add(unmeasured.note)
    const view = openView(config, { store, workers, money: await openMoney(config) }, deps)
    const alerts = await openDaemonAlerts(config, { view, health, onChange: events.publishStatus }, deps)
    const { daemon, loads } = openDaemon(config, { health, workers, view, events, signal }, deps)
    const editor = openHouseEditor({
      config,
      path: configPath,
      env,
      isDemo,
      view,
      clock,
      reload,
      devices: workers.map(({ name, context }) => ({ name, seen: () => context.memory.shown.seen })),
    })
    const served = await serveDaemon(
      config,
      {
        store,
        workers,
        view,
        editor,
        daemon,
        metrics,
        alerts,
        isDemo,
        configPath,
        signal,
        probeStore: () => probe(signal),
      },
      deps,
    )
    opened.push(served.close)
    onStarted?.()
    log.info(`copying ${plural(workers.length, 'device')} into ${store.name}; dashboard on ${served.url}`)
    if (refused) log.error(`the devices of files with mistakes stay as they were: ${refused.message}`)
    await runTogether(
      [
        ...workers.map((worker) => worker.start),
        ...(isLarge ? [] : [view.run]),
        ...(alerts ? [alerts.run] : []),
        (ending: AbortSignal) => runLoadTracks(loads, clock, ending),
      ],
      signal,
    )
  } finally {
    for (const close of opened.toReversed()) await close()
  }
}

/** Of more, what they say of the store stands once in the log. */
const FEW_WHO_SAY_THE_SAME = 4
/** Of more, /metrics tells together, and the house is not kept in rollups beside the copying. */
const MANY_DEVICES = 200
/** Of more, questions to the store are put together, for so long each waits for others. */
const FEW_DEVICES = 50
const GATHER_MS = 100

/** Where those who do something publish it, for those who watch. */
interface DaemonEvents {
  readonly log: Log
  readonly events: EventLog
  readonly listeners: Listeners
  readonly metrics: Metrics
  /** The state of a device or of the store has changed. */
  readonly publishStatus: () => void
}

function createEvents({ devices, web }: Config, { log, clock }: Deps): DaemonEvents {
  const listeners = createListeners()
  const own = devices.length > FEW_WHO_SAY_THE_SAME ? sayOnceOfStore(log, clock) : log
  const events = createEventLog(own, { clock, devices: devices.map(({ name }) => name) })
  events.onEvent = (event) => listeners.publish({ kind: 'event', event })
  return {
    log: events.log,
    events,
    listeners,
    metrics: createMetrics({ ofEachDevice: devices.length <= MANY_DEVICES || web.deviceMetrics }),
    publishStatus: () => listeners.publish({ kind: 'status' }),
  }
}

/** At a time, of all devices: what they hold meanwhile is the memory of the process. */
const [MOST_CYCLES, MOST_BACKFILLS] = [48, 64]
/** Such a cycle waits, for its device or for the store to show what was written. */
const SLOW_CYCLE_MS = 1_500

/** A worker for each device, and all that it does becomes events. */
function openWorkers(
  config: Config,
  { store, events, onCycle }: { store: Store; events: DaemonEvents; onCycle?: NonNullable<WorkerOptions['onCycle']> },
  deps: Deps,
): DeviceWorker[] {
  const { metrics, listeners, publishStatus } = events
  const watch = (device: string) => ({
    onAnswer: (kind: Parameters<typeof metrics.requested>[1], durationMs: number) =>
      metrics.requested(device, kind, durationMs),
    onRetry: () => metrics.retried(device),
  })
  const { intervalMs, devices } = config
  const phases = spreadCycles(
    devices.map(({ name }) => name),
    intervalMs,
  )
  const gates = {
    cycles: createGate({ places: MOST_CYCLES, slowMs: SLOW_CYCLE_MS }, deps.clock),
    backfills: createGate({ places: MOST_BACKFILLS }, deps.clock),
  }
  return openContexts(config, { devices, store }, { ...deps, watch }).map((context) => {
    const device = context.settings.deviceName
    return createDeviceWorker(context, {
      intervalMs,
      phaseMs: phases.get(device),
      gates,
      backfill: config.backfill,
      onCycle(report, isWell) {
        metrics.passed(device, report, isWell)
        listeners.publish({ kind: 'pass', device, storedUntilMs: report.storedUntilMs })
        publishStatus()
        onCycle?.(report, isWell)
      },
      onCycleFailed: () => metrics.cycleFailed(device),
      onBackfill(progress, isAudit) {
        metrics.filled(device, progress, isAudit)
        if (progress.sampleCount > 0) listeners.publish({ kind: 'coverage', device, ...progress.chunk })
      },
      onChange: publishStatus,
    })
  })
}

/** The folder of the rollups, in that of the state. */
const SUMS = 'sums'

/** What the store has, to look at, with what the workers know of their devices. */
function openView(
  config: Config,
  { store, workers, money }: { store: Store; workers: readonly DeviceWorker[]; money: MoneySettings | undefined },
  { clock, log }: Pick<Deps, 'clock' | 'log'>,
): OpenHouse {
  const channels = createKnownChannels(workers.map(sourceOf), {
    store,
    clock,
    metric: config.metric,
    lookbackMs: config.lookbackMs,
  })
  return openHouse({
    store,
    house: config.house,
    devices: workers.map((worker) => factsOf(worker, channels)),
    channels,
    ...(money && { money }),
    clock,
    log,
    folder: join(config.stateDir, SUMS),
  })
}

function sourceOf({ name, context: { settings, memory } }: DeviceWorker): ChannelSource {
  const configured = settings.channels && labelsOfWatts(settings.channels, labelOptionsOf(settings))
  let seen: readonly Target[] | undefined
  let found: readonly Target[] | undefined
  let labels: readonly Labels[] | undefined
  return {
    name,
    found() {
      const targets = memory.shown.seen?.targets
      if (targets === undefined || targets === seen) return labels
      seen = targets
      const watts = targets.filter(({ channel }) => channel.unit === 'watts')
      const isSame = watts.length === found?.length && watts.every(({ key }, index) => key === found?.[index]?.key)
      found = watts
      if (!isSame) labels = watts.map((target) => target.labels)
      return labels
    },
    ...(configured && { configured }),
  }
}

function factsOf({ name, context, health, isLoaded }: DeviceWorker, channels: KnownChannels): DeviceFacts {
  const { memory } = context
  return {
    name,
    expectedFromMs: (key) => memory.shown.seen?.targets.find((target) => target.key === key)?.expected.fromMs,
    storedUntilMs: () => health().lastPass?.storedUntilMs ?? channels.storedUntilMs(name),
    unmeasured: () => memory.shown.unmeasured,
    isLoaded,
  }
}

/** The present watts of a device; of one that is not the configured one, none. */
function liveSourceOf({ name, health, context: { device, settings } }: DeviceWorker): LiveSource {
  const channels = settings.channels?.filter(({ unit }) => unit === 'watts')
  return {
    name,
    async read(signal) {
      const reading = health().failure?.of === 'identity' ? undefined : await device.readLive?.(signal)
      if (reading === undefined || channels === undefined) return reading
      const { watts } = reading
      const listed = channels.filter((channel) => watts.has(channel.name))
      return { ...reading, watts: new Map(listed.map((channel) => [channel.location, watts.get(channel.name)])) }
    },
  }
}

interface Parts {
  readonly health: () => StoreHealth
  readonly workers: readonly DeviceWorker[]
  readonly view: OpenHouse
  readonly events: DaemonEvents
  readonly signal: AbortSignal
}

/** The daemon as others see it, its jobs and its numbers. */
function openDaemon(
  { intervalMs, lookbackMs, shard, tariffs, web: { liveMs } }: Config,
  { health, workers, view, events: daemonEvents, signal }: Parts,
  { clock, log }: Deps,
): { readonly daemon: Daemon; readonly loads: readonly LoadTrack[] } {
  const { metrics, events, listeners } = daemonEvents
  const loads = new Map(workers.map(({ name, context }) => [name, trackLoad(context)]))
  const jobs = createJobs({
    queues: workers,
    clock,
    intervalMs,
    signal,
    onChange: (job) => listeners.publish({ kind: 'job', job }),
    onRepaired({ device, fromMs, untilMs, rowCount, sampleCount }) {
      metrics.filled(device, { rowCount, sampleCount }, true)
      listeners.publish({ kind: 'coverage', device, fromMs, untilMs })
    },
    onChecked: () => view.verify(),
  })
  const contexts = new Map(workers.map(({ name, context }) => [name, context]))
  const startedAtMs = clock.nowMs()
  const live =
    liveMs === undefined
      ? undefined
      : createLiveWatch({ sources: workers.map(liveSourceOf), intervalMs: liveMs, clock, log, signal })
  const daemon = createDaemon({ workers, store: health, startedAtMs, shard, jobs, events, loads, listeners, live })
  metrics.show({
    version: readVersion(),
    clock,
    daemon,
    busyMs: (device) => contexts.get(device)?.device.cost?.busyMs() ?? 0,
    unusableCells: (device) => contexts.get(device)?.memory.counts.unusableCells ?? 0,
    missingMinutes: (device) => view.missingMinutes(device, clock.nowMs() - lookbackMs),
    ...(tariffs.length > 0 && { history: view }),
  })
  return { daemon, loads: [...loads.values()] }
}
