import { StoreError, type StoreErrorReason } from '../../model/store.ts'
import { parseJson } from '../../runtime/parse-json.ts'
import type { Answer, Product } from './answer.ts'

/** What an answer that is not what was asked for comes to. */
export interface Judgement {
  readonly reason: StoreErrorReason
  readonly hint: string
  /** What the answer does not say itself. */
  readonly said?: string
  /** A write of it may have been executed, or will be. */
  readonly ambiguous?: boolean
}

export const BUSY_HINT = 'the store is busy; it will be asked again'

/** By what holds of every server; `address` and `login` are hints of the store where one of these is wrong. */
export function judgeStatus(
  answer: Answer,
  text: string,
  { address, login }: { readonly address: string; readonly login: string },
): Judgement {
  const { status } = answer
  if (status === 401 || status === 403) return refuseLogin(answer, login)
  if (status === 429) return { reason: 'unavailable', hint: BUSY_HINT }
  if (status >= 500 || status === 408)
    return { reason: 'unavailable', ambiguous: true, hint: 'look at the log of the store, or of the proxy before it' }
  if (/HTTP request (?:was sent )?to (?:an )?HTTPS (?:server|port)/i.test(text))
    return { reason: 'rejected', hint: 'this port speaks https: write https:// in the address of the store' }
  if (status >= 400) return { reason: 'rejected', hint: address }
  if (status < 300) return { reason: 'bad-answer', ambiguous: true, hint: address }
  const target = redirectTarget(answer)
  if (target === undefined) return { reason: 'rejected', hint: address }
  return {
    reason: 'rejected',
    said: `: it leads to ${target}`,
    hint: 'redirects are not followed: give the store’s own address, without what leads elsewhere (such as a page to log in)',
  }
}

export function refuseLogin({ status, login }: Answer, hint: string): Judgement {
  if (login !== undefined) return { reason: 'unauthorized', said: ': the login that was given is refused', hint }
  const said = status === 403 ? ': refused; no login is given' : ': it wants a login; none is given'
  return { reason: 'unauthorized', said, hint }
}

/** Redirects are not followed: a write would become a question. */
export function redirectTarget({ header, redact }: Answer): string | undefined {
  const location = header('location')
  return location === undefined ? undefined : redact(location).slice(0, 200)
}

/** Of an answer in JSON, the text that is the error, under the first of these keys that has one; else all of it. */
export function errorText(body: string, keys: readonly string[]): string {
  const parsed = parseJson(body)
  if (typeof parsed !== 'object' || parsed === null) return body
  const texts = keys.map((key): unknown => Reflect.get(parsed, key))
  return texts.find((text) => typeof text === 'string') ?? body
}

/** The time for an answer is over. */
export class DeadlineError extends Error {}

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
  { asked, timeoutMs, product }: { asked: string; timeoutMs: number; product: Product },
): StoreError {
  if (error instanceof StoreError) return error
  const failed = (reason: StoreErrorReason, what: string, options: { hint: string; ambiguous?: boolean }) =>
    new StoreError(reason, `${asked}: ${what}`, { ...options, cause: error })
  const reachHint = `is ${product} running, and is the address of the store in the configuration right?`
  const [code, message] = [textOf(error, 'code'), textOf(error, 'message')]
  if (error instanceof DeadlineError)
    return failed('timeout', `no complete answer within ${timeoutMs / 1000} s`, {
      ambiguous: true,
      hint: 'the store or the way to it is slow or stuck',
    })
  if (PLAIN_ANSWER.test(code) || PLAIN_ANSWER.test(textOf(error, 'reason')))
    return failed('unreachable', 'this port speaks plain http, not https', {
      hint: 'write http:// in the address of the store',
    })
  if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS|ERR_SSL|EPROTO/.test(code))
    return failed('unreachable', `no trusted connection: ${textOf(error, 'reason') || message} (${code})`, {
      hint: 'give the certificate of the store’s own authority as caFile, or correct https in its address',
    })
  if (code === 'UND_ERR_INVALID_ARG')
    return failed('rejected', `not sent: ${message}`, {
      hint: 'correct the headers of the store in the configuration',
    })
  const words = CONNECT_WORDS.get(code)
  if (words !== undefined || textOf(error, 'syscall') === 'connect')
    return failed('unreachable', `${words ?? 'no connection'} (${code})`, { hint: reachHint })
  return failed('unreachable', `the connection was lost (${code || message})`, { ambiguous: true, hint: reachHint })
}

/** What OpenSSL makes of an answer in plain text, by version. */
const PLAIN_ANSWER = /WRONG.VERSION.NUMBER|PACKET.LENGTH.TOO.LONG|HTTP.REQUEST|RECORD.LAYER.FAILURE/i

/** `reason` is what OpenSSL says, without where in its sources. */
function textOf(error: unknown, key: 'code' | 'syscall' | 'message' | 'reason'): string {
  if (typeof error !== 'object' || error === null) return ''
  const value: unknown = Reflect.get(error, key)
  return typeof value === 'string' ? value : ''
}
