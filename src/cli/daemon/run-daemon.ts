import { setMaxListeners } from 'node:events'
import { join } from 'node:path'
import type { Config } from '../../config/config.ts'
import { createCollector, type LoadTrack, runLoadTracks, trackLoad } from '../../daemon/daemon-status.ts'
import { createDeviceWorker, type DeviceWorker, type WorkerOptions } from '../../daemon/device-worker.ts'
import { createJobs } from '../../daemon/jobs.ts'
import { keepUnmeasured } from '../../daemon/keep-unmeasured.ts'
import { watchStore } from '../../daemon/watch-store.ts'
import type { DeviceFacts } from '../../house/house-base.ts'
import { type ChannelSource, createKnownChannels, type KnownChannels } from '../../house/known-channels.ts'
import { openHistory, type OpenHistory } from '../../house/open-house.ts'
import { DEFAULT_LABEL_RULES } from '../../labels/default-rules.ts'
import { labelsFor } from '../../labels/labels-for.ts'
import type { Collector, StoreHealth } from '../../model/daemon.ts'
import type { Store } from '../../model/store.ts'
import { count } from '../../runtime/plural.ts'
import { runTogether } from '../../runtime/run-together.ts'
import { isClaim } from '../../sync/session/claim-device.ts'
import { lockAll, releaseAll, releaseClaims } from '../engine.ts'
import { openContexts } from '../open-contexts.ts'
import { openStore, type Surroundings } from '../open-store.ts'
import { readVersion } from '../read-version.ts'
import { createNews, type News } from './create-events.ts'
import { serveDaemon } from './serve-daemon.ts'

export interface DaemonOptions {
  readonly signal: AbortSignal
  /** Everything could be opened. */
  readonly onStarted?: () => void
  readonly watch?: (store: Store) => NonNullable<WorkerOptions['onPass']>
  readonly isDemo?: boolean
  /** Of the configuration, for those who ask what runs here. */
  readonly configPath?: string
}

/** Copies until the signal is aborted. */
export async function runDaemon(
  config: Config,
  outer: Surroundings,
  { signal, onStarted, watch, isDemo = false, configPath = '' }: DaemonOptions,
): Promise<void> {
  // Everything that is under way listens to it.
  setMaxListeners(0, signal)
  const opened: (() => Promise<unknown>)[] = []
  const { clock } = outer
  const news = createNews(config, outer)
  const { metrics, log } = news
  const surroundings = { ...outer, log }
  try {
    const locks = await lockAll(config.stateDir, config.devices)
    opened.push(() => releaseAll(locks))
    const inner = await openStore(config, surroundings)
    opened.push(() => inner.close())
    const { store, health, probe } = watchStore(inner, {
      clock,
      onChange: news.tellStatus,
      onError: ({ reason }) => metrics.storeFailed(reason),
      onWritten(window, batch) {
        if (batch.every(({ labels }) => isClaim(labels))) return
        view.noteWritten(window)
        for (const { labels, timestampsMs } of batch) metrics.written(labels['device'] ?? '', timestampsMs.length)
      },
    })
    const onPass = watch?.(store)
    const workers = openWorkers(config, { store, news, ...(onPass && { onPass }) }, surroundings)
    opened.push(() => Promise.all(workers.map(({ context }) => context.device.close())))
    opened.push(() => releaseClaims(workers.map(({ context }) => context)))
    const unmeasured = await keepUnmeasured(
      join(config.stateDir, SUMS),
      workers.map(({ name, context }) => ({ name, memory: context.memory })),
      log,
    )
    opened.push(unmeasured.settle)
    news.listeners.add(unmeasured.note)
    const view = openView(config, { store, workers }, surroundings)
    const { collector, loads } = openCollector(config, { health, workers, view, news, signal }, surroundings)
    const served = await serveDaemon(
      config,
      { store, workers, view, collector, news, isDemo, configPath, signal, probeStore: () => probe(signal) },
      surroundings,
    )
    opened.push(served.close)
    onStarted?.()
    log.info(`copying ${count(workers.length, 'device')} into ${store.name}; dashboard on ${served.url}`)
    await runTogether(
      [
        ...workers.map((worker) => worker.start),
        view.run,
        (ending: AbortSignal) => runLoadTracks(loads, clock, ending),
      ],
      signal,
    )
  } finally {
    for (const close of opened.toReversed()) await close()
  }
}

