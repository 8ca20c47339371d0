import { chmod, lstat, rm } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod'
import type { CommandOutput, CommandRequest } from '../model/collector.ts'
import { explain } from '../runtime/errors.ts'
import { openSocketPath, type SocketPath } from '../runtime/state-socket.ts'
import { readLines } from './read-lines.ts'
import { takeLines } from './take-lines.ts'

const SOCKET_NAME = 'daemon.sock'
/** For commands to say why they end when the daemon does. */
const LAST_WORDS_MS = 1_000
const SIGN_OF_LIFE_MS = 5_000
/** How long a command waits for any line: a daemon on a small machine may be busy for some signs of life. */
const SILENCE_MS = 30_000
/** What one request or answer of a client may have. */
const MAX_CLIENT_LINE = 64 * 1024
/** What the daemon sends in a line: pieces of an export, and reports of all devices. */
const MAX_DAEMON_LINE = 64 * 1024 * 1024
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

const requestSchema = z.object({
  command: z.string(),
  options: z.record(z.string(), z.unknown()),
  isWatched: z.boolean().default(false),
})
const eventSchema = z.union([
  /** The sign of life. */
  z.object({ process: z.number() }),
  z.object({ print: z.string() }),
  z.object({ text: z.string() }),
  z.object({ level: z.enum(['info', 'warn', 'error']), message: z.string() }),
  z.object({ progress: z.object({ name: z.string(), done: z.number(), total: z.number(), text: z.string() }) }),
  z.object({ question: z.string(), byDefault: z.enum(['yes', 'no']) }),
  z.object({ exitCode: z.number() }),
])
type Event = z.infer<typeof eventSchema>
const answerSchema = z.object({ answer: z.enum(['yes', 'no', 'nobody']) })
type Answer = z.infer<typeof answerSchema>['answer']

/** @throws Error where the state folder cannot be used, or what lies in the place of the socket stays there. */
export async function checkSocketPlace(stateDir: string): Promise<void> {
  await (await openSocketPlace(stateDir)).close()
}

async function openSocketPlace(stateDir: string): Promise<SocketPath> {
  const socketPath = await openSocketPath(stateDir, SOCKET_NAME)
  if ((await whatLiesAt(socketPath.path)) !== 'a folder') return socketPath
  await socketPath.close()
  throw new Error(
    `${join(stateDir, SOCKET_NAME)} cannot be the socket for commands: a folder is there\n  remove the folder`,
  )
}

/** Why commands do not reach a daemon that may be running. */
export async function explainUnreached(stateDir: string): Promise<string> {
  const found = await whatLiesAt(join(stateDir, SOCKET_NAME))
  const why = found === 'a socket' ? 'is answered by nobody' : found === undefined ? 'is missing' : `is ${found}`
  return `${join(stateDir, SOCKET_NAME)}, where commands ask it, ${why}`
}

async function whatLiesAt(path: string): Promise<'a socket' | 'a folder' | 'a file' | undefined> {
  const found = await lstat(path).catch(() => undefined)
  if (found?.isSocket()) return 'a socket'
  return found && (found.isDirectory() ? 'a folder' : 'a file')
}

/** Carries out a command, and says with which code it ends. */
export type CommandHandler = (request: CommandRequest, output: CommandOutput, signal: AbortSignal) => Promise<number>

/**
 * Takes commands over a socket in the state folder: a line of JSON asks, lines of JSON answer, and a question in them
 * is answered by a line. A client that goes ends its command; one that stays hears now and then that it goes on.
 */
export async function serveCommands(
  stateDir: string,
  handle: CommandHandler,
  { maxClients = 32, ...limits }: SocketLimits = {},
): Promise<{ close(): Promise<void> }> {
  const socketPath = await openSocketPlace(stateDir)
  const answering = new Map<Socket, Promise<void>>()
  const server = createServer((socket) => {
    answering.set(socket, answer(socket, handle, limits))
    socket.on('close', () => answering.delete(socket))
  })
  server.maxConnections = maxClients
  await rm(socketPath.path, { force: true })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(socketPath.path, resolve)
  })
  await chmod(socketPath.path, 0o600)
  return {
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      await Promise.race([Promise.all(answering.values()), sleep(LAST_WORDS_MS)])
      for (const socket of answering.keys()) socket.destroy()
      await closed
      await socketPath.close()
    },
  }
}

async function answer(
  socket: Socket,
  handle: CommandHandler,
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
    const { isWatched, ...request } = readLine(requestSchema, await nextLine(), 'the command')
    clearTimeout(late)
    send({ process: process.pid })
    const output: CommandOutput = {
      print: (line) => send({ print: line }),
      write: async (text) => {
        send({ text })
        if (socket.writableNeedDrain) await once(socket, 'drain', { signal: gone.signal })
      },
      log: (level, message) => send({ level, message }),
      isWatched,
      progress: (progress) => send({ progress }),
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

/** Has the daemon carry out a command; undefined when none is running. @throws Error when it falls silent. */
export async function askDaemon(
  stateDir: string,
  request: CommandRequest,
  { output, signal, silenceMs = SILENCE_MS }: { output: CommandOutput; signal: AbortSignal; silenceMs?: number },
): Promise<number | undefined> {
  const socketPath = await openSocketPath(stateDir, SOCKET_NAME)
  const socket = await connected(socketPath.path)
  await socketPath.close()
  if (!socket) return undefined
  const onAbort = () => socket.destroy()
  signal.addEventListener('abort', onAbort, { once: true })
  socket.on('error', () => socket.destroy())
  let name = 'the daemon'
  const onSilence = () =>
    new Error(
      `${name} has said nothing for ${silenceMs / 1000} s: it hangs, or was halted\n  restart the daemon, and run the command again`,
    )
  try {
    signal.throwIfAborted()
    const send = (message: object) => socket.write(`${JSON.stringify(message)}\n`)
    send({ ...request, isWatched: output.isWatched })
    for await (const line of readLines(socket, { maxLength: MAX_DAEMON_LINE, silenceMs, onSilence })) {
      const event = readLine(eventSchema, line, 'the daemon')
      if ('exitCode' in event) return event.exitCode
      if ('process' in event) name = `the daemon (process ${event.process})`
      else if ('print' in event) output.print(event.print)
      else if ('text' in event) await output.write(event.text)
      else if ('progress' in event) output.progress(event.progress)
      else if ('level' in event) output.log(event.level, event.message)
      else
        output.ask(event.question, event.byDefault).then(
          (answer) => send({ answer }),
          () => socket.destroy(),
        )
    }
  } finally {
    signal.removeEventListener('abort', onAbort)
    socket.destroy()
  }
  signal.throwIfAborted()
  throw new Error('the daemon ended before it had answered; run the command again')
}

function readLine<T>(schema: z.ZodType<T>, line: string, who: string): T {
  try {
    return schema.parse(JSON.parse(line))
  } catch (cause) {
    throw new Error(
      `${who} said what is not understood; daemon and command must be of one version: restart the daemon`,
      {
        cause,
      },
    )
  }
}

function connected(path: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => resolve(socket))
    socket.once('error', () => resolve(undefined))
  })
}
