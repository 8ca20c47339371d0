import { setMaxListeners } from 'node:events'
import type { Config } from '../config/config.ts'
import type { Store } from '../model/store.ts'
import { systemClock } from '../runtime/clock.ts'
import { createCollector, createListeners, runLoadTracks, trackLoad } from '../sync/collector.ts'
import { createEventLog } from '../sync/event-log.ts'
import { createJobs } from '../sync/jobs.ts'
import { watchStore } from '../sync/watch-store.ts'
import { count } from '../sync/words.ts'
import { createDeviceWorker, type WorkerOptions } from '../sync/device-worker.ts'
import { serveCommands } from '../web/command-socket.ts'
import { createApp } from '../web/create-app.ts'
import { createMetrics } from '../web/metrics.ts'
import { serveWeb } from '../web/serve-web.ts'
import { carryOut } from './carry-out.ts'
import { lockAll, releaseAll } from './engine.ts'
import { openContexts } from './open-contexts.ts'
import { openDashboard } from './open-dashboard.ts'
import { openStore, type Surroundings } from './open-store.ts'
import { openView } from './open-view.ts'
import { readVersion } from './read-version.ts'

export interface DaemonOptions {
  readonly signal: AbortSignal
  readonly watch?: (store: Store) => NonNullable<WorkerOptions['onPass']>
  readonly isDemo?: boolean
}

/** Copies until the signal is aborted. */
export async function runDaemon(
  config: Config,
  outer: Surroundings,
  { signal, watch, isDemo = false }: DaemonOptions,
): Promise<void> {
  // Everything that is under way listens to it.
  setMaxListeners(0, signal)
  const opened: (() => Promise<unknown>)[] = []
  const { clock } = outer
  const listeners = createListeners()
  const metrics = createMetrics()
  const version = readVersion()
  const names = config.devices.map(({ name }) => name)
  const events = createEventLog(outer.log, { clock, devices: names })
  events.onEvent = (event) => listeners.tell({ kind: 'event', event })
  const surroundings = { ...outer, log: events.log }
  const { log } = surroundings
  const tellStatus = () => listeners.tell({ kind: 'status' })
  try {
    const locks = await lockAll(config.stateDir, config.devices)
    opened.push(() => releaseAll(locks))
    const inner = await openStore(config, surroundings)
    opened.push(() => inner.close())
    const { store, health } = watchStore(inner, {
      clock,
      onChange: tellStatus,
      onError: ({ reason }) => metrics.storeFailed(reason),
      onWritten(window, batch) {
        view.noteWritten(window)
        for (const { labels, timestampsMs } of batch) metrics.written(labels['device'] ?? '', timestampsMs.length)
      },
    })
    const contexts = openContexts(
      config,
      { devices: config.devices, store },
      {
        ...surroundings,
        watch: (device) => ({
          onAnswer: (kind, durationMs) => metrics.requested(device, kind, durationMs),
          onRetry: () => metrics.retried(device),
        }),
      },
    )
    opened.push(() => Promise.all(contexts.map(({ device }) => device.close())))
    const onPass = watch?.(store)
    const workers = contexts.map((context) => {
      const device = context.settings.deviceName
      return createDeviceWorker(context, {
        intervalMs: config.intervalMs,
        backfill: config.backfill,
        onPass(report) {
          metrics.passed(device, report)
          listeners.tell({ kind: 'pass', device, storedUntilMs: report.storedUntilMs })
          tellStatus()
          onPass?.(report)
        },
        onPassFailed: () => metrics.passFailed(device),
        onHistory(progress, isAudit) {
          metrics.filled(device, progress, isAudit)
          if (progress.sampleCount > 0) listeners.tell({ kind: 'coverage', device, ...progress.chunk })
        },
        onChange: tellStatus,
      })
    })
    const view = openView(config, { store, workers }, surroundings)
    const loads = new Map(contexts.map((context) => [context.settings.deviceName, trackLoad(context)]))
    const jobs = createJobs({
      queues: workers,
      clock,
      signal,
      onChange: (job) => listeners.tell({ kind: 'job', job }),
      onRepaired({ device, fromMs, untilMs, sampleCount }) {
        metrics.filled(device, { rowCount: 0, sampleCount }, true)
        listeners.tell({ kind: 'coverage', device, fromMs, untilMs })
      },
      onChecked: () => view.verify(),
    })
    const startedAtMs = systemClock.nowMs()
    const collector = createCollector({ workers, store: health, startedAtMs, jobs, events, loads, listeners })
    metrics.show({
      version,
      collector,
      busyMs: (device) => contexts.find(({ settings }) => settings.deviceName === device)?.device.cost?.busyMs() ?? 0,
      missingMinutes: (device) => view.missingMinutes(device, clock.nowMs() - config.lookbackMs),
    })
    const engine = { config, store, queues: workers, collector }
    const socket = await serveCommands(config.stateDir, (request, output, gone) =>
      carryOut(request, { engine, output, signal: AbortSignal.any([gone, signal]) }),
    )
    opened.push(() => socket.close())
    const dashboard = await openDashboard()
    if (dashboard === undefined) log.warn('the dashboard is not built: npm run build')
    const app = createApp(collector, {
      dashboard,
      clock,
      maxAgeMs: config.web.maxAgeMs,
      access: { ...config.web, listenHost: config.web.host, token: config.web.token?.reveal() },
      api: {
        collector,
        history: view,
        newestWatts: view.newestWatts,
        clock,
        metrics: metrics.text,
        version,
        isDemo,
        maxAgeMs: config.web.maxAgeMs,
        intervalMs: config.intervalMs,
        urls: new Map(config.devices.map(({ name, url }) => [name, url])),
      },
    })
    const web = await serveWeb(app, config.web)
    opened.push(() => web.close())
    log.info(
      `copying ${count(workers.length, 'device')} into ${store.name}; dashboard on http://${config.web.host}:${web.port}/`,
    )
    await Promise.all([
      ...workers.map((worker) => worker.start(signal)),
      view.run(signal),
      runLoadTracks(loads.values(), clock, signal),
    ])
  } finally {
    for (const close of opened.toReversed()) await close()
  }
}
