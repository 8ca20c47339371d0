import { createServer, type Server, type Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterEach, expect, it } from 'vitest'
import { type HttpRequest, undiciTransport } from './transport.ts'

const HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n'
const CHUNKED = `${HEAD}Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n`
const sockets = new Set<Socket>()
let server: Server | undefined

afterEach(async () => {
  for (const socket of sockets) socket.destroy()
  await new Promise((resolve) => (server === undefined ? resolve(undefined) : server.close(resolve)))
  server = undefined
})

/** Long for a server in this process, however busy the machine is. */
const PATIENCE_MS = 60_000
const patient = { connectTimeoutMs: PATIENCE_MS, idleTimeoutMs: PATIENCE_MS }
const plain = { headers: {}, timeoutMs: PATIENCE_MS, maxBytes: 1000, signal: new AbortController().signal }

async function get(
  answer: (socket: Socket, request: string) => void,
  options: Partial<HttpRequest & { idleTimeoutMs: number }> = {},
) {
  const listening = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket))
    socket.once('data', (data) => answer(socket, data.toString()))
  })
  server = listening
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve))
  const address = listening.address()
  const port = typeof address === 'object' ? address?.port : 0
  const { idleTimeoutMs = PATIENCE_MS, ...request } = options
  const transport = undiciTransport(new URL(`http://127.0.0.1:${port}/`), { ...patient, idleTimeoutMs })
  return transport.get('/x?y=1', { ...plain, ...request })
}

/** In which the client, in this process, reads what has been sent to it. */
async function afterTurns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve))
}

const ended: [string, (socket: Socket) => void, string][] = [
  ['reset before the answer', (s) => s.resetAndDestroy(), 'unreachable'],
  ['closed before the answer', (s) => s.end(), 'unreachable'],
  ['reset within the head', (s) => s.write(HEAD, () => s.resetAndDestroy()), 'unreachable'],
  ['cut within a chunk', (s) => s.end(`${CHUNKED}10\r\n{"a":`), 'broken'],
  ['cut between two chunks', (s) => s.end(`${CHUNKED}5\r\n{"a":\r\n`), 'broken'],
  ['shorter than its length', (s) => s.end(`${HEAD}Content-Length: 9\r\n\r\n{"a":`), 'broken'],
  [
    'reset within the body',
    (s) => s.write(`${CHUNKED}5\r\n{"a":\r\n`, () => void afterTurns(50).then(() => s.resetAndDestroy())),
    'broken',
  ],
  ['no HTTP', (s) => s.end('SSH-2.0-OpenSSH_9.2\r\n'), 'broken'],
  ['broken chunk framing', (s) => s.end(`${CHUNKED}zz\r\n{}\r\n0\r\n\r\n`), 'broken'],
  ['too long', (s) => s.end(`${HEAD}Content-Length: 1001\r\n\r\n${'x'.repeat(1001)}`), 'too-large'],
  [
    'never ending',
    (s) => {
      s.write(CHUNKED)
      const timer = setInterval(() => s.write(`400\r\n${'x'.repeat(1024)}\r\n`), 1)
      s.on('close', () => clearInterval(timer))
    },
    'too-large',
  ],
]

it.each(ended)('an answer that is %s', async (_, answer, failure) => {
  await expect(get(answer)).rejects.toMatchObject({ name: 'TransportError', failure, asked: true })
})

const late: [string, (socket: Socket) => void][] = [
  ['no answer', () => undefined],
  ['an answer that stops', (s) => s.write(`${CHUNKED}5\r\n{"a":\r\n`)],
  [
    'a slow drip',
    (s) => {
      s.write(CHUNKED)
      const timer = setInterval(() => s.write('1\r\nx\r\n'), 20)
      s.on('close', () => clearInterval(timer))
    },
  ],
]

it.each(late)('gives up on %s', async (_, answer) => {
  await expect(get(answer, { timeoutMs: 2_000 })).rejects.toMatchObject({ failure: 'timeout', asked: true })
})

