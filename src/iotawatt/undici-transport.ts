import { Client, type Dispatcher } from 'undici'
import { type HttpReply, type HttpRequest, type Transport, TransportError } from './transport.ts'

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
export function undiciTransport(baseUrl: URL, options: UndiciTransportOptions): Transport {
  const prefix = baseUrl.pathname.replace(/\/+$/, '')
  return {
    async get(path, request) {
      request.signal.throwIfAborted()
      // Else NODE_TLS_REJECT_UNAUTHORIZED in the environment decides.
      const { connectTimeoutMs: timeout, ca } = options
      const connect = { timeout, rejectUnauthorized: true, ...(ca !== undefined && { ca }) }
      const client = new Client(baseUrl.origin, { connect })
      const stop = new AbortController()
      const onAbort = () => stop.abort()
      const timer = setTimeout(onAbort, request.timeoutMs)
      request.signal.addEventListener('abort', onAbort, { once: true })
      try {
        return await exchange(client, { ...request, ...options, path: prefix + path, signal: stop.signal })
      } catch (error) {
        request.signal.throwIfAborted()
        throw stop.signal.aborted ? timedOut(request.timeoutMs, error) : error
      } finally {
        clearTimeout(timer)
        request.signal.removeEventListener('abort', onAbort)
        await client.destroy()
      }
    },
  }
}

interface Exchange extends HttpRequest, UndiciTransportOptions {
  readonly path: string
}

async function exchange(client: Client, request: Exchange): Promise<HttpReply> {
  const response = await client
    .request({
      path: request.path,
      method: 'GET',
      headers: request.headers,
      reset: true,
      signal: request.signal,
      headersTimeout: request.timeoutMs,
      bodyTimeout: request.idleTimeoutMs,
    })
    .catch((error: unknown) => {
      throw withoutAnswer(error)
    })
  const body = await readBody(response.body, request)
  return { status: response.statusCode, headers: plainHeaders(response.headers), body }
}

async function readBody(stream: Dispatcher.ResponseData['body'], { maxBytes }: HttpRequest): Promise<string> {
  const chunks: Uint8Array[] = []
  let byteCount = 0
  try {
    for await (const bytes of stream) {
      if (!(bytes instanceof Uint8Array)) throw new TypeError('a body of something else than bytes')
      byteCount += bytes.length
      if (byteCount > maxBytes)
        throw new TransportError('too-large', `the answer is longer than ${maxBytes} bytes`, { asked: true })
      chunks.push(bytes)
    }
  } catch (error) {
    throw withinAnswer(error)
  }
  return Buffer.concat(chunks).toString('utf8')
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
  if (code === 'UND_ERR_HEADERS_TIMEOUT') return timedOut(undefined, error)
  if (code === 'HTTPParserError' || code.startsWith('HPE_'))
    return failed('broken', 'the answer is not HTTP', { asked: true, cause: error })
  if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS|ERR_SSL/.test(code))
    return failed('unreachable', `no trusted connection (${code})`, { asked: false, cause: error })
  const words = NO_CONNECTION[code]
  if (words !== undefined) return failed('unreachable', words, { asked: false, cause: error })
  return failed('unreachable', `the connection was closed without an answer (${code})`, { asked: true, cause: error })
}

function withinAnswer(error: unknown): TransportError {
  if (error instanceof TransportError) return error
  if (codeOf(error) === 'UND_ERR_BODY_TIMEOUT') return timedOut(undefined, error)
  return failed('broken', 'the connection was closed within the answer', { asked: true, cause: error })
}

const NO_CONNECTION: Readonly<Record<string, string>> = {
  UND_ERR_CONNECT_TIMEOUT: 'no connection in time',
  ECONNREFUSED: 'connection refused',
  ENOTFOUND: 'no such host name',
  EAI_AGAIN: 'the host name could not be looked up',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the network',
  EHOSTDOWN: 'the host is down',
  ETIMEDOUT: 'no connection in time',
}

function timedOut(timeoutMs: number | undefined, cause: unknown): TransportError {
  const message =
    timeoutMs === undefined ? 'the answer stopped coming' : `no complete answer within ${timeoutMs / 1000} s`
  return failed('timeout', message, { asked: true, cause })
}

function failed(
  failure: TransportError['failure'],
  message: string,
  options: { asked: boolean; cause: unknown },
): TransportError {
  return new TransportError(failure, message, options)
}

function codeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0])
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code
  return error instanceof Error ? error.name : 'unknown'
}
