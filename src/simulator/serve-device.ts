import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { decodeDeviceText } from '../card/device-text.ts'
import { systemClock } from '../runtime/clock.ts'
import type { DeviceAnswer } from './device-answer.ts'
import type { PlainDevice } from './plain-device.ts'
import type { DeviceRequest } from './request-arguments.ts'

export interface ServeOptions {
  /** 0: any that is free. */
  readonly port?: number
  /** How long a client may be connected and silent. */
  readonly idleWaitMs?: number
  /** How long the device waits for a client that has its answer to close. */
  readonly closeWaitMs?: number
  /** Called when a client connects, and with the same once its answer is sent. */
  readonly onRequest?: (client: object) => void
  readonly onAnswered?: (client: object) => void
}

/** A simulated device on the network. */
export interface DeviceServer {
  readonly url: string
  close(): Promise<void>
}

/** Pieces of an answer that costs time are sent as they become ready, at most so often. */
const SEND_EVERY_MS = 10
const HOST = '127.0.0.1'

/** Serves one connection at a time, as the device does: the others wait for it. */
export async function serveDevice(device: PlainDevice, options: ServeOptions = {}): Promise<DeviceServer> {
  const { port = 0, idleWaitMs = 5000, closeWaitMs = 2000, onRequest, onAnswered } = options
  const closing = new AbortController()
  const sockets = new Set<Socket>()
  let slot: Promise<unknown> = Promise.resolve()
  const server = await listen(port)

  function accept(socket: Socket): void {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => sockets.delete(socket))
    if (!device.isOn()) return void socket.resetAndDestroy()
    onRequest?.(socket)
    slot = slot
      .then(() => serveSocket(socket))
      .catch(() => socket.destroy())
      .then(() => onAnswered?.(socket))
  }

  async function serveSocket(socket: Socket): Promise<void> {
    const request = await readRequest(socket, idleWaitMs)
    if (request === undefined) return void socket.destroy()
    // A client that closes its half is taken for gone.
    socket.once('end', () => socket.destroy())
    const answer = device.answer(request)
    if (answer.delayMs > 0) await pause(answer.delayMs)
    await send(socket, request, answer)
    if (answer.connection === 'refused' || answer.connection === 'reset') socket.resetAndDestroy()
    else if (answer.connection === 'cut') socket.end()
    else await closedOrLate(socket, closeWaitMs)
    socket.destroySoon()
  }

  /** A client that has gone away does not shorten it. */
  async function send(socket: Socket, request: DeviceRequest, answer: DeviceAnswer): Promise<void> {
    const silent = answer.status === 0 || (answer.connection === 'reset' && answer.sentBytes === 0)
    const pieces = silent ? [] : wireAnswer(answer, request)
    const batches = Math.max(1, Math.min(pieces.length, Math.ceil(answer.costMs / SEND_EVERY_MS)))
    for (let batch = 0; batch < batches; batch++) {
      if (answer.costMs > 0) await pause(answer.costMs / batches)
      // Counted as ended before the client can know, or its next request would look like one beside this.
      if (batch === batches - 1) onAnswered?.(socket)
      const [from, until] = [batch, batch + 1].map((part) => Math.floor((part * pieces.length) / batches))
      const data = Buffer.concat(pieces.slice(from, until))
      if (data.length > 0 && socket.writable && !socket.write(data)) await drained(socket)
    }
  }

  function pause(durationMs: number): Promise<void> {
    return systemClock.sleep(durationMs, closing.signal)
  }

  server.on('connection', accept)
  return {
    url: `http://${HOST}:${portOf(server)}`,
    async close() {
      closing.abort()
      const closed = new Promise((resolve) => server.close(resolve))
      for (const socket of sockets) socket.resetAndDestroy()
      await closed
      await slot
    },
  }
}

function listen(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer({ noDelay: true, allowHalfOpen: true })
    server.once('error', reject)
    server.listen(port, HOST, () => {
      server.off('error', reject)
      resolve(server)
    })
  })
}

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      socket.off('drain', finish).off('close', finish)
      resolve()
    }
    socket.once('drain', finish).once('close', finish)
    if (socket.destroyed) finish()
  })
}

