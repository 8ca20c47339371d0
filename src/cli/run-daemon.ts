import type { Config } from '../config/config.ts'
import type { Store } from '../model/store.ts'
import { systemClock } from '../runtime/clock.ts'
import { createCollector } from '../sync/collector.ts'
import { count } from '../sync/words.ts'
import { createDeviceWorker, type WorkerOptions } from '../sync/device-worker.ts'
import { serveCommands } from '../web/command-socket.ts'
import { createApp } from '../web/create-app.ts'
import { serveWeb } from '../web/serve-web.ts'
import { carryOut } from './carry-out.ts'
import { lockAll, releaseAll } from './engine.ts'
import { openContexts } from './open-contexts.ts'
import { openStore, type Surroundings } from './open-store.ts'

/** Copies until the signal is aborted. */
export async function runDaemon(
  config: Config,
  surroundings: Surroundings,
  { signal, watch }: { signal: AbortSignal; watch?: (store: Store) => NonNullable<WorkerOptions['onPass']> },
): Promise<void> {
  const { log } = surroundings
  const opened: (() => Promise<unknown>)[] = []
  try {
    const locks = await lockAll(config.stateDir, config.devices)
    opened.push(() => releaseAll(locks))
    const store = await openStore(config, surroundings)
    opened.push(() => store.close())
    const contexts = openContexts(config, { devices: config.devices, store }, surroundings)
    opened.push(() => Promise.all(contexts.map(({ device }) => device.close())))
    const options = { intervalMs: config.intervalMs, backfill: config.backfill, ...(watch && { onPass: watch(store) }) }
    const workers = contexts.map((context) => createDeviceWorker(context, options))
    const collector = createCollector(workers, { storeName: store.name, startedAtMs: systemClock.nowMs() })
    const engine = { config, store, queues: workers, collector }
    const socket = await serveCommands(config.stateDir, (request, output, gone) =>
      carryOut(request, { engine, output, signal: AbortSignal.any([gone, signal]) }),
    )
    opened.push(() => socket.close())
    const web = await serveWeb(
      createApp(collector, {
        clock: surroundings.clock,
        maxAgeMs: config.web.maxAgeMs,
        access: { ...config.web, listenHost: config.web.host, token: config.web.token?.reveal() },
      }),
      config.web,
    )
    opened.push(() => web.close())
    log.info(
      `copying ${count(workers.length, 'device')} into ${store.name}; health on http://${config.web.host}:${web.port}/healthz`,
    )
    await Promise.all(workers.map((worker) => worker.start(signal)))
  } finally {
    for (const close of opened.toReversed()) await close()
  }
}
