// Installs and builds what is missing, and reports it; with nothing but Node and npm on the machine.
import { spawn } from 'node:child_process'
import { lstat, readdir, stat } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const OLDEST_NODE = 20
const PROGRESS_MS = 5_000

/** Ends the process with a plain sentence on a Node that is too old. */
export function ensureNode() {
  if (Number(process.versions.node.split('.')[0]) >= OLDEST_NODE) return
  console.error(`iotawatt-sync needs Node ${OLDEST_NODE} or newer; this is ${process.version}. See https://nodejs.org`)
  process.exit(1)
}

/** Installs the packages when there are none, or when the lockfile is newer than they are. */
export async function ensureInstalled() {
  ensureNode()
  const lockMs = await changedMs('package-lock.json')
  if ((await changedMs('node_modules/.package-lock.json')) >= lockMs) return
  // npm ci would empty the folder that it leads to, which is somebody else's.
  if (await isLink('node_modules')) {
    console.log('node_modules is a link: its packages are taken as they are')
    return
  }
  console.log('installing packages (npm ci) …')
  if ((await run('npm', { args: ['ci', '--no-audit', '--no-fund'], quiet: true, label: 'npm ci' })) === 0) return
  console.log('npm ci did not succeed; installing with npm install …')
  const code = await run('npm', { args: ['install', '--no-audit', '--no-fund', '--no-save'], label: 'npm install' })
  if (code !== 0) throw new Error('npm install did not succeed: see the lines above; is the npm registry reachable?')
}

async function isLink(path) {
  return (await lstat(`${ROOT}${path}`).catch(() => undefined))?.isSymbolicLink() ?? false
}

/** Builds dist/ when a source is newer than it. */
export async function ensureBuilt() {
  const inputs = [
    'package-lock.json',
    'scripts/build.mjs',
    'scripts/build-dashboard.mjs',
    ...(await filesUnder('src')).filter(isSource),
  ]
  const newestMs = Math.max(...(await Promise.all(inputs.map(changedMs))))
  if ((await changedMs('dist/main.js')) >= newestMs) return
  const code = await run('node', { args: ['scripts/build.mjs'] })
  if (code !== 0) throw new Error('the build did not succeed: see the lines above')
}

/**
 * Runs a program in the project's folder and gives its exit code. `quiet`: its output shows only when it fails.
 * `label`: a line every few seconds, so that nothing looks hung.
 */
export function run(command, { args = [], env = {}, quiet = false, label } = {}) {
  return new Promise((resolve, reject) => {
    const program = command === 'node' ? process.execPath : command
    const child = spawn(program, args, {
      cwd: ROOT,
      env: { ...process.env, ...env },
      stdio: ['ignore', quiet ? 'pipe' : 'inherit', quiet ? 'pipe' : 'inherit'],
      shell: process.platform === 'win32' && command === 'npm',
    })
    const output = []
    child.stdout?.on('data', (data) => output.push(data))
    child.stderr?.on('data', (data) => output.push(data))
    const startedMs = Date.now()
    const progress = setInterval(() => {
      if (label) console.log(`  ${label}: ${Math.round((Date.now() - startedMs) / 1000)} s …`)
    }, PROGRESS_MS)
    const forward = (signal) => child.kill(signal)
    process.on('SIGINT', forward)
    process.on('SIGTERM', forward)
    const cleanUp = () => {
      clearInterval(progress)
      process.off('SIGINT', forward)
      process.off('SIGTERM', forward)
    }
    child.on('error', (error) => {
      cleanUp()
      reject(error)
    })
    child.on('close', (code) => {
      cleanUp()
      if (code !== 0 && quiet) process.stdout.write(Buffer.concat(output))
      resolve(code ?? 1)
    })
  })
}

const isSource = (path) => /\.(ts|tsx|css|html)$/.test(path) && !path.endsWith('.test.ts')

async function filesUnder(folder) {
  const entries = await readdir(`${ROOT}${folder}`, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => `${(entry.parentPath ?? entry.path).slice(ROOT.length)}/${entry.name}`)
}

/** 0 for what is not there. */
async function changedMs(path) {
  const found = await stat(`${ROOT}${path}`).catch(() => undefined)
  return found?.mtimeMs ?? 0
}
