import { createServer, request, type IncomingHttpHeaders } from 'node:http'

export interface ProxyOptions {
  /** Where it passes on to. */
  readonly port: number
  /** Taken off the path before. */
  readonly prefix: string
  /** What it says of it. */
  readonly headers?: IncomingHttpHeaders
  /** Whether it passes on which host was asked. */
  readonly keepsHost?: boolean
}

export interface Proxy {
  readonly port: number
  /** Paths that were asked outside of the prefix. */
  readonly strays: readonly string[]
  close(): Promise<void>
}

/** A reverse proxy that serves a server below a path, as nginx and Home Assistant do. */
export async function startProxy({ port, prefix, headers = {}, keepsHost = true }: ProxyOptions): Promise<Proxy> {
  const strays: string[] = []
  const server = createServer((asked, answer) => {
    const path = asked.url ?? ''
    if (!path.startsWith(`${prefix}/`) && path !== prefix) {
      strays.push(path)
      answer.writeHead(404).end()
      return
    }
    const host = keepsHost ? asked.headers.host : `127.0.0.1:${port}`
    const passed = request(
      {
        port,
        method: asked.method,
        path: path.slice(prefix.length) || '/',
        headers: { ...asked.headers, ...headers, host },
      },
      (response) => {
        answer.writeHead(response.statusCode ?? 502, response.headers)
        response.pipe(answer)
      },
    )
    passed.on('error', () => answer.destroy())
    answer.on('close', () => passed.destroy())
    asked.pipe(passed)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    strays,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