/** A worker for each device, and all that it does becomes news. */
function openWorkers(
  config: Config,
  { store, news, onPass }: { store: Store; news: News; onPass?: NonNullable<WorkerOptions['onPass']> },
  surroundings: Surroundings,
): DeviceWorker[] {
  const { metrics, listeners, tellStatus } = news
  const watch = (device: string) => ({
    onAnswer: (kind: Parameters<typeof metrics.requested>[1], durationMs: number) =>
      metrics.requested(device, kind, durationMs),
    onRetry: () => metrics.retried(device),
  })
  return openContexts(config, { devices: config.devices, store }, { ...surroundings, watch }).map((context) => {
    const device = context.settings.deviceName
    return createDeviceWorker(context, {
      intervalMs: config.intervalMs,
      backfill: config.backfill,
      onPass(report, isWell) {
        metrics.passed(device, report, isWell)
        listeners.tell({ kind: 'pass', device, storedUntilMs: report.storedUntilMs })
        tellStatus()
        onPass?.(report, isWell)
      },
      onPassFailed: () => metrics.passFailed(device),
      onHistory(progress, isAudit) {
        metrics.filled(device, progress, isAudit)
        if (progress.sampleCount > 0) listeners.tell({ kind: 'coverage', device, ...progress.chunk })
      },
      onChange: tellStatus,
    })
  })
}

/** The folder of what is kept of the history, in that of the state. */
const SUMS = 'sums'

/** What the store has, to look at, with what the workers know of their devices. */
function openView(
  config: Config,
  { store, workers }: { store: Store; workers: readonly DeviceWorker[] },
  { clock, log }: Pick<Surroundings, 'clock' | 'log'>,
): OpenHistory {
  const channels = createKnownChannels(
    workers.map((worker) => sourceOf(config, worker)),
    { store, clock, metric: config.metric, lookbackMs: config.lookbackMs },
  )
  return openHistory({
    store,
    house: config.house,
    devices: workers.map((worker) => factsOf(worker, channels)),
    channels,
    clock,
    log,
    folder: join(config.stateDir, SUMS),
  })
}

function sourceOf(config: Config, { name, context: { settings, memory } }: DeviceWorker): ChannelSource {
  const names = { device: settings.deviceName, rules: config.rules ?? DEFAULT_LABEL_RULES }
  const configured = settings.channels
    ?.filter(({ unit }) => unit === 'watts')
    .map((channel) => labelsFor(channel, names))
  return {
    name,
    found: () => memory.seen?.targets.filter(({ channel }) => channel.unit === 'watts').map(({ labels }) => labels),
    ...(configured && { configured }),
  }
}

function factsOf({ name, context, health, isLoaded }: DeviceWorker, channels: KnownChannels): DeviceFacts {
  const { memory } = context
  return {
    name,
    wantedFromMs: (key) => memory.seen?.targets.find((target) => target.key === key)?.wanted.fromMs,
    storedUntilMs: () => health().lastPass?.storedUntilMs ?? channels.storedUntilMs(name),
    unmeasured: () => memory.unmeasured,
    isLoaded,
  }
}

interface Parts {
  readonly health: () => StoreHealth
  readonly workers: readonly DeviceWorker[]
  readonly view: OpenHistory
  readonly news: News
  readonly signal: AbortSignal
}

/** The daemon as others see it, its jobs and its numbers. */
function openCollector(
  { intervalMs, lookbackMs }: Config,
  { health, workers, view, news, signal }: Parts,
  { clock }: Surroundings,
): { readonly collector: Collector; readonly loads: readonly LoadTrack[] } {
  const { metrics, events, listeners } = news
  const loads = new Map(workers.map(({ name, context }) => [name, trackLoad(context)]))
  const jobs = createJobs({
    queues: workers,
    clock,
    intervalMs,
    signal,
    onChange: (job) => listeners.tell({ kind: 'job', job }),
    onRepaired({ device, fromMs, untilMs, rowCount, sampleCount }) {
      metrics.filled(device, { rowCount, sampleCount }, true)
      listeners.tell({ kind: 'coverage', device, fromMs, untilMs })
    },
    onChecked: () => view.verify(),
  })
  const startedAtMs = clock.nowMs()
  const collector = createCollector({ workers, store: health, startedAtMs, jobs, events, loads, listeners })
  metrics.show({
    version: readVersion(),
    clock,
    collector,
    busyMs: (device) => workers.find(({ name }) => name === device)?.context.device.cost?.busyMs() ?? 0,
    unusableCells: (device) => workers.find(({ name }) => name === device)?.context.memory.unusableCells ?? 0,
    missingMinutes: (device) => view.missingMinutes(device, clock.nowMs() - lookbackMs),
  })
  return { collector, loads: [...loads.values()] }
}
