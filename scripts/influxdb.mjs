// Finds an InfluxDB 1.x server (fetching Debian's package when there is none) and starts it on a free port.
import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findProgram } from './debian-package.mjs'
import { freePort } from './victoria-metrics.mjs'

/** They end what hangs, on a busy machine too. */
const START_TIMEOUT_MS = 120_000
const STOP_TIMEOUT_MS = 120_000

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
export async function startInfluxd({ binary, folder, port, settings = {} }) {
  const dataFolder = folder ?? (await mkdtemp(join(tmpdir(), 'influxd-')))
  const host = `127.0.0.1:${port ?? (await freePort())}`
  const config = join(dataFolder, 'influxdb.conf')
  await writeFile(config, await configOf({ dataFolder, host, settings }))
  const server = spawn(binary, ['-config', config], { stdio: ['ignore', 'pipe', 'pipe'] })
  let lastWords = ''
  for (const output of [server.stdout, server.stderr])
    output.setEncoding('utf8').on('data', (text) => (lastWords = (lastWords + text).slice(-2000)))
  const ended = new Promise((resolve) => {
    server.on('close', resolve)
    server.on('error', (error) => resolve((lastWords = error.message)))
  })
  const killWithUs = () => server.kill('SIGKILL')
  process.on('exit', killWithUs)

  async function end(signal) {
    server.kill(signal)
    const lastResort = setTimeout(() => server.kill('SIGKILL'), STOP_TIMEOUT_MS)
    await ended
    clearTimeout(lastResort)
    process.off('exit', killWithUs)
    if (!folder) await rm(dataFolder, { recursive: true, force: true })
  }

  if (!(await answers(`http://${host}`, ended))) {
    await end('SIGKILL')
    throw new Error(`${binary} did not start on ${host}: ${lastWords.trim()}`)
  }
  return { url: `http://${host}`, pid: server.pid, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') }
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

async function answers(url, ended) {
  let over = false
  void ended.then(() => (over = true))
  for (const deadlineMs = Date.now() + START_TIMEOUT_MS; !over && Date.now() < deadlineMs;) {
    const answer = await fetch(`${url}/ping`).catch(() => undefined)
    if (answer?.ok) return true
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return false
}

/** Asks a server that was started here, such as `CREATE DATABASE "energy"`. */
export async function askInfluxd(url, question) {
  const answer = await fetch(`${url}/query`, { method: 'POST', body: new URLSearchParams({ q: question }) })
  const body = await answer.text()
  if (!answer.ok || body.includes('"error"')) throw new Error(`${question}: ${answer.status} ${body}`)
  return body
}
