import { chmod, rm } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import * as z from 'zod'
import type { CommandOutput, CommandRequest } from '../model/collector.ts'
import { explain } from '../runtime/errors.ts'
import { openSocketPath } from '../runtime/state-socket.ts'

const SOCKET_NAME = 'daemon.sock'

const requestSchema = z.object({ command: z.string(), options: z.record(z.string(), z.unknown()) })
const eventSchema = z.union([
  z.object({ print: z.string() }),
  z.object({ text: z.string() }),
  z.object({ level: z.enum(['info', 'warn', 'error']), message: z.string() }),
  z.object({ exitCode: z.number() }),
])
type Event = z.infer<typeof eventSchema>

/** Carries out a command, and says with which code it ends. */
export type CommandHandler = (request: CommandRequest, output: CommandOutput, signal: AbortSignal) => Promise<number>

/** Takes commands over a socket in the state folder: a line of JSON asks, lines of JSON answer. A client that goes ends its command. */
export async function serveCommands(stateDir: string, handle: CommandHandler): Promise<{ close(): Promise<void> }> {
  const socketPath = await openSocketPath(stateDir, SOCKET_NAME)
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    void answer(socket, handle)
  })
  await rm(socketPath.path, { force: true })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(socketPath.path, resolve)
  })
  await chmod(socketPath.path, 0o600)
  return {
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
      await rm(socketPath.path, { force: true })
      await socketPath.close()
    },
  }
}

async function answer(socket: Socket, handle: CommandHandler): Promise<void> {
  const gone = new AbortController()
  socket.on('close', () => gone.abort(new Error('the command was ended')))
  socket.on('error', () => socket.destroy())
  const send = (event: Event) => {
    if (!socket.destroyed) socket.write(`${JSON.stringify(event)}\n`)
  }
  try {
    const request = requestSchema.parse(JSON.parse(await firstLine(socket)))
    const output: CommandOutput = {
      print: (line) => send({ print: line }),
      write: async (text) => {
        send({ text })
        if (socket.writableNeedDrain) await once(socket, 'drain', { signal: gone.signal })
      },
      log: (level, message) => send({ level, message }),
      isWatched: false,
      progress() {},
      ask: () => Promise.resolve('nobody'),
    }
    send({ exitCode: await handle(request, output, gone.signal) })
  } catch (error) {
    send({ level: 'error', message: explain(error) })
    send({ exitCode: 1 })
  }
  socket.end()
}

async function firstLine(socket: Socket): Promise<string> {
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]()
  const first = await lines.next()
  if (first.done === true) throw new Error('the connection ended before a command came')
  return first.value
}

/** Has the daemon carry out a command; undefined when none is running. */
export async function askDaemon(
  stateDir: string,
  request: CommandRequest,
  { output, signal }: { output: CommandOutput; signal: AbortSignal },
): Promise<number | undefined> {
  const socketPath = await openSocketPath(stateDir, SOCKET_NAME)
  const socket = await connected(socketPath.path)
  await socketPath.close()
  if (!socket) return undefined
  const onAbort = () => socket.destroy()
  signal.addEventListener('abort', onAbort, { once: true })
  socket.on('error', () => socket.destroy())
  const lines = createInterface({ input: socket })
  // A connection that is cut never says that it has ended.
  socket.once('close', () => lines.close())
  try {
    signal.throwIfAborted()
    socket.write(`${JSON.stringify(request)}\n`)
    for await (const line of lines) {
      const event = eventSchema.parse(JSON.parse(line))
      if ('exitCode' in event) return event.exitCode
      if ('print' in event) output.print(event.print)
      else if ('text' in event) await output.write(event.text)
      else output.log(event.level, event.message)
    }
  } finally {
    signal.removeEventListener('abort', onAbort)
    socket.destroy()
  }
  signal.throwIfAborted()
  throw new Error('the daemon ended before it had answered; run the command again')
}

function connected(path: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => resolve(socket))
    socket.once('error', () => resolve(undefined))
  })
}
