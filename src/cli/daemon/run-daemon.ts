import { setMaxListeners } from 'node:events'
import { join } from 'node:path'
import type { Config } from '../../config/config.ts'
import type { Store } from '../../model/store.ts'
import { runTogether } from '../../runtime/run-together.ts'
import { runLoadTracks } from '../../daemon/daemon-status.ts'
import type { WorkerOptions } from '../../daemon/device-worker.ts'
import { isClaim } from '../../sync/session/claim-device.ts'
import { keepUnmeasured } from '../../daemon/keep-unmeasured.ts'
import { watchStore } from '../../daemon/watch-store.ts'
import { count } from '../../runtime/plural.ts'
import { lockAll, releaseAll, releaseClaims } from '../engine.ts'
import { openStore, type Surroundings } from '../open-store.ts'
import { createNews } from './create-events.ts'
import { openCollector } from './open-status.ts'
import { openView, SUMS } from './open-view.ts'
import { openWorkers } from './open-workers.ts'
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
