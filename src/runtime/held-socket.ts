import { randomBytes } from 'node:crypto'
import { chmod, type FileHandle, link, lstat, open, readdir, rm } from 'node:fs/promises'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { hasCode } from './errors.ts'
import { makeFolder } from './make-folder.ts'

const MAX_ATTEMPTS = 20
/** Two that met wait for uneven times before they try again. */
const MAX_PAUSE_MS = 20

/** Names in the state folder on which this process alone listens; the kernel ends it with the process. */
export interface HeldSocket {
  readonly server: Server
  /** Frees the names, and takes no more connections. */
  release(): Promise<void>
}

/** As `holdSockets`, one name; undefined where another process has it. */
export async function holdSocket(
  stateDir: string,
  name: string,
  accept: (socket: Socket) => void,
): Promise<HeldSocket | undefined> {
  const held = await holdSockets(stateDir, [name], accept)
  return 'taken' in held ? undefined : held
}

/**
 * Listens under names that one process at a time can have, all on one socket; or tells the first that another has. A
 * name that a dead process left is taken over, by one of all that try (decision 0005).
 */
export async function holdSockets(
  stateDir: string,
  names: readonly [string, ...string[]],
  accept: (socket: Socket) => void,
): Promise<HeldSocket | { readonly taken: string }> {
  const suffix = `${process.pid}-${randomBytes(4).toString('hex')}`
  const longest = names.reduce((a, b) => (b.length > a.length ? b : a))
  const own = await openSocketPath(stateDir, `${longest}.${suffix}`)
  const held: string[] = []
  let server: Server | undefined

  async function release(): Promise<void> {
    for (const path of held) await rm(path, { force: true })
    if (server) await stop(server)
    await own.close()
  }

  try {
    server = await listen(own.path, accept)
    for (const name of names) {
      const final = join(dirname(own.path), name)
      if (!(await take({ own: own.path, final }, { stateDir, name, ownName: `${name}.${suffix}` }))) {
        await release()
        return { taken: name }
      }
      held.push(final)
    }
    return { server, release }
  } catch (error) {
    await release()
    throw error
  } finally {
    await rm(own.path, { force: true })
  }
}

async function listen(path: string, accept: (socket: Socket) => void): Promise<Server> {
  const server = createServer(accept)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, resolve)
  })
  await chmod(path, 0o600)
  return server
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
  })
}

interface Paths {
  /** Where this process listens already. */
  readonly own: string
  readonly final: string
}

interface Names {
  readonly stateDir: string
  readonly name: string
  readonly ownName: string
}

/** Gives the listening socket its final name. */
async function take(paths: Paths, names: Names): Promise<boolean> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    if (await linkIfFree(paths.own, paths.final)) return true
    if (await isListenedOn(paths.final)) return false
    const hadTurn = await alone(paths.own, names, () => removeDead(paths.final))
    if (!hadTurn) await sleep(Math.random() * MAX_PAUSE_MS)
  }
  return false
}

/**
 * Acts while no other process does; false where another is at it. Each shows a name of its own first and then looks for
 * those of others, so of two at least one sees the other. A name is never used twice: what a dead one left is removed
 * without harm.
 */
async function alone(own: string, { stateDir, name, ownName }: Names, act: () => Promise<void>): Promise<boolean> {
  const prefix = `${name}.turn-`
  const turn = `${prefix}${ownName.slice(name.length + 1)}`
  const shown = await openSocketPath(stateDir, turn)
  try {
    await link(own, shown.path)
    for (const other of await readdir(stateDir)) {
      if (!other.startsWith(prefix) || other === turn) continue
      const rival = await openSocketPath(stateDir, other)
      try {
        if (await isListenedOn(rival.path)) return false
        await rm(rival.path, { force: true })
      } finally {
        await rival.close()
      }
    }
    await act()
    return true
  } finally {
    await rm(shown.path, { force: true })
    await shown.close()
  }
}

/**
 * Whoever ends in order frees the name before the socket ends: one that refuses and still has the name is dead. While
 * this process has its turn, nobody else removes it.
 */
async function removeDead(path: string): Promise<void> {
  const before = await identify(path)
  if (before === undefined || (await isListenedOn(path))) return
  if ((await identify(path)) === before) await rm(path, { force: true })
}

async function identify(path: string): Promise<string | undefined> {
  try {
    const { ino, birthtimeNs } = await lstat(path, { bigint: true })
    return `${ino} ${birthtimeNs}`
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
}

async function linkIfFree(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to)
    return true
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false
    throw error
  }
}

const NOBODY = ['ECONNREFUSED', 'ENOENT', 'ENOTSOCK']

/** Also where this user may not connect: then it is somebody else's. */
function isListenedOn(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', (error) => resolve(!NOBODY.some((code) => hasCode(error, code))))
  })
}

/** What the kernel takes as the path of a Unix socket, in bytes. */
const MAX_SOCKET_PATH = 100

/** A path for a socket in the state folder that the kernel accepts however deep the folder lies; close it when done. */
interface SocketPath {
  readonly path: string
  close(): Promise<void>
}

/** @throws Error when the folder's path is too long and the system has no way around it. */
export async function openSocketPath(stateDir: string, name: string): Promise<SocketPath> {
  await makeFolder(stateDir)
  const path = join(stateDir, name)
  if (Buffer.byteLength(path) <= MAX_SOCKET_PATH) return { path, close: async () => {} }
  if (process.platform !== 'linux')
    throw new Error(`the path of stateDir is too long for a socket (${path}); choose a stateDir with a shorter path`)
  const folder: FileHandle = await open(stateDir, 'r')
  return { path: `/proc/self/fd/${folder.fd}/${name}`, close: () => folder.close() }
}
