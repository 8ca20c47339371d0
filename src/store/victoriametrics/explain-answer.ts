import { StoreError, type StoreErrorReason } from '../../model/store.ts'
import type { Answer } from './connection.ts'

const ADDRESS_HINT =
  'check the address of the store: a single node is http://HOST:8428, a cluster needs writeUrl (…/insert/0/prometheus) and readUrl (…/select/0/prometheus)'

/** An answer that is not what was asked for, as a `StoreError`. `ambiguous` says what a write of it may have done. */
export function explainAnswer(answer: Answer, body: string): StoreError {
  const { reason, hint, ambiguous = false } = judge(answer.status, body)
  return new StoreError(reason, `${answer.asked}: ${answer.status}${excerpt(answer, body)}`, { hint, ambiguous })
}

interface Judgement {
  readonly reason: StoreErrorReason
  readonly hint: string
  readonly ambiguous?: boolean
}

function judge(status: number, body: string): Judgement {
  if (status === 401 || status === 403 || (status === 400 && /auth token|authorization/i.test(body)))
    return { reason: 'unauthorized', hint: 'check the user and password, or the token, of the store' }
  if (/read-only mode/i.test(body))
    return { reason: 'read-only', hint: 'the store’s disk is nearly full: free some of it, or give it a larger one' }
  // What a cluster says when some of it is away: it has done nothing by halves.
  if (status >= 500 && /vmstorage|storage node|storageNode/i.test(body))
    return {
      reason: 'unavailable',
      ambiguous: status !== 500 && status !== 503,
      hint: 'a storage node of the cluster is away: bring it back; nothing is read from half of them',
    }
  if (status === 429) return { reason: 'unavailable', hint: 'the store is busy; it will be asked again' }
  if (status === 413 || status === 415 || status === 422)
    return { reason: 'rejected', hint: 'a proxy or the store’s limits do not allow this request' }
  // Who answers 500 or 503 has ended with the request; a gateway (502, 504) only with waiting for it.
  const ambiguous = status !== 500 && status !== 503
  if (status >= 500 || status === 408)
    return { reason: 'unavailable', ambiguous, hint: 'look at the log of the store, or of the proxy before it' }
  if (status >= 300) return { reason: 'rejected', hint: ADDRESS_HINT }
  return { reason: 'bad-answer', ambiguous: true, hint: ADDRESS_HINT }
}

/** The answer's own words, short and on one line. */
export function excerpt({ redact }: Answer, body: string): string {
  if (/^\s*</.test(body)) return ': a web page'
  const text = redact(body).replace(/\s+/g, ' ').trim()
  return text === '' ? '' : `: ${text.slice(0, 300)}`
}
