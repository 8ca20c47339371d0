import { Hono } from 'hono'
import { connect, type Socket } from 'node:net'
import { once } from 'node:events'
import { afterEach, describe, expect, it } from 'vitest'
import { serveWeb, type WebLimits } from './serve-web.ts'

const opened: { close(): unknown }[] = []
afterEach(async () => {
  for (const each of opened.splice(0).toReversed()) await each.close()
})

async function serve(limits: WebLimits = {}): Promise<number> {
  const app = new Hono()
  app.onError((_, context) => context.text('failed', 500))
  app.get('/', (context) => context.text('hello'))
  app.get('/much', (context) => context.body('x'.repeat(50_000_000)))
  app.post('/', async (context) => context.text(await context.req.text()))
  const server = await serveWeb(app, { host: '127.0.0.1', port: 0 }, { connectionsCheckingInterval: 20, ...limits })
  opened.push(server)
  return server.port
}

async function open(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  opened.push({ close: () => socket.destroy() })
  await once(socket, 'connect')
  return socket
}

/** All that it answers until it closes the connection. */
async function answerTo(port: number, text: string): Promise<string> {
  const socket = await open(port)
  let answer = ''
  socket.setEncoding('utf8').on('data', (part: string) => (answer += part))
  socket.write(text)
  await once(socket, 'close')
  return answer
}

const head = (bytes: number) => `GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX: ${'x'.repeat(bytes)}\r\n\r\n`

it.each([
  ['headers of 15 kB', head(15_000), '200'],
  ['headers of 17 kB', head(17_000), '431'],
  ['a path of 17 kB', head(0).replace('/', `/${'x'.repeat(17_000)}`), '431'],
  ['no host', 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n', '400'],
  ['what is no HTTP', '\x16\x03\x01\x02\r\n\r\n', '400'],
])('%s', async (_, text, status) => {
  expect(await answerTo(await serve(), text)).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
})

describe('a client that is slow', () => {
  it.each([
    ['with its headers is cut', 'GET / HTTP/1.1\r\nHost: a\r\n', { headersTimeout: 50, requestTimeout: 10_000 }],
    [
      'with its body is cut',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nx',
      { headersTimeout: 50, requestTimeout: 60 },
    ],
  ])('%s', async (_, text, limits) => {
    expect(await answerTo(await serve(limits), text)).toContain('408')
  })

  it('and does not read its answer is cut', async () => {
    const port = await serve({ silenceMs: 200 })
    const socket = await open(port)
    socket.pause()
    socket.write('GET /much HTTP/1.1\r\nHost: a\r\n\r\n')
    // These say nothing, one after the other, for longer than it may be silent.
    for (const _ of [1, 2, 3, 4]) await once(await open(port), 'close')
    socket.resume()
    await once(socket, 'close')
    expect(socket.bytesRead).toBeLessThan(50_000_000)
  })
})

it('as many clients as may, and not one more', async () => {
  const port = await serve({ maxConnections: 3 })
  const sockets = await Promise.all([1, 2, 3].map(() => open(port)))
  const ask = async (socket: Socket) => {
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    return Promise.race([once(socket, 'data').then(() => 'answered'), once(socket, 'close').then(() => 'turned away')])
  }
  expect(await Promise.all(sockets.map(ask))).toEqual(['answered', 'answered', 'answered'])
  expect(await ask(await open(port))).toBe('turned away')
})
