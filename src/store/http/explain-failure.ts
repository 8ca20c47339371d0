import { StoreError } from '../../model/store.ts'

/** What to call the errors of connecting; after any of them nothing had been sent yet. */
const CONNECT_WORDS: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'connection refused'],
  ['ENOTFOUND', 'there is no host of this name'],
  ['EAI_AGAIN', 'the name of the host cannot be looked up now'],
  ['UND_ERR_CONNECT_TIMEOUT', 'no connection in time'],
])

/** A request without a complete answer, as a `StoreError`; `ambiguous` unless nothing can have arrived. */
export function explainFailure(
  error: unknown,
  { asked, timeoutMs, product }: { asked: string; timeoutMs: number; product: string },
): StoreError {
  if (error instanceof StoreError) return error
  const reachHint = `is ${product} running, and is the address of the store in the configuration right?`
  if (error instanceof DeadlineError)
    return new StoreError('timeout', `${asked}: no complete answer within ${timeoutMs / 1000} s`, {
      ambiguous: true,
      hint: 'the store or the way to it is slow or stuck',
      cause: error,
    })
  const code = textOf(error, 'code')
  if (PLAIN_ANSWER.test(code) || PLAIN_ANSWER.test(textOf(error, 'reason')))
    return new StoreError('unreachable', `${asked}: this port speaks plain http, not https`, {
      hint: 'write http:// in the address of the store',
      cause: error,
    })
  if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS|ERR_SSL|EPROTO/.test(code))
    return new StoreError(
      'unreachable',
      `${asked}: no trusted connection: ${textOf(error, 'reason') || textOf(error, 'message')} (${code})`,
      {
        hint: 'give the certificate of the store’s own authority as caFile, or correct https in its address',
        cause: error,
      },
    )
  if (code === 'UND_ERR_INVALID_ARG')
    return new StoreError('rejected', `${asked}: not sent: ${textOf(error, 'message')}`, {
      hint: 'correct the headers of the store in the configuration',
      cause: error,
    })
  const words = CONNECT_WORDS.get(code)
  if (words !== undefined || textOf(error, 'syscall') === 'connect')
    return new StoreError('unreachable', `${asked}: ${words ?? 'no connection'} (${code})`, {
      hint: reachHint,
      cause: error,
    })
  return new StoreError('unreachable', `${asked}: the connection was lost (${code || textOf(error, 'message')})`, {
    ambiguous: true,
    hint: reachHint,
    cause: error,
  })
}

/** What OpenSSL makes of an answer in plain text, by version. */
const PLAIN_ANSWER = /WRONG.VERSION.NUMBER|PACKET.LENGTH.TOO.LONG|HTTP.REQUEST|RECORD.LAYER.FAILURE/i

/** `reason` is what OpenSSL says, without where in its sources. */
function textOf(error: unknown, key: 'code' | 'syscall' | 'message' | 'reason'): string {
  if (typeof error !== 'object' || error === null) return ''
  const value: unknown = Reflect.get(error, key)
  return typeof value === 'string' ? value : ''
}

class DeadlineError extends Error {}

/** Aborts what was asked when the signal is aborted or the time is over; leaves no listener on the signal. */
export async function withDeadline<T>(
  ask: (deadline: AbortSignal) => Promise<T>,
  { signal, timeoutMs }: { signal: AbortSignal; timeoutMs: number },
): Promise<T> {
  signal.throwIfAborted()
  const controller = new AbortController()
  const onAbort = () => controller.abort(signal.reason)
  const timer = setTimeout(() => controller.abort(new DeadlineError('no answer in time')), timeoutMs)
  signal.addEventListener('abort', onAbort, { once: true })
  // What is asked may wait where an abort does not reach it.
  const overdue = new Promise<never>((_, reject) => {
    controller.signal.addEventListener('abort', () => setImmediate(() => reject(controller.signal.reason)))
  })
  try {
    return await Promise.race([ask(controller.signal), overdue])
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
  }
}
