// Finds a VictoriaMetrics server (fetching Debian's package when there is none) and starts it on a free port.
import { execFile, spawn } from 'node:child_process'
import { access, constants, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const PACKAGE = 'victoria-metrics'
const CACHE = fileURLToPath(new URL('../.cache/victoria-metrics/', import.meta.url))
const START_TIMEOUT_MS = 20_000
const STOP_TIMEOUT_MS = 20_000

/** The path of a victoria-metrics binary, or undefined with the reason printed through `log`. */
export async function findVictoriaMetrics({ log = console.error } = {}) {
  const named = process.env.VICTORIA_METRICS_BIN
  if (named) {
    if (await isExecutable(named)) return named
    log(`VictoriaMetrics: VICTORIA_METRICS_BIN=${named} is not a program that can be run`)
    return undefined
  }
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean)
  const cached = join(CACHE, 'usr/bin', PACKAGE)
  for (const path of [...folders.map((folder) => join(folder, PACKAGE)), cached])
    if (await isExecutable(path)) return path
  try {
    log('VictoriaMetrics: none on PATH; fetching the package of Debian into .cache/victoria-metrics')
    await fetchPackage()
    if (await isExecutable(cached)) return cached
    throw new Error('the package holds no such program')
  } catch (error) {
    log(`VictoriaMetrics: not found on PATH, and apt-get could not fetch it: ${firstLine(error)}`)
    log('VictoriaMetrics: install it, or name the program in VICTORIA_METRICS_BIN')
    return undefined
  }
}

/** Unpacked beside its final place and renamed, so that a cut-off fetch or a second process leaves nothing half. */
async function fetchPackage() {
  await mkdir(CACHE, { recursive: true })
  const folder = await mkdtemp(join(CACHE, 'fetch-'))
  try {
    for (const needed of ['lists/partial', 'cache/archives/partial', 'unpacked'])
      await mkdir(join(folder, needed), { recursive: true })
    const options = ['-o', `Dir::State::lists=${folder}/lists`, '-o', `Dir::Cache=${folder}/cache`]
    await run('apt-get', [...options, 'update'], { cwd: folder })
    await run('apt-get', [...options, 'download', PACKAGE], { cwd: folder })
    const archive = (await readdir(folder)).find((name) => name.endsWith('.deb'))
    if (!archive) throw new Error('apt-get left no package')
    await run('dpkg', ['-x', join(folder, archive), join(folder, 'unpacked')])
    await rename(join(folder, 'unpacked/usr'), join(CACHE, 'usr')).catch(ignoreTaken)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Another process may have put the same thing there meanwhile. */
function ignoreTaken(error) {
  if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
}

/** Starts a server on 127.0.0.1 and waits until it answers; its data stay in `folder`, or go with it when it is left out. */
export async function startVictoriaMetrics({ binary, folder, port, args = [] }) {
  const dataFolder = folder ?? (await mkdtemp(join(tmpdir(), 'victoria-metrics-')))
  const url = `http://127.0.0.1:${port ?? (await freePort())}`
  const server = spawn(
    binary,
    [`-storageDataPath=${dataFolder}`, `-httpListenAddr=${url.slice('http://'.length)}`, ...args],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
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

  if (!(await isHealthy(url, ended))) {
    await end('SIGKILL')
    throw new Error(`${binary} did not start on ${url}: ${lastWords.trim()}`)
  }
  return { url, pid: server.pid, stop: () => end('SIGINT'), kill: () => end('SIGKILL') }
}

async function isHealthy(url, ended) {
  let over = false
  void ended.then(() => (over = true))
  for (const deadlineMs = Date.now() + START_TIMEOUT_MS; !over && Date.now() < deadlineMs;) {
    const answer = await fetch(`${url}/health`).catch(() => undefined)
    if (answer?.ok) return true
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return false
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
}

async function isExecutable(path) {
  try {
    await access(path, constants.X_OK)
    return (await stat(path)).isFile()
  } catch {
    return false
  }
}

/** apt-get says what went wrong in its lines with E:, after warnings that do not matter. */
function firstLine(error) {
  const lines = String(error.stderr || error.message)
    .trim()
    .split('\n')
  return lines.find((line) => line.startsWith('E:')) ?? lines[0]
}
