import { once } from 'node:events'
import { lstat } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { CommandOutput, CommandRequest } from '../model/daemon.ts'
import { explain } from '../runtime/errors.ts'
import { holdSocket, openSocketPath } from '../runtime/held-socket.ts'
import {
  type Answer,
  answerSchema,
  DAEMON_SOCKET,
  type Event,
  HELLO,
  type Host,
  MAX_CLIENT_LINE,
  readLine,
  requestSchema,
} from './command-protocol.ts'

/** For commands to say why they end when the daemon does. */
const LAST_WORDS_MS = 1_000
const SIGN_OF_LIFE_MS = 5_000
/** What a client that does not read may let pile up: progress is left out first, then the client. */
const [MAX_PROGRESS_BACKLOG, MAX_BACKLOG] = [64 * 1024, 64 * 1024 * 1024]

export interface SocketLimits {
  readonly maxClients?: number
  /** For a client to say what it wants. */
  readonly requestMs?: number
  readonly maxBacklog?: number
  /** How often a client hears that its command goes on. */
  readonly signOfLifeMs?: number
}

/** @throws Error where the state folder cannot be used, or what lies in the place of the socket stays there. */
export async function checkSocketPlace(stateDir: string, name = DAEMON_SOCKET): Promise<void> {
  const socketPath = await openSocketPath(stateDir, name)
  const found = await whatLiesAt(socketPath.path)
  await socketPath.close()
  if (found === 'a folder')
    throw new Error(`${join(stateDir, name)} cannot be the socket for commands: a folder is there\n  remove the folder`)
}

/** Why commands do not reach a daemon that may be running. */
export async function explainUnreached(stateDir: string): Promise<string> {
  const found = await whatLiesAt(join(stateDir, DAEMON_SOCKET))
  const why = found === 'a socket' ? 'is answered by nobody' : found === undefined ? 'is missing' : `is ${found}`
  return `${join(stateDir, DAEMON_SOCKET)}, where commands ask it, ${why}`
}

async function whatLiesAt(path: string): Promise<'a socket' | 'a folder' | 'a file' | undefined> {
  const found = await lstat(path).catch(() => undefined)
  if (found?.isSocket()) return 'a socket'
  return found && (found.isDirectory() ? 'a folder' : 'a file')
}

/** Executes a command, and returns the code with which it ends. */
export type CommandHandler = (request: CommandRequest, output: CommandOutput, signal: AbortSignal) => Promise<number>

export interface CommandServer {
  /** Lets the running commands end, takes no others, and ends those that are left at the signal. */
  finish(signal: AbortSignal): Promise<void>
  /** How many commands are running. */
  clientCount(): number
  close(): Promise<void>
}

export interface CommandHost {
  /** The name of the socket. */
  readonly name?: string
  /** Who answers, as it is at the time. */
  readonly describe: () => Host
  readonly handle: CommandHandler
}

/**
 * Takes commands over a socket in the state folder: a line of JSON asks, lines of JSON answer, and a question in them
 * is answered by a line. A client that goes ends its command; one that stays hears now and then that it goes on.
 * Undefined where another process answers there.
 */
export async function serveCommands(
  stateDir: string,
  host: CommandHost,
  { maxClients = 32, ...limits }: SocketLimits = {},
): Promise<CommandServer | undefined> {
  const { name = DAEMON_SOCKET } = host
  await checkSocketPlace(stateDir, name)
  const answering = new Map<Socket, Promise<void>>()
  const held = await holdSocket(stateDir, name, (socket) => {
    answering.set(socket, answer(socket, host, limits))
    socket.on('close', () => answering.delete(socket))
  })
  if (!held) return undefined
  held.server.maxConnections = maxClients
  const end = async (released: Promise<void>) => {
    for (const socket of answering.keys()) socket.destroy()
    await released
  }
  return {
    clientCount: () => answering.size,
    async finish(signal) {
      const released = held.release()
      const stopped = once(signal, 'abort')
      await Promise.race([Promise.all(answering.values()), signal.aborted || stopped])
      if (signal.aborted) await Promise.race([Promise.all(answering.values()), sleep(LAST_WORDS_MS)])
      await end(released)
    },
    async close() {
      const released = held.release()
      await Promise.race([Promise.all(answering.values()), sleep(LAST_WORDS_MS)])
      await end(released)
    },
  }
}

