import type { DeviceAnswer } from './device-answer.ts'
import type { DeviceRequest } from './request-arguments.ts'

const CHUNK_BYTES = 1440

/** What goes over the wire, in the pieces in which the device sends it; cut where the answer is cut. */
export function wireAnswer(answer: DeviceAnswer, { method, version = '1.1' }: DeviceRequest): readonly Buffer[] {
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
