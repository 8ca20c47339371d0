import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import type { CommandOutput, CommandRequest } from '../model/daemon.ts'
import { hasCode } from '../runtime/errors.ts'
import { findForeign, ForeignPathError } from '../runtime/foreign-path.ts'
import { openSocketPath } from '../runtime/held-socket.ts'
import {
  DAEMON_SOCKET,
  type Event,
  eventSchema,
  HELLO,
  type Host,
  MAX_HOST_LINE,
  readLine,
} from './command-protocol.ts'

/** How long a command waits for any line: a daemon on a small machine may be busy for some signs of life. */
const SILENCE_MS = 30_000

interface AskOptions {
  readonly output: CommandOutput
  readonly signal: AbortSignal
  /** Of this program. */
  readonly version: string
}

/** A process that answers commands. */
export interface Peer {
  /** As messages call it: `the daemon (process 17)`. */
  readonly title: string
  readonly process?: number
  /** Left out: it is of version 0.1.0, which does not tell. */
  readonly host?: Host
  /** Has it execute a command. @throws Error when it falls silent. */
  ask(request: CommandRequest, options: AskOptions): Promise<number>
  close(): void
}

interface MeetOptions {
  readonly signal: AbortSignal
  /** Of the socket. */
  readonly name?: string
  readonly silenceMs?: number
}

/** Who answers commands in the state folder; undefined when nobody does. */
export async function meetHost(stateDir: string, options: MeetOptions): Promise<Peer | undefined> {
  const { name = DAEMON_SOCKET } = options
  const socketPath = await openSocketPath(stateDir, name)
  try {
    const socket = await connected(socketPath.path, join(stateDir, name))
    return socket && (await greet(socket, options))
  } finally {
    await socketPath.close()
  }
}

async function greet(
  socket: Socket,
  { signal, name = DAEMON_SOCKET, silenceMs = SILENCE_MS }: MeetOptions,
): Promise<Peer> {
  const onAbort = () => socket.destroy()
  signal.addEventListener('abort', onAbort, { once: true })
  socket.on('error', () => socket.destroy())
  const close = () => {
    signal.removeEventListener('abort', onAbort)
    socket.destroy()
  }
  const isDaemon = name === DAEMON_SOCKET
  let title = isDaemon ? 'the daemon' : 'the command that has the store open'
  let pid: number | undefined
  const onSilence = () =>
    new Error(
      `${title} has not answered for ${silenceMs / 1000} s: it hangs, or was halted\n  restart ${isDaemon ? 'the daemon' : 'it'}, and run the command again`,
    )
  const lines = readLines(socket, { maxLength: MAX_HOST_LINE, silenceMs, onSilence })
  const send = (message: object) => socket.write(`${JSON.stringify(message)}\n`)
  const nextEvent = async () => {
    const { value } = await lines.next()
    return value === undefined ? undefined : readLine(eventSchema, value, title)
  }
  const ended = () => new Error(`${title} ended before it had answered; run the command again`)

  try {
    signal.throwIfAborted()
    send({ command: HELLO, options: {} })
    for (;;) {
      const event = await nextEvent()
      signal.throwIfAborted()
      if (event === undefined) throw ended()
      const host = hostOf(event)
      if ('process' in event) {
        pid = event.process
        title = titleOf(pid, host)
      }
      if (host || 'exitCode' in event)
        return { title, ...(pid !== undefined && { process: pid }), ...(host && { host }), ask, close }
    }
  } catch (error) {
    close()
    throw error
  }

  async function ask(request: CommandRequest, { output, version }: AskOptions): Promise<number> {
    try {
      send({ ...request, version, isWatched: output.isWatched })
      for (let event = await nextEvent(); event; event = await nextEvent()) {
        if ('exitCode' in event) return event.exitCode
        if ('print' in event) output.print(event.print)
        else if ('text' in event) await output.write(event.text)
        else if ('progress' in event) output.progress(event.progress)
        else if ('level' in event) output.log(event.level, event.message)
        else if ('question' in event)
          output.ask(event.question, event.byDefault).then(
            (answer) => send({ answer }),
            () => socket.destroy(),
          )
      }
    } finally {
      close()
    }
    signal.throwIfAborted()
    throw ended()
  }
}

function hostOf(event: Event): Host | undefined {
  return 'host' in event ? event.host : undefined
}

function titleOf(pid: number, host: Host | undefined): string {
  const who = host?.work === undefined ? 'the daemon' : `\`${host.work.command}\``
  return `${who} (process ${pid})`
}

/** @throws ForeignPathError where it is the socket of another user. */
function connected(path: string, shownPath: string): Promise<Socket | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect(path)
    socket.once('connect', () => resolve(socket))
    socket.once('error', (error) => {
      if (hasCode(error, 'EACCES'))
        findForeign(shownPath).then((found) => {
          reject(found ? new ForeignPathError('the socket for commands', found) : error)
        }, reject)
      else resolve(undefined)
    })
  })
}

/** Which of them it is depends on what was under way. */
const CUT = ['ERR_STREAM_PREMATURE_CLOSE', 'ECONNRESET', 'EPIPE']

interface LineLimits {
  readonly maxLength: number
  /** For the next line to come, while it is waited for. */
  readonly silenceMs: number
  readonly onSilence: () => Error
}

/** The lines that come over a connection, until it ends or is cut. @throws Error where one is too long, or too late. */
export async function* readLines(
  source: Readable,
  { maxLength, silenceMs, onSilence }: LineLimits,
): AsyncGenerator<string, undefined, undefined> {
  source.setEncoding('utf8')
  const parts: string[] = []
  let length = 0
  const late = () => source.destroy(onSilence())
  let waiting = afterHalves(silenceMs, late)
  try {
    for await (const text of source) {
      const [first = '', ...others] = String(text).split('\n')
      for (const [index, more] of [first, ...others].entries()) {
        if (index > 0) {
          waiting.cancel()
          yield parts.splice(0).join('')
          waiting = afterHalves(silenceMs, late)
          length = 0
        }
        parts.push(more)
        length += more.length
        if (length > maxLength) throw new Error(`a line is longer than ${maxLength} characters`)
      }
    }
  } catch (error) {
    // A connection that is cut never says that it has ended.
    if (!CUT.some((code) => hasCode(error, code))) throw error
  } finally {
    waiting.cancel()
  }
  return undefined
}

/** A process that stood still itself (Ctrl-Z) finds its time over first: the second half is for what came meanwhile. */
function afterHalves(durationMs: number, act: () => void): { cancel(): void } {
  let timer = setTimeout(() => {
    timer = setTimeout(act, durationMs / 2)
  }, durationMs / 2)
  return { cancel: () => clearTimeout(timer) }
}
