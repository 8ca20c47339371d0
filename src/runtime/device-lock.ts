import { connect } from 'node:net'
import { hasCode } from './errors.ts'
import { holdSocket } from './held-socket.ts'
import { openSocketPath } from './state-socket.ts'

const ANSWER_TIMEOUT_MS = 2_000
/** `process 12345: load has been at work since 05:29, 12 %, 6 min left` */
const MAX_ANSWER = 200

/** A device held for this process; ends with the process, however that ends. */
export interface DeviceLock {
  release(): Promise<void>
}

/** Another process holds the device. */
export class LockedError extends Error {
  readonly device: string
  readonly hint: string

  /** `work`: what the holder says that it does. */
  constructor(device: string, holder: string, work?: string) {
    super(`${device}: another iotawatt-sync holds this device (${holder})`)
    this.name = 'LockedError'
    this.device = device
    this.hint = work === undefined ? 'wait for it to end, or stop it' : `${work}\n  wait for it to end, or stop it`
  }
}

/**
 * Holds a device by a Unix socket that only its owner can listen on: so a lock that a killed process left is told from
 * one that is held, across containers too. `describe` says to others what this process does meanwhile.
 * @throws LockedError
 */
export async function lockDevice(
  stateDir: string,
  device: string,
  describe: () => string | undefined = () => undefined,
): Promise<DeviceLock> {
  const name = `${encodeURIComponent(device)}.lock`
  const held = await holdSocket(stateDir, name, (socket) => {
    socket.on('error', () => {})
    const work = describe()
    socket.end(`process ${process.pid}${work === undefined ? '' : `: ${work}`}`)
  })
  if (!held) throw await lockedBy(stateDir, { device, name })
  held.server.unref()
  return { release: held.release }
}

async function lockedBy(stateDir: string, { device, name }: { device: string; name: string }): Promise<LockedError> {
  const { path, close } = await openSocketPath(stateDir, name)
  const answer = await askHolder(path)
  await close()
  const [, holder = answer, work] = /^(process \d+): ([^]+)$/.exec(answer) ?? []
  return new LockedError(device, holder, work)
}

/** What the holder says of itself. */
function askHolder(path: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(path)
    let answer = ''
    const finish = (holder: string) => {
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
      finish(
        hasCode(error, 'ECONNREFUSED') || hasCode(error, 'ENOENT')
          ? 'a process that has just ended: try again'
          : answer || 'a process',
      ),
    )
  })
}
