// Finds a program of one of Debian's packages: named, on PATH, or fetched into .cache/ without installing it, and without root.
import { execFile } from 'node:child_process'
import { access, constants, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const MAX_OUTPUT_BYTES = 16_000_000
const CACHE = fileURLToPath(new URL('../.cache/', import.meta.url))

/**
 * The path of the program, or undefined with the reason printed through `log`.
 * `programs`: its names on PATH. `path`: where it is in what was fetched. `choosePackages`: which ones are fetched, asked
 * with a way to run apt-get. `finish`: makes ready what was unpacked, and throws where it cannot be used.
 */
export async function findProgram(options) {
  const { programs, packageName, variable, title, log } = options
  const { path = `usr/bin/${programs[0]}`, choosePackages = () => [packageName], finish = () => {} } = options
  const cache = join(CACHE, packageName)
  const cached = join(cache, 'unpacked', path)
  const found = await findOnPath({ programs, variable })
  if (found) return found
  if (process.env[variable]) {
    log(`${title}: ${variable}=${process.env[variable]} is not a program that can be run`)
    return undefined
  }
  if (await isExecutable(cached)) return cached
  try {
    log(`${title}: none on PATH; fetching Debian's package ${packageName} into .cache/${packageName}`)
    await fetchPackages(cache, { choosePackages, finish })
    if (await isExecutable(cached)) return cached
    throw new Error('the package holds no such program')
  } catch (error) {
    log(`${title}: not found on PATH, and Debian's package could not be fetched and used: ${firstLine(error)}`)
    log(`${title}: install it, or name the program in ${variable}`)
    return undefined
  }
}

/** The first of the programs that is there; where the variable names one, that one alone. */
async function findOnPath({ programs, variable }) {
  const named = process.env[variable]
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean)
  const paths = named ? [named] : programs.flatMap((program) => folders.map((folder) => join(folder, program)))
  for (const path of paths) if (await isExecutable(path)) return path
  return undefined
}

/** Unpacked beside its final place and renamed, so that a cut-off fetch or a second process leaves nothing half. */
async function fetchPackages(cache, { choosePackages, finish }) {
  await mkdir(cache, { recursive: true })
  const folder = await mkdtemp(join(cache, 'fetch-'))
  try {
    for (const needed of ['lists/partial', 'cache/archives/partial', 'unpacked'])
      await mkdir(join(folder, needed), { recursive: true })
    const options = ['-o', `Dir::State::lists=${folder}/lists`, '-o', `Dir::Cache=${folder}/cache`]
    const aptGet = (...args) => run('apt-get', [...options, ...args], { cwd: folder, maxBuffer: MAX_OUTPUT_BYTES })
    await aptGet('update')
    await aptGet('download', ...(await choosePackages(aptGet)))
    const archives = (await readdir(folder)).filter((name) => name.endsWith('.deb'))
    if (archives.length === 0) throw new Error('apt-get left no package')
    for (const archive of archives) await run('dpkg', ['-x', join(folder, archive), join(folder, 'unpacked')])
    await finish(join(folder, 'unpacked'))
    await rename(join(folder, 'unpacked'), join(cache, 'unpacked')).catch(ignoreTaken)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Another process may have put the same thing there meanwhile. */
function ignoreTaken(error) {
  if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
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
