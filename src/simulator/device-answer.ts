import { encodeDeviceText } from '../card/device-text.ts'

/** Header lines in the order in which they are sent. */
export type HeaderLines = readonly (readonly [name: string, value: string])[]

/** What the device makes of a request, before it goes on the wire. */
export interface Reply {
  readonly status: number
  readonly headers: HeaderLines
  readonly body: string
}

/** An answer as the client sees it, and what it cost the device. */
export interface DeviceAnswer extends Reply {
  /** As a client reads it that takes all for UTF-8. */
  readonly body: string
  readonly bytes: Buffer
  readonly statusText: string
  readonly recordReads: number
  /** For how long the device did nothing else. */
  readonly costMs: number
  /** How long it waits before it begins. */
  readonly delayMs: number
  /**
   * `close`: answered, then closed. `cut`: closed in the middle, after `sentBytes` of the body.
   * `reset`: reset after `sentBytes` of the body (0: without any answer). `refused`: nobody listens.
   */
  readonly connection: 'close' | 'cut' | 'reset' | 'refused'
  readonly sentBytes: number
}

const STATUS_TEXTS: ReadonlyMap<number, string> = new Map([
  [200, 'OK'],
  [400, 'Bad Request'],
  [401, 'Unauthorized'],
  [403, 'Forbidden'],
  [404, 'Not Found'],
  [500, 'Internal Server Error'],
  [503, 'Service Unavailable'],
])

/** A reply of known length. */
export function plainReply(status: number, contentType: string, body: string): Reply {
  return replyWithHeaders(status, [['Content-Type', contentType]], body)
}

export function replyWithHeaders(status: number, headers: HeaderLines, body: string): Reply {
  const length: readonly [string, string] = ['Content-Length', String(encodeDeviceText(body).length)]
  return { status, headers: [...headers, length, ['Connection', 'close']], body }
}

/** A reply that the device makes while it sends it. */
export function streamedReply(contentType: string, body: string): Reply {
  return {
    status: 200,
    headers: [
      ['Content-Type', contentType],
      ['Accept-Ranges', 'none'],
      ['Transfer-Encoding', 'chunked'],
      ['Connection', 'close'],
    ],
    body,
  }
}

export function toAnswer(reply: Reply, cost: Pick<DeviceAnswer, 'recordReads' | 'costMs'>): DeviceAnswer {
  const bytes = encodeDeviceText(reply.body)
  const statusText = STATUS_TEXTS.get(reply.status) ?? ''
  const sent = { body: bytes.toString('utf8'), bytes, sentBytes: bytes.length }
  return { ...reply, ...cost, ...sent, statusText, delayMs: 0, connection: 'close' }
}

export function noAnswer(connection: 'reset' | 'refused'): DeviceAnswer {
  return { ...toAnswer({ status: 0, headers: [], body: '' }, { recordReads: 0, costMs: 0 }), connection }
}