async function answer(
  socket: Socket,
  { describe, handle }: CommandHost,
  { requestMs = 10_000, maxBacklog = MAX_BACKLOG, signOfLifeMs = SIGN_OF_LIFE_MS }: Omit<SocketLimits, 'maxClients'>,
): Promise<void> {
  const gone = new AbortController()
  socket.on('close', () => gone.abort(new Error('the command was ended')))
  socket.on('error', () => socket.destroy())
  const send = (event: Event) => {
    if (('progress' in event || 'process' in event) && socket.writableLength > MAX_PROGRESS_BACKLOG) return
    if (!socket.destroyed) socket.write(`${JSON.stringify(event)}\n`)
    if (socket.writableLength > maxBacklog) socket.destroy()
  }
  const nextLine = takeLines(socket, MAX_CLIENT_LINE)
  let lastAnswer: Promise<unknown> = Promise.resolve()
  /** One at a time: an answer does not say to which question. */
  const ask = (question: string, byDefault: 'yes' | 'no' = 'no'): Promise<Answer> => {
    const answered = lastAnswer.then(async () => {
      send({ question, byDefault })
      return readLine(answerSchema, await nextLine(), 'the command').answer
    })
    lastAnswer = answered.catch(() => undefined)
    return answered
  }
  const late = setTimeout(() => socket.destroy(), requestMs)
  const living = setInterval(() => send({ process: process.pid }), signOfLifeMs)
  try {
    const nextRequest = async () => readLine(requestSchema, await nextLine(), 'the command')
    let { isWatched, version, ...request } = await nextRequest()
    if (request.command === HELLO) {
      send({ process: process.pid, host: describe() })
      ;({ isWatched, version, ...request } = await nextRequest())
    }
    clearTimeout(late)
    send({ process: process.pid })
    requireVersion(version, describe())
    const output: CommandOutput = {
      print: (line) => send({ print: line }),
      write: async (text) => {
        send({ text })
        if (socket.writableNeedDrain) await once(socket, 'drain', { signal: gone.signal })
      },
      log: (level, message) => send({ level, message }),
      isWatched,
      progress: ({ name, done, total, text }) => send({ progress: { name, done, total, text } }),
      ask,
    }
    send({ exitCode: await handle(request, output, gone.signal) })
  } catch (error) {
    send({ level: 'error', message: explain(error) })
    send({ exitCode: 1 })
  } finally {
    clearTimeout(late)
    clearInterval(living)
  }
  await new Promise<void>((resolve) => socket.end(resolve))
}

/** A command of version 0.1.0 asks at once, and for what it was given it would get an answer of this configuration. */
function requireVersion(version: string | undefined, host: Host): void {
  if (version === host.version) return
  const who = host.work === undefined ? 'the daemon' : `\`${host.work.command}\``
  throw new Error(
    `${who} (process ${process.pid}) is version ${host.version}, and this command is ${version === undefined ? 'of an older version' : `version ${version}`}: run the command of version ${host.version}`,
  )
}

/** More lines that nobody waits for are no answers. */
const MAX_WAITING_LINES = 16

/**
 * Takes the lines of a client as they come, so that its going is noticed whether somebody waits for a line or not. One
 * that does not end in time, or comes though nobody asks, ends the connection.
 */
function takeLines(socket: Socket, maxLength: number): () => Promise<string> {
  const lines: string[] = []
  let rest = ''
  let isOver = false
  let wake = () => {}
  socket.setEncoding('utf8')
  socket.on('data', (text) => {
    const parts = `${rest}${String(text)}`.split('\n')
    rest = parts.pop() ?? ''
    lines.push(...parts)
    if ([rest, ...parts].some(({ length }) => length > maxLength) || lines.length > MAX_WAITING_LINES) socket.destroy()
    wake()
  })
  for (const event of ['end', 'close'])
    socket.on(event, () => {
      isOver = true
      wake()
    })
  return async () => {
    while (lines.length === 0 && !isOver)
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    const line = lines.shift()
    if (line === undefined || socket.destroyed) throw new Error('the connection ended')
    return line
  }
}
