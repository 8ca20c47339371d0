import { createHash } from 'node:crypto'
import { access, constants, readFile, realpath, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { EditError } from '../model/house-editor.ts'
import { editSections, UneditableError } from './edit-sections.ts'
import type { Environment } from './environment.ts'
import { readConfig, readConfigText } from './load-config.ts'
import { overwriteFile, type Rename, replaceFile } from './replace-file.ts'

/** The sections that may be changed from outside of the file. */
export interface EditableSections {
  readonly house: Readonly<Record<string, unknown>>
  /** Undefined: the file has none; left out: it stays as it is. */
  readonly currency?: unknown
  readonly billing?: unknown
  readonly holidays?: unknown
  readonly tariffs?: unknown
}

export interface EditedFile {
  /** Absolute. */
  readonly path: string
  readonly env: Environment
  /** Where the backup goes that cannot be beside it. */
  readonly stateDir: string
}

export interface SavedFile {
  readonly fingerprint: string
  /** Left out: nothing had to be changed. */
  readonly backup?: string
}

/** The same for the same text. */
export function fingerprintOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32)
}

/** Why a file cannot be written; undefined where it can. */
export async function findObstacle(path: string): Promise<string | undefined> {
  try {
    if (!(await stat(path)).isFile()) return `${path} is no plain file`
    await access(path, constants.W_OK)
    return undefined
  } catch (error) {
    return explain(path, error)
  }
}

interface SaveOptions {
  readonly fingerprint: string
  /** What they shall be in this text. */
  readonly sectionsIn: (text: string) => EditableSections
  readonly move?: Rename
}

/**
 * Changes sections of a configuration file that still is as it was seen, where the complete file is right afterwards. What
 * was there stays as its one backup; owner and mode stay. @throws EditError, ConfigError
 */
export async function saveSections(
  { path, env, stateDir }: EditedFile,
  { fingerprint, sectionsIn, move }: SaveOptions,
): Promise<SavedFile> {
  const text = await readConfigText(path, path)
  if (fingerprintOf(text) !== fingerprint) throw changed(path)
  const after = edit(path, text, sectionsIn(text))
  if (after === text) return { fingerprint }
  await readConfig(after, { path, shownPath: path, env })
  const obstacle = await findObstacle(path)
  if (obstacle !== undefined) throw new EditError('unwritable', obstacle)
  const file = await realpath(path)
  const before = await readFile(file)
  if (new TextDecoder().decode(before) !== text) throw changed(path)
  // What an editor on Windows puts before the text is no part of it.
  const mark = before.subarray(0, before.length - Buffer.byteLength(text))
  try {
    return {
      fingerprint: fingerprintOf(after),
      backup: await write(file, Buffer.concat([mark, Buffer.from(after)]), { before, stateDir, move }),
    }
  } catch (error) {
    throw new EditError('unwritable', explain(path, error))
  }
}

/** @throws EditError */
export function edit(path: string, text: string, sections: EditableSections): string {
  try {
    return editSections(text, { ...sections })
  } catch (error) {
    if (!(error instanceof UneditableError)) throw error
    throw new EditError('unwritable', `${path} cannot be changed in place: ${error.message}`)
  }
}

interface WriteOptions {
  readonly before: Uint8Array
  readonly stateDir: string
  readonly move: Rename | undefined
}

/** Returns where the backup is. */
async function write(path: string, bytes: Uint8Array, { before, stateDir, move }: WriteOptions): Promise<string> {
  const { uid, gid, mode } = await stat(path)
  const same = { mode: mode & 0o7777, owner: { uid, gid } }
  const beside = `${path}.bak`
  const elsewhere = join(stateDir, `${basename(path)}.bak`)
  const backup = await replaceFile(beside, before, same).then(
    () => beside,
    async (error: unknown) => {
      if (!isInTheWay(error)) throw error
      await replaceFile(elsewhere, before, { mode: 0o600 })
      return elsewhere
    },
  )
  try {
    await replaceFile(path, bytes, { ...same, move })
  } catch (error) {
    if (!isInTheWay(error)) throw error
    await overwriteFile(path, bytes, before)
  }
  return backup
}

/** A folder that may not be written, a file that is a mount of its own, or an owner that only the superuser can give. */
const IN_THE_WAY: ReadonlySet<string> = new Set(['EACCES', 'EBUSY', 'EPERM', 'EROFS', 'EXDEV'])

function isInTheWay(error: unknown): boolean {
  return IN_THE_WAY.has(codeOf(error))
}

const OBSTACLES: ReadonlyMap<string, string> = new Map([
  ['EACCES', 'may not be written by the user of the daemon'],
  ['EPERM', 'may not be written by the user of the daemon'],
  ['EROFS', 'is on a file system, or a mount, that may only be read'],
  ['ENOSPC', 'cannot be written: the disk is full'],
])

function explain(path: string, error: unknown): string {
  const obstacle = OBSTACLES.get(codeOf(error))
  if (obstacle !== undefined) return `${path} ${obstacle}`
  return `${path} cannot be written: ${error instanceof Error ? error.message : String(error)}`
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}

function changed(path: string): EditError {
  return new EditError('changed', `${path} has changed since it was read here; load the page again to see it as it is`)
}
