import type { CommandOutput, CommandRequest } from '../src/model/daemon.ts'
import { meetHost } from '../src/web/command-client.ts'
import type { Host } from '../src/web/command-protocol.ts'
import { serveCommands, type CommandHandler, type CommandServer, type SocketLimits } from '../src/web/command-socket.ts'

export const TEST_HOST: Host = { version: '1', path: '/house.yaml', salt: '', parts: {} }

/** A daemon that executes commands so. */
export async function serveHandler(
  folder: string,
  handle: CommandHandler,
  limits: SocketLimits = {},
): Promise<CommandServer> {
  const server = await serveCommands(folder, { describe: () => TEST_HOST, handle }, limits)
  if (!server) throw new Error('another answers there')
  return server
}

/** Undefined when no daemon is there. */
export async function askDaemon(
  folder: string,
  request: CommandRequest,
  { output, ...options }: { output: CommandOutput; signal: AbortSignal; silenceMs?: number },
): Promise<number | undefined> {
  const peer = await meetHost(folder, options)
  return peer?.ask(request, { output, signal: options.signal, version: '1' })
}
