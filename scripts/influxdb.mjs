// Finds an InfluxDB 1.x server (fetching Debian's package when there is none) and starts it on a free port.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findProgram } from './debian-package.mjs'
import { freePort, startServer } from './start-server.mjs'

/** The path of influxd, or undefined with the reason printed through `log`. */
export function findInfluxd({ log = console.error } = {}) {
  return findProgram({
    programs: ['influxd'],
    packageName: 'influxdb',
    variable: 'INFLUXD_BIN',
    title: 'InfluxDB',
    log,
  })
}

/** Starts a server on 127.0.0.1 and waits until it answers; its data stay in `folder`, or go with it when it is left out. `settings`: more lines for its sections. */
export function startInfluxd({ binary, folder, port, settings = {} }) {
  return startServer({
    binary,
    name: 'influxd',
    folder,
    port,
    argsFor: async ({ dataFolder, host }) => {
      const config = join(dataFolder, 'influxdb.conf')
      await writeFile(config, await configOf({ dataFolder, host, settings }))
      return ['-config', config]
    },
    healthPath: '/ping',
    stopSignal: 'SIGTERM',
  })
}

async function configOf({ dataFolder, host, settings }) {
  const sections = {
    meta: [`dir = "${join(dataFolder, 'meta')}"`],
    data: [
      `dir = "${join(dataFolder, 'data')}"`,
      `wal-dir = "${join(dataFolder, 'wal')}"`,
      'query-log-enabled = false',
    ],
    http: [`bind-address = "${host}"`, 'log-enabled = false'],
    monitor: ['store-enabled = false'],
    coordinator: [],
  }
  return [
    'reporting-enabled = false',
    `bind-address = "127.0.0.1:${await freePort()}"`,
    ...Object.entries(sections).flatMap(([name, lines]) => [`[${name}]`, ...lines, ...(settings[name] ?? [])]),
    '',
  ].join('\n')
}

/** Asks a server that was started here, such as `CREATE DATABASE "energy"`. */
export async function askInfluxd(url, question) {
  const answer = await fetch(`${url}/query`, { method: 'POST', body: new URLSearchParams({ q: question }) })
  const body = await answer.text()
  if (!answer.ok || body.includes('"error"')) throw new Error(`${question}: ${answer.status} ${body}`)
  return body
}
