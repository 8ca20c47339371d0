import { chmod, link, rename, rm } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { openSocketPath, type SocketPath } from './state-socket.ts'

const ANSWER_TIMEOUT_MS = 2_000
/** `process 12345` */
const MAX_ANSWER = 100

/** A device held for this process; ends with the process, however that ends. */
export interface DeviceLock {
  release(): Promise<void>
}

/** Another process holds the device. */
export class LockedError extends Error {
  readonly hint = 'wait for it to end, or stop it'

  constructor(device: string, holder: string) {
    super(`${device}: another iotawatt-sync holds this device (${holder})`)
    this.name = 'LockedError'
  }
}

/**
 * Holds a device by a Unix socket that only its owner can listen on: so a lock that a killed process left is told from
 * one that is held, across containers too.
 * @throws LockedError
 */
export async function lockDevice(stateDir: string, device: string): Promise<DeviceLock> {
  const name = `${encodeURIComponent(device)}.lock`
  const final = await openSocketPath(stateDir, name)
  const own = await openSocketPath(stateDir, `${name}.${process.pid}`)
  try {
    await rm(own.path, { force: true })
    const server = await listen(own)
    try {
      await claim(own.path, final.path, device)
    } catch (error) {
      await stop(server)
      throw error
    } finally {
      await rm(own.path, { force: true })
    }
    return {
      async release() {
        await rm(final.path, { force: true })
        await stop(server)
        await final.close()
      },
    }
  } catch (error) {
    await final.close()
    throw error
  } finally {
    await own.close()
  }
}

async function listen({ path }: SocketPath): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.end(`process ${process.pid}`)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, resolve)
  })
  server.unref()
  await chmod(path, 0o600)
  return server
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
  })
}

/** Gives the listening socket its final name; one that nobody listens on any more is moved out of the way. */
async function claim(ownPath: string, finalPath: string, device: string): Promise<void> {
  for (let attempt = 0; attempt < 5; attempt++) {
    try {
      await link(ownPath, finalPath)
      return
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error
    }
    const holder = await askHolder(finalPath)
    if (holder !== undefined) throw new LockedError(device, holder)
    const stalePath = `${ownPath}.stale`
    try {
      await rename(finalPath, stalePath)
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw error
      continue
    }
    const overtaken = await askHolder(stalePath)
    if (overtaken !== undefined) {
      await rename(stalePath, finalPath)
      throw new LockedError(device, overtaken)
    }
    await rm(stalePath, { force: true })
  }
  throw new LockedError(device, 'several are starting at once')
}

/** Who listens; undefined when nobody does. */
function askHolder(path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path)
    let answer = ''
    const finish = (holder: string | undefined) => {
      socket.destroy()
      resolve(holder)
    }
    socket.setTimeout(ANSWER_TIMEOUT_MS, () => finish('a process that does not answer'))
    socket.on('data', (data) => {
      answer += data.toString('utf8')
      if (answer.length > MAX_ANSWER) finish(answer.slice(0, MAX_ANSWER))
    })
    socket.on('end', () => finish(answer || 'a process'))
    socket.on('error', (error) =>
      finish(hasCode(error, 'ECONNREFUSED') || hasCode(error, 'ENOENT') ? undefined : answer || 'a process'),
    )
  })
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
