import { lstat, readFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { dirname } from 'node:path'
import { hasCode } from './errors.ts'

/** A file or folder that this user may not use. */
export interface ForeignPath {
  /** What is in the way: the path, or a folder above it that may not be entered. */
  readonly path: string
  readonly owner: string
  readonly group: string
  /** `-rw-r-----` without its first sign. */
  readonly permissions: string
  /** Who may use it, as `sudo -u` takes it. */
  readonly user: string
}

/** What belongs to another user; `sudo -u` that user may use it. */
export class ForeignPathError extends Error {
  readonly user: string

  constructor(what: string, { path, owner, user }: ForeignPath) {
    super(`${what} ${path} belongs to ${owner}, and this user (${thisUser()}) may not use it`)
    this.name = 'ForeignPathError'
    this.user = user
  }
}

/** Who has what this user may not use; undefined where it is this user's own, or not there. */
export async function findForeign(path: string): Promise<ForeignPath | undefined> {
  const found = await lstat(path).catch((error: unknown) => (hasCode(error, 'EACCES') ? 'barred' : undefined))
  if (found === 'barred') return dirname(path) === path ? undefined : findForeign(dirname(path))
  if (found === undefined || found.uid === process.getuid?.()) return undefined
  const users = await readNames('/etc/passwd')
  const groups = await readNames('/etc/group')
  const ofGroup = found.uid === 0 && (found.mode & 0o040) !== 0 ? users.find(({ gid }) => gid === found.gid) : undefined
  return {
    path,
    owner: nameOf(users, found.uid),
    group: nameOf(groups, found.gid),
    permissions: describePermissions(found.mode),
    user: ofGroup?.name ?? users.find(({ id }) => id === found.uid)?.name ?? `#${found.uid}`,
  }
}

export function thisUser(): string {
  try {
    return userInfo().username
  } catch {
    return `user ${process.getuid?.()}`
  }
}

interface Name {
  readonly name: string
  readonly id: number
  /** Of a user: the group. */
  readonly gid: number
}

/** Of `/etc/passwd` or `/etc/group`; other sources of names are left out. */
async function readNames(file: string): Promise<readonly Name[]> {
  const text = await readFile(file, 'utf8').catch(() => '')
  return text.split('\n').map((line) => {
    const [name = '', , id, gid] = line.split(':')
    return { name, id: Number(id), gid: Number(gid) }
  })
}

function nameOf(names: readonly Name[], id: number): string {
  return names.find((each) => each.id === id)?.name ?? `number ${id}`
}

function describePermissions(mode: number): string {
  return Array.from({ length: 9 }, (_, index) => (mode & (1 << (8 - index)) ? 'rwx'.charAt(index % 3) : '-')).join('')
}
