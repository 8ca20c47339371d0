export interface HttpRequest {
  readonly headers: Readonly<Record<string, string>>
  /** For the complete exchange, from the connection to the last byte. */
  readonly timeoutMs: number
  /** A longer body is cut off, and an error. */
  readonly maxBytes: number
  readonly signal: AbortSignal
}

export interface HttpReply {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** One GET over a connection of its own, closed at once. Throws `TransportError`, or the reason of an aborted signal. */
export interface Transport {
  get(path: string, request: HttpRequest): Promise<HttpReply>
}

/** `unreachable`: no connection, or it ended before an answer began. `broken`: the answer was cut short or is no HTTP. */
export type TransportFailure = 'unreachable' | 'timeout' | 'broken' | 'too-large'

export class TransportError extends Error {
  readonly failure: TransportFailure
  /** Whether the device may be working on the question still. */
  readonly asked: boolean

  constructor(failure: TransportFailure, message: string, options: { asked: boolean; cause?: unknown }) {
    super(message, { cause: options.cause })
    this.name = 'TransportError'
    this.failure = failure
    this.asked = options.asked
  }
}