async function closedOrLate(socket: Socket, waitMs: number): Promise<void> {
  if (!socket.destroyed) await once(socket, 'close', { signal: AbortSignal.timeout(waitMs) }).catch(() => {})
}

const CHUNK_BYTES = 1440

/** What goes over the wire, in the pieces in which the device sends it; cut where the answer is cut. */
function wireAnswer(answer: DeviceAnswer, { method, version = '1.1' }: DeviceRequest): readonly Buffer[] {
  const chunked = version === '1.1' && answer.headers.some(([name]) => name === 'Transfer-Encoding')
  const head = Buffer.from(wireHead(answer, version))
  if (method === 'HEAD') return [head]
  const body = answer.bytes
  const sent = body.subarray(0, answer.sentBytes)
  if (!chunked) return [head, sent]
  const chunks = wireChunks(body, answer.sentBytes)
  return answer.connection === 'close' ? [head, ...chunks, Buffer.from('0\r\n\r\n')] : [head, ...chunks]
}

/** A client of HTTP/1.0 gets no chunks, and no length: the answer ends with the connection. */
function wireHead({ status, statusText, headers }: DeviceAnswer, version: '1.0' | '1.1'): string {
  const unknown = version === '1.0' && headers.some(([name]) => name === 'Transfer-Encoding')
  const lines = unknown ? headers.filter(([name]) => name !== 'Transfer-Encoding' && name !== 'Accept-Ranges') : headers
  return [`HTTP/${version} ${status} ${statusText}`, ...lines.map(([name, value]) => `${name}: ${value}`), '', ''].join(
    '\r\n',
  )
}

function wireChunks(body: Buffer, sentBytes: number): Buffer[] {
  const chunks: Buffer[] = []
  for (let from = 0; from < Math.min(body.length, sentBytes); from += CHUNK_BYTES) {
    const data = body.subarray(from, from + CHUNK_BYTES)
    const open = Buffer.from(`${data.length.toString(16)}\r\n`)
    if (from + data.length > sentBytes) chunks.push(Buffer.concat([open, body.subarray(from, sentBytes)]))
    else chunks.push(Buffer.concat([open, data, Buffer.from('\r\n')]))
  }
  return chunks
}

const MAX_HEAD_BYTES = 262_144

/** The head of one request; undefined when the client sends none in time, goes away, or sends something else. */
function readRequest(socket: Socket, waitMs: number): Promise<DeviceRequest | undefined> {
  return new Promise((resolve) => {
    let received = ''
    const finish = (request: DeviceRequest | undefined) => {
      clearTimeout(timer)
      socket.off('data', onData).off('end', onClose).off('close', onClose)
      // What else the client sends is dropped, and its end is noticed.
      socket.resume()
      resolve(request)
    }
    const onData = (data: Buffer) => {
      received += data.toString('latin1')
      const end = received.indexOf('\r\n\r\n')
      if (end !== -1) finish(parseHead(decodeDeviceText(Buffer.from(received.slice(0, end), 'latin1'))))
      else if (received.length > MAX_HEAD_BYTES) finish(undefined)
    }
    const onClose = () => finish(undefined)
    const timer = setTimeout(onClose, waitMs)
    socket.on('data', onData).once('end', onClose).once('close', onClose)
    if (socket.destroyed) onClose()
  })
}

function parseHead(head: string): DeviceRequest | undefined {
  const [requestLine = '', ...headerLines] = head.split('\r\n')
  // A target with a space in it ends there, and what follows is then no version that the device knows.
  const [, method, url, minor] = /^([A-Z]+) (\S+) (?:HTTP\/1\.(\d)$)?/.exec(requestLine) ?? []
  if (method === undefined || url === undefined) return undefined
  const headers = Object.fromEntries(
    headerLines.map((line) => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()]
    }),
  )
  return { method, url, headers, version: minor === undefined || minor === '0' ? '1.0' : '1.1' }
}
