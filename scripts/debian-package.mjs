// Finds a program of one of Debian's packages: named, on PATH, or fetched into .cache/ without installing it.
import { execFile } from 'node:child_process'
import { access, constants, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const CACHE = fileURLToPath(new URL('../.cache/', import.meta.url))

/** The path of the program, or undefined with the reason printed through `log`. */
export async function findProgram({ program, packageName, variable, title, log }) {
  const cache = join(CACHE, packageName)
  const cached = join(cache, 'usr/bin', program)
  const found = await findOnPath({ programs: [program], variable })
  if (found) return found
  if (process.env[variable]) {
    log(`${title}: ${variable}=${process.env[variable]} is not a program that can be run`)
    return undefined
  }
  if (await isExecutable(cached)) return cached
  try {
    log(`${title}: none on PATH; fetching Debian's package ${packageName} into .cache/${packageName}`)
    await fetchPackage(packageName, cache)
    if (await isExecutable(cached)) return cached
    throw new Error('the package holds no such program')
  } catch (error) {
    log(`${title}: not found on PATH, and apt-get could not fetch it: ${firstLine(error)}`)
    log(`${title}: install it, or name the program in ${variable}`)
    return undefined
  }
}

/** The first of the programs that is there; where the variable names one, that one alone. */
export async function findOnPath({ programs, variable }) {
  const named = process.env[variable]
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean)
  const paths = named ? [named] : programs.flatMap((program) => folders.map((folder) => join(folder, program)))
  for (const path of paths) if (await isExecutable(path)) return path
  return undefined
}

/** Unpacked beside its final place and renamed, so that a cut-off fetch or a second process leaves nothing half. */
async function fetchPackage(packageName, cache) {
  await mkdir(cache, { recursive: true })
  const folder = await mkdtemp(join(cache, 'fetch-'))
  try {
    for (const needed of ['lists/partial', 'cache/archives/partial', 'unpacked'])
      await mkdir(join(folder, needed), { recursive: true })
    const options = ['-o', `Dir::State::lists=${folder}/lists`, '-o', `Dir::Cache=${folder}/cache`]
    await run('apt-get', [...options, 'update'], { cwd: folder })
    await run('apt-get', [...options, 'download', packageName], { cwd: folder })
    const archive = (await readdir(folder)).find((name) => name.endsWith('.deb'))
    if (!archive) throw new Error('apt-get left no package')
    await run('dpkg', ['-x', join(folder, archive), join(folder, 'unpacked')])
    await rename(join(folder, 'unpacked/usr'), join(cache, 'usr')).catch(ignoreTaken)
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
