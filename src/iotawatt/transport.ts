import { Client, type Dispatcher } from 'undici'

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

export interface UndiciTransportOptions {
  readonly connectTimeoutMs: number
  /** The longest silence within an answer. */
  readonly idleTimeoutMs: number
  /** PEM; left out: the usual ones. */
  readonly ca?: string | undefined
}

/**
 * A connection for each request, destroyed with its answer: the device serves one connection at a time and waits 2 s
 * for a client that keeps its end open.
 */
export function undiciTransport(
  baseUrl: URL,
  { connectTimeoutMs, idleTimeoutMs, ca }: UndiciTransportOptions,
): Transport {
  const prefix = baseUrl.pathname.replace(/\/+$/, '')
  // Else NODE_TLS_REJECT_UNAUTHORIZED in the environment decides.
  const connect = { timeout: connectTimeoutMs, rejectUnauthorized: true, ...(ca !== undefined && { ca }) }
  return {
    async get(path, { headers, timeoutMs, maxBytes, signal }) {
      signal.throwIfAborted()
      const client = new Client(baseUrl.origin, { connect })
      const stop = new AbortController()
      const onAbort = () => stop.abort()
      const timer = setTimeout(onAbort, timeoutMs)
      signal.addEventListener('abort', onAbort, { once: true })
      const limits = { signal: stop.signal, headersTimeout: timeoutMs, bodyTimeout: idleTimeoutMs }
      try {
        const response = await client
          .request({ path: prefix + path, method: 'GET', headers, reset: true, ...limits })
          .catch((error: unknown) => {
            throw withoutAnswer(error)
          })
        const body = await readBody(response.body, maxBytes)
        return { status: response.statusCode, headers: plainHeaders(response.headers), body }
      } catch (error) {
        signal.throwIfAborted()
        throw stop.signal.aborted ? timedOut(`no complete answer within ${timeoutMs / 1000} s`, error) : error
      } finally {
        clearTimeout(timer)
        signal.removeEventListener('abort', onAbort)
        await client.destroy()
      }
    },
  }
}

async function readBody(stream: AsyncIterable<Buffer>, maxBytes: number): Promise<string> {
  const parts: Buffer[] = []
  let byteCount = 0
  try {
    for await (const part of stream) {
      byteCount += part.length
      if (byteCount > maxBytes)
        throw new TransportError('too-large', `the answer is longer than ${maxBytes} bytes`, { asked: true })
      parts.push(part)
    }
  } catch (error) {
    throw withinAnswer(error)
  }
  return Buffer.concat(parts).toString('utf8')
}

function plainHeaders(headers: Dispatcher.ResponseData['headers']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name.toLowerCase(), Array.isArray(value) ? value.join(', ') : value]],
    ),
  )
}

function withoutAnswer(error: unknown): TransportError {
  const code = codeOf(error)
  if (code === 'UND_ERR_HEADERS_TIMEOUT') return timedOut('the answer stopped coming', error)
  if (code === 'HTTPParserError' || code.startsWith('HPE_'))
    return new TransportError('broken', 'the answer is not HTTP', { asked: true, cause: error })
  if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS|ERR_SSL/.test(code))
    return new TransportError('unreachable', `no trusted connection (${code})`, { asked: false, cause: error })
  const words = NO_CONNECTION[code]
  if (words !== undefined) return new TransportError('unreachable', words, { asked: false, cause: error })
  return new TransportError('unreachable', `the connection was closed without an answer (${code})`, {
    asked: true,
    cause: error,
  })
}

function withinAnswer(error: unknown): TransportError {
  if (error instanceof TransportError) return error
  if (codeOf(error) === 'UND_ERR_BODY_TIMEOUT') return timedOut('the answer stopped coming', error)
  return new TransportError('broken', 'the connection was closed within the answer', { asked: true, cause: error })
}

const NO_CONNECTION: Readonly<Record<string, string>> = {
  UND_ERR_CONNECT_TIMEOUT: 'no connection in time',
  ECONNREFUSED: 'connection refused',
  ENOTFOUND: 'no such host name',
  EAI_AGAIN: 'the host name could not be looked up',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the network',
  EHOSTDOWN: 'the host is down',
  EMFILE: 'this process may have no more connections open; raise its limit (ulimit -n, or LimitNOFILE= of the service)',
  ETIMEDOUT: 'no connection in time',
}

function timedOut(message: string, cause: unknown): TransportError {
  return new TransportError('timeout', message, { asked: true, cause })
}

function codeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0])
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code
  return error instanceof Error ? error.name : 'unknown'
}
