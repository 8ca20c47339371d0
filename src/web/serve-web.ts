import { createAdaptorServer } from '@hono/node-server'
import type { Hono } from 'hono'

export interface WebServer {
  readonly port: number
  close(): Promise<void>
}

/** @throws Error when the address cannot be listened on. */
export async function serveWeb(app: Hono, { host, port }: { host: string; port: number }): Promise<WebServer> {
  const server = createAdaptorServer({ fetch: app.fetch })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: Error) =>
      reject(
        new Error(
          `web.listen: ${host}:${port} cannot be used: ${error.message}; is it an address of this machine, and does no other program hold the port? Set web.listen to another`,
        ),
      ),
    )
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