it('gives up on an answer that falls silent, long before the end of its time', async () => {
  const impatient = { idleTimeoutMs: 800, timeoutMs: 3_600_000 }
  await expect(get((s) => s.write(CHUNKED), impatient)).rejects.toMatchObject({ failure: 'timeout' })
})

it('says that nobody was asked where nobody listens', async () => {
  await get((s) => s.end(`${HEAD}\r\n`))
  const port = server?.address()
  const url = new URL(`http://127.0.0.1:${typeof port === 'object' ? port?.port : 0}`)
  await new Promise((resolve) => server?.close(resolve))
  server = undefined
  const transport = undiciTransport(url, patient)
  await expect(transport.get('/', plain)).rejects.toMatchObject({ failure: 'unreachable', asked: false })
})

it('reports an unknown host name', async () => {
  const transport = undiciTransport(new URL('http://no-such-host.invalid'), patient)
  await expect(transport.get('/', plain)).rejects.toMatchObject({ failure: 'unreachable', asked: false })
})

it('asks once, for the connection to be closed, and closes it at once', async () => {
  let asked = ''
  // The server leaves its end open for ever.
  await new Promise((resolve) => {
    void get((socket, request) => {
      asked = request
      socket.write(`${CHUNKED}2\r\n{}\r\n0\r\n\r\n`)
      socket.once('close', resolve)
    })
  })
  expect(asked).toMatch(/^GET \/x\?y=1 HTTP\/1\.1\r\n/)
  expect(asked).toMatch(/\r\nconnection: close\r\n/i)
})

it('does not follow to another place', async () => {
  let askedElsewhere = 0
  const elsewhere = createServer((socket) => {
    askedElsewhere++
    socket.destroy()
  })
  await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve))
  const address = elsewhere.address()
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`
  const moved = `HTTP/1.1 302 Found\r\nLocation: ${url}\r\nContent-Length: 0\r\n\r\n`
  expect((await get((s) => s.end(moved), { headers: { authorization: 'Digest x' } })).status).toBe(302)
  expect(askedElsewhere).toBe(0)
  await new Promise((resolve) => elsewhere.close(resolve))
})

it.each([
  [1000, undefined],
  [1001, 'too-large'],
])('an answer of %i bytes, where 1000 are the most', async (length, failure) => {
  const reply = get((s) => s.end(`${HEAD}Content-Length: ${length}\r\n\r\n${'x'.repeat(length)}`))
  if (failure === undefined) expect((await reply).body).toHaveLength(length)
  else await expect(reply).rejects.toMatchObject({ failure })
})

it.each([
  [15_000, 200],
  [17_000, undefined],
])('a head of %i bytes, where 16 kB are the most', async (length, status) => {
  const reply = get((s) => s.end(`${HEAD}X: ${'x'.repeat(length)}\r\nContent-Length: 0\r\n\r\n`))
  if (status === undefined) await expect(reply).rejects.toMatchObject({ name: 'TransportError' })
  else expect((await reply).status).toBe(status)
})

it('does not unpack what it did not ask to be packed', async () => {
  const bomb = gzipSync(Buffer.alloc(1_000_000))
  const packed = `${HEAD}Content-Encoding: gzip\r\nContent-Length: ${bomb.length}\r\n\r\n`
  const { body } = await get((s) => s.end(Buffer.concat([Buffer.from(packed), bomb])), { maxBytes: 2_000 })
  expect(body.length).toBeLessThan(2_000)
})

it('takes an answer without a length', async () => {
  expect(await get((s) => s.end(`${HEAD}X-configSHA256: abc=\r\n\r\n{"a":1}`))).toEqual({
    status: 200,
    headers: { 'content-type': 'application/json', 'x-configsha256': 'abc=' },
    body: '{"a":1}',
  })
})

it('ends at once with the reason of an aborted signal, and the connection with it', async () => {
  const controller = new AbortController()
  const reason = new Error('enough')
  let closed: Promise<unknown> = Promise.resolve()
  const reply = get(
    (socket) => {
      closed = new Promise((resolve) => socket.once('close', resolve))
      controller.abort(reason)
    },
    { signal: controller.signal },
  )
  await expect(reply).rejects.toBe(reason)
  await closed
})
