import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

export interface FakeServer {
  readonly url: string
  /** Method and path of each request, without its query. */
  readonly asked: readonly string[]
  /** The text of each body. */
  readonly bodies: readonly string[]
  stop(): Promise<void>
}

export type FakeAnswer = (request: IncomingMessage, response: ServerResponse, body: string) => void

/** A server on loopback that answers whatever a test wants. */
export async function startFakeServer(answer: FakeAnswer): Promise<FakeServer> {
  const asked: string[] = []
  const bodies: string[] = []
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('error', () => {})
    request.on('end', () => {
      const body = Buffer.concat(parts).toString('latin1')
      asked.push(`${request.method} ${request.url?.split('?')[0]}`)
      bodies.push(body)
      answer(request, response, body)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the fake server has no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    asked,
    bodies,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Answers by path; what is not named is an unsupported path, as VictoriaMetrics calls it. */
export function byPath(answers: Readonly<Record<string, string | FakeAnswer>>): FakeAnswer {
  return (request, response, body) => {
    const path = request.url?.split('?')[0] ?? ''
    const answer = answers[path]
    if (typeof answer === 'function') answer(request, response, body)
    else if (answer === undefined) response.writeHead(400).end(`unsupported path requested: "${path}"`)
    else response.writeHead(200).end(answer)
  }
}

export function status(code: number, text = '', headers: Readonly<Record<string, string>> = {}): FakeAnswer {
  return (_, response) => void response.writeHead(code, headers).end(text)
}
