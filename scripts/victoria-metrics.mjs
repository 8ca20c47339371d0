// Finds a VictoriaMetrics server (fetching Debian's package when there is none) and starts it on a free port.
import { findProgram } from './debian-package.mjs'
import { startServer } from './start-server.mjs'

export { freePort } from './start-server.mjs'

/** The path of a victoria-metrics binary, or undefined with the reason printed through `log`. */
export function findVictoriaMetrics({ log = console.error } = {}) {
  const packageName = 'victoria-metrics'
  const variable = 'VICTORIA_METRICS_BIN'
  return findProgram({ programs: [packageName], packageName, variable, title: 'VictoriaMetrics', log })
}

/** Starts a server on 127.0.0.1 and waits until it answers; its data stay in `folder`, or go with it when it is left out. */
export function startVictoriaMetrics({ binary, folder, port, args = [] }) {
  return startServer({
    binary,
    name: 'victoria-metrics',
    folder,
    port,
    argsFor: ({ dataFolder, host }) => [`-storageDataPath=${dataFolder}`, `-httpListenAddr=${host}`, ...args],
    healthPath: '/health',
    stopSignal: 'SIGINT',
  })
}
