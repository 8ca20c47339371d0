import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { systemClock } from '../runtime/clock.ts'
import type { DeviceAnswer } from './device-answer.ts'
import { readRequest } from './read-request.ts'
import type { DeviceRequest } from './request-arguments.ts'
import type { SimulatedDevice } from './simulated-device.ts'
import { wireAnswer } from './wire-answer.ts'

export interface ServeOptions {
  readonly host?: string
  /** 0: any that is free. */
  readonly port?: number
  /** How long a client may be connected and silent. */
  readonly idleWaitMs?: number
  /** How long the device waits for a client that has its answer to close. */
  readonly closeWaitMs?: number
}

/** A simulated device on the network. */
export interface ServedDevice {
  readonly device: SimulatedDevice
  readonly url: string
  /** Off: connections are refused. */
  setPower(power: 'on' | 'off'): Promise<void>
  close(): Promise<void>
}

/** Pieces of an answer that costs time are sent as they become ready, at most so often. */
const SEND_EVERY_MS = 10

/** Serves one connection at a time, as the device does: the others wait for it. */
export async function serveSimulatedDevice(device: SimulatedDevice, options: ServeOptions = {}): Promise<ServedDevice> {
  const { host = '127.0.0.1', idleWaitMs = 5000, closeWaitMs = 2000 } = options
  const closing = new AbortController()
  const sockets = new Set<Socket>()
  let slot: Promise<unknown> = Promise.resolve()
  let server = await listen(host, options.port ?? 0)
  const port = portOf(server)

  function accept(socket: Socket): void {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => sockets.delete(socket))
    if (!device.isOn()) return void socket.resetAndDestroy()
    device.beginRequest(socket)
    slot = slot
      .then(() => serveSocket(socket))
      .catch(() => socket.destroy())
      .then(() => device.endRequest(socket))
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
      if (batch === batches - 1) device.endRequest(socket)
      const [from, until] = [batch, batch + 1].map((part) => Math.floor((part * pieces.length) / batches))
      const data = Buffer.concat(pieces.slice(from, until))
      if (data.length > 0 && socket.writable && !socket.write(data)) await drained(socket)
    }
  }

  function pause(durationMs: number): Promise<void> {
    return systemClock.sleep(durationMs, closing.signal)
  }

  async function stopListening(): Promise<void> {
    if (!server.listening) return
    const closed = new Promise((resolve) => server.close(resolve))
    for (const socket of sockets) socket.resetAndDestroy()
    await closed
  }

  server.on('connection', accept)
  return {
    device,
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    async setPower(power) {
      device.setPower(power)
      if (power === 'off') {
        slot = Promise.resolve()
        await stopListening()
      } else if (!server.listening) {
        server = await listen(host, port)
        server.on('connection', accept)
      }
    },
    async close() {
      closing.abort()
      await stopListening()
      await slot
    },
  }
}

function listen(host: string, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer({ noDelay: true, allowHalfOpen: true })
    server.once('error', reject)
    server.listen(port, host, () => {
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

function closedOrLate(socket: Socket, waitMs: number): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer)
      socket.off('close', finish)
      resolve()
    }
    const timer = setTimeout(finish, waitMs)
    socket.once('close', finish)
    if (socket.destroyed) finish()
  })
}
