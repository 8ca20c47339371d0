import type { Socket } from 'node:net'
import { decodeDeviceText } from '../card/device-text.ts'
import type { DeviceRequest } from './request-arguments.ts'

const MAX_HEAD_BYTES = 262_144

/** The head of one request; undefined when the client sends none in time, goes away, or sends something else. */
export function readRequest(socket: Socket, waitMs: number): Promise<DeviceRequest | undefined> {
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
