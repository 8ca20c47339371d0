import { connect } from 'node:net'
import { join } from 'node:path'
import { hasCode } from './errors.ts'
import { findForeign, ForeignPathError } from './foreign-path.ts'
import { holdSockets, openSocketPath } from './held-socket.ts'

const ANSWER_TIMEOUT_MS = 2_000
/** `process 12345: load has been at work since 05:29, 12 %, 6 min left` */
const MAX_ANSWER = 200

/** Devices held for this process; ends with the process, however that ends. */
export interface DeviceLock {
  release(): Promise<void>
}

/** Another process holds the device. */
export class LockedError extends Error {
  readonly hint: string
  /** What the holder says that it does; left out: it is the daemon, or does not tell. */
  readonly work: string | undefined

  constructor(device: string, holder: string, work?: string) {
    super(`${device}: another iotawatt-sync holds this device (${holder})`)
    this.name = 'LockedError'
    this.work = work
    this.hint = work === undefined ? 'wait for it to end, or stop it' : `${work}\n  wait for it to end, or stop it`
  }
}

/** As `lockDevices`, one of them. */
export function lockDevice(stateDir: string, device: string, describe?: () => string | undefined): Promise<DeviceLock> {
  return lockDevices(stateDir, [device], describe)
}

/**
 * Holds devices by a Unix socket that only its owner can listen on, under a name for each: so a lock that a killed
 * process left is told from one that is held, across containers too. `describe` says to others what this process does.
 * @throws LockedError where another process holds one of them; then none is held.
 */
export async function lockDevices(
  stateDir: string,
  devices: readonly string[],
  describe: () => string | undefined = () => undefined,
): Promise<DeviceLock> {
  const deviceOf = new Map(devices.map((device) => [`${encodeURIComponent(device)}.lock`, device]))
  const [first, ...others] = deviceOf.keys()
  if (first === undefined) return { release: async () => {} }
  const held = await holdSockets(stateDir, [first, ...others], (socket) => {
    socket.on('error', () => {})
    const work = describe()
    socket.end(`process ${process.pid}${work === undefined ? '' : `: ${work}`}`)
  })
  if ('taken' in held)
    throw await lockedBy(stateDir, { device: deviceOf.get(held.taken) ?? held.taken, name: held.taken })
  held.server.unref()
  return { release: held.release }
}

async function lockedBy(stateDir: string, { device, name }: { device: string; name: string }): Promise<Error> {
  const { path, close } = await openSocketPath(stateDir, name)
  const answer = await askHolder(path)
  await close()
  const foreign = answer === undefined ? await findForeign(join(stateDir, name)) : undefined
  if (foreign) return new ForeignPathError(`${device}: another iotawatt-sync may hold this device: its lock`, foreign)
  const [, holder = answer ?? 'a process', work] = /^(process \d+): ([^]+)$/.exec(answer ?? '') ?? []
  return new LockedError(device, holder, work)
}

/** What the holder says of itself; undefined where this user may not ask. */
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
    socket.on('error', (error) => {
      const isOver = hasCode(error, 'ECONNREFUSED') || hasCode(error, 'ENOENT')
      if (hasCode(error, 'EACCES')) finish(undefined)
      else finish(isOver ? 'a process that has just ended: try again' : answer || 'a process')
    })
  })
}
