// Starts a server of another program for tests, on a free port of 127.0.0.1.
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const [FIRST_PORT, END_PORT] = [20_000, 32_000]
/** They end what hangs, on a busy machine too. */
const START_TIMEOUT_MS = 120_000
const STOP_TIMEOUT_MS = 120_000

/**
 * Starts it and waits until `healthPath` answers; its data stay in `folder`, or go with it when it is left out.
 * `argsFor({ dataFolder, host })` gives its arguments; `stopSignal` ends it cleanly.
 */
export async function startServer({ binary, name, folder, port, argsFor, healthPath, stopSignal }) {
  const dataFolder = folder ?? (await mkdtemp(join(tmpdir(), `${name}-`)))
  const host = `127.0.0.1:${port ?? (await freePort())}`
  const url = `http://${host}`
  const server = spawn(binary, await argsFor({ dataFolder, host }), { stdio: ['ignore', 'pipe', 'pipe'] })
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

  if (!(await answers(`${url}${healthPath}`, ended))) {
    await end('SIGKILL')
    throw new Error(`${binary} did not start on ${url}: ${lastWords.trim()}`)
  }
  return { url, pid: server.pid, stop: () => end(stopSignal), kill: () => end('SIGKILL') }
}

async function answers(url, ended) {
  let over = false
  void ended.then(() => (over = true))
  for (const deadlineMs = Date.now() + START_TIMEOUT_MS; !over && Date.now() < deadlineMs;) {
    const answer = await fetch(url).catch(() => undefined)
    if (answer?.ok) return true
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return false
}

/** Below those that the system gives to connections: none of them takes it before a server listens, or while it is away. */
export async function freePort() {
  for (;;) {
    const port = FIRST_PORT + Math.floor(Math.random() * (END_PORT - FIRST_PORT))
    if (await isFree(port)) return port
  }
}

function isFree(port) {
  return new Promise((resolve) => {
    const server = createServer().on('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
