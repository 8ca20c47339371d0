import { createAdaptorServer } from '@hono/node-server'
import type { Hono } from 'hono'
import { createServer } from 'node:http'

/** Clients of a house; who comes beside them is turned away. */
const MAX_CONNECTIONS = 64
const LIMITS = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 10_000,
  /** For a complete request, its body included. */
  requestTimeout: 20_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
}
/** Of a connection on which nothing moves, such as that of a client that does not read its answer. */
const SILENCE_MS = 60_000

export interface WebServer {
  readonly port: number
  close(): Promise<void>
}

export interface WebLimits {
  readonly maxConnections?: number
  readonly headersTimeout?: number
  readonly requestTimeout?: number
  readonly keepAliveTimeout?: number
  readonly connectionsCheckingInterval?: number
  readonly silenceMs?: number
}

/** Why an address cannot be listened on, and what to do. */
export function explainListening(error: Error, { host, port }: { host: string; port: number }): Error {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  const why = LISTENING.get(code) ?? `: ${error.message}`
  return new Error(
    `web.listen: ${host}:${port} ${why} (${code})\n  set web.listen to another, such as 127.0.0.1:8481`,
    {
      cause: error,
    },
  )
}

const LISTENING: ReadonlyMap<string, string> = new Map([
  ['EADDRINUSE', 'is in use by another program'],
  ['EADDRNOTAVAIL', 'is no address of this machine'],
  ['ENOTFOUND', 'is no name of this machine'],
  ['EAI_AGAIN', 'is no name that can be looked up now'],
  ['EACCES', 'is a port that this user may not use'],
])

/** @throws Error when the address cannot be listened on. */
export async function serveWeb(
  app: Hono,
  { host, port }: { host: string; port: number },
  { maxConnections = MAX_CONNECTIONS, silenceMs = SILENCE_MS, ...limits }: WebLimits = {},
): Promise<WebServer> {
  const server = createAdaptorServer({ fetch: app.fetch, createServer, serverOptions: { ...LIMITS, ...limits } })
  server.maxConnections = maxConnections
  server.setTimeout(silenceMs)
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: Error) => reject(explainListening(error, { host, port })))
    server.listen(port, host, resolve)
  })
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        if ('closeAllConnections' in server) server.closeAllConnections()
      }),
  }
}
