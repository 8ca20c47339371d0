import type { StoreErrorReason } from '../../model/store.ts'
import { parseJson } from '../../runtime/parse-json.ts'
import type { Answer } from './http-client.ts'

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
