import { access, constants, lstat, mkdir, rmdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { hasCode } from './errors.ts'
import { findForeign, ForeignPathError } from './foreign-path.ts'

/**
 * Makes a folder, and those above it, for its owner alone; one that is there stays as it is.
 * Not with `recursive: true`, which Node repeats for ever where the system lets nobody make a folder (under /proc).
 * @throws ForeignPathError where it is another user's; else Error that names the folder, and what to do: choose another
 * `setting`.
 */
export async function makeFolder(path: string, setting = 'stateDir'): Promise<void> {
  try {
    await makeAll(path)
    if (!(await stat(path)).isDirectory()) throw new Error('it is a file')
    await access(path, constants.W_OK)
  } catch (error) {
    const foreign = hasCode(error, 'EACCES') ? await findForeign(path) : undefined
    if (foreign) throw new ForeignPathError('the folder', foreign)
    throw new Error(
      `the folder ${path} cannot be used: ${error instanceof Error ? error.message : String(error)}\n  choose another ${setting}, or give this user permission to write there`,
      { cause: error },
    )
  }
}

/** What needs a folder while it works, and leaves none where none was. */
export async function leavingNoFolder<T>(path: string, act: () => Promise<T>): Promise<T> {
  const made = await findMissing(path)
  try {
    return await act()
  } finally {
    for (const folder of made) await rmdir(folder).catch(() => {})
  }
}

/** Innermost first. */
async function findMissing(path: string): Promise<readonly string[]> {
  const isThere = await lstat(path).then(
    () => true,
    (error: unknown) => !hasCode(error, 'ENOENT'),
  )
  return isThere ? [] : [path, ...(await findMissing(dirname(path)))]
}

async function makeAll(path: string): Promise<void> {
  if (await tryToMake(path)) return
  if (dirname(path) !== path) await makeAll(dirname(path))
  if (!(await tryToMake(path))) throw new Error('a folder above it is missing, or a link in its path points nowhere')
}

/** False where the folder above is missing. */
async function tryToMake(path: string): Promise<boolean> {
  try {
    await mkdir(path, { mode: 0o700 })
    return true
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOENT') return false
    // Also where it could not be made, but is there: at a mount point, or on a read-only file system.
    if (code === 'EEXIST' || (await stat(path).catch(() => undefined)) !== undefined) return true
    throw error
  }
}
