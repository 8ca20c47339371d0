import { fileURLToPath } from 'node:url'
import type { Config } from '../../config/config.ts'
import type { Daemon } from '../../model/daemon.ts'
import type { HouseEditor } from '../../model/house-editor.ts'
import type { Store } from '../../model/store.ts'
import type { DeviceWorker } from '../../daemon/device-worker.ts'
import type { OpenHouse } from '../../house/open-house.ts'
import { openHolidays } from '../../tariff/holidays.ts'
import { serveCommands } from '../../web/command-socket.ts'
import { createApp } from '../../web/create-app.ts'
import { type Dashboard, readDashboard } from '../../web/dashboard.ts'
import { keepEndedSessions } from '../../web/web-login.ts'
import { serveWeb } from '../../web/serve-web.ts'
import type { Alerts } from '../../alerts/open-alerts.ts'
import { execute, loadCommands } from '../commands.ts'
import { describeHost, heldByOther } from '../command-host.ts'
import type { Deps } from '../open-store.ts'
import { readVersion } from '../read-version.ts'
import type { Metrics } from '../../web/metrics.ts'

interface Parts {
  readonly store: Store
  readonly workers: readonly DeviceWorker[]
  readonly view: OpenHouse
  readonly editor: HouseEditor
  readonly daemon: Daemon
  readonly metrics: Metrics
  readonly alerts: Alerts | undefined
  readonly isDemo: boolean
  readonly configPath: string
  readonly signal: AbortSignal
  readonly probeStore: () => Promise<void>
}

/** The socket for our own commands, and the listener for people and machines. */
export async function serveDaemon(
  config: Config,
  { store, workers, view, editor, daemon, metrics, alerts, isDemo, configPath, signal, probeStore }: Parts,
  { clock, log }: Deps,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const engine = { config, store, queues: workers, daemon }
  await loadCommands()
  // Like the commands: an upgrade may replace the library's file.
  await openHolidays(config.holidays)
  const identity = { config, path: configPath }
  const socket = await serveCommands(config.stateDir, {
    describe: () => describeHost(identity),
    handle: (request, output, gone) => execute(request, { engine, output, signal: AbortSignal.any([gone, signal]) }),
  })
  if (!socket) throw await heldByOther(identity, signal)
  try {
    const dashboard = await openDashboard()
    if (dashboard === undefined)
      log.warn('the dashboard is missing (dist/dashboard): build it, or install the package again')
    const { host, maxAgeMs, token } = config.web
    const app = createApp(daemon, {
      dashboard,
      clock,
      maxAgeMs,
      access: {
        ...config.web,
        listenHost: host,
        token: token?.reveal(),
        endedSessions: await keepEndedSessions(config.stateDir, { clock, log }),
      },
      api: {
        daemon,
        history: view,
        editor,
        newestWatts: view.newestWatts,
        probeStore,
        clock,
        metrics: metrics.text,
        version: readVersion(),
        isDemo,
        maxAgeMs,
        intervalMs: config.intervalMs,
        openAlerts: alerts?.open,
        configured: new Map(config.devices.map(({ name, url, labels }) => [name, { url, ...(labels && { labels }) }])),
      },
    })
    const web = await serveWeb(app, config.web)
    return {
      url: `http://${host}:${web.port}/`,
      async close() {
        await web.close()
        await socket.close()
      },
    }
  } catch (error) {
    await socket.close()
    throw error
  }
}

/** The page as it was built, seen from `dist/` and from here; undefined where it was not. */
async function openDashboard(): Promise<Dashboard | undefined> {
  for (const path of ['./dashboard', '../../../dist/dashboard']) {
    const found = await readDashboard(fileURLToPath(new URL(path, import.meta.url))).catch(() => undefined)
    if (found) return found
  }
  return undefined
}
