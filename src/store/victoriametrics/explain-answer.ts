import { StoreError } from '../../model/store.ts'
import type { Answer } from '../http/answer.ts'
import { errorText, type Judgement, judgeStatus, redirectTarget, refuseLogin } from '../http/explain-failure.ts'

/** An answer that is not what was asked for, as a `StoreError`. `ambiguous` says what a write of it may have done. */
export function explainAnswer(answer: Answer, body: string): StoreError {
  const { reason, hint, said = '', ambiguous = false } = judge(answer, body)
  return new StoreError(reason, `${answer.asked}: ${answer.status}${said}${excerpt(answer, body)}`, { hint, ambiguous })
}

const ADDRESS_HINT =
  'check the address of the store: a single node is http://HOST:8428, a cluster needs writeUrl (…/insert/0/prometheus) and readUrl (…/select/0/prometheus)'

function judge(answer: Answer, body: string): Judgement {
  const { status } = answer
  const login = loginHint(answer)
  if (status === 400 && /auth token|authorization/i.test(body)) return refuseLogin(answer, login)
  const judged = judgeStatus(answer, body, { address: ADDRESS_HINT, login })
  if (judged.reason === 'unauthorized') return judged
  if (/read-only mode/i.test(body))
    return { reason: 'read-only', hint: 'the store’s disk is nearly full: free some of it, or give it a larger one' }
  if (status >= 500 && /vmstorage|storage node|storageNode/i.test(body))
    return {
      ...judged,
      hint: 'a storage node of the cluster is away: bring it back; nothing is read from half of them',
    }
  // Only the store's own word tells that it did nothing: a proxy may say 503 of a request that it has passed on.
  if (judged.reason === 'unavailable') return OWN_REFUSAL.test(body) ? { ...judged, ambiguous: false } : judged
  if (status >= 400) return { ...judged, hint: limitHint(status, body) ?? judged.hint }
  return status >= 300 ? { ...judged, hint: movedHint(answer) ?? judged.hint } : judged
}

/** Of VictoriaMetrics, whose queue of writes was full for too long. */
const OWN_REFUSAL = /cannot handle more than \d+ concurrent inserts/i

const LOGIN_HINTS = {
  none: 'give it in the configuration: store.username and store.passwordFile, or store.tokenFile',
  password: 'correct store.username, and store.password or what is in store.passwordFile',
  token: 'correct store.token, or what is in store.tokenFile',
  header: 'correct Authorization in store.headers',
}

function loginHint({ status, login }: Answer): string {
  if (login !== undefined) return LOGIN_HINTS[login]
  return status === 403 ? `where it wants a login, ${LOGIN_HINTS.none}` : LOGIN_HINTS.none
}

/** A flag of the store that limits what we ask or send, where the answer is about one. */
function limitHint(status: number, body: string): string | undefined {
  if (/too long line/.test(body)) return 'start the store with -import.maxLineLen=1MB or more (its default is 10MB)'
  const flag = /(?<![\w-])-[a-z][\w.]*max\w*\*?/i.exec(body)?.[0]
  if (flag !== undefined) return `a limit of the store is too low for this: start it with a higher ${flag}`
  if (status === 413)
    return 'a proxy before the store takes no requests of this length: let it take 8 MB (nginx: client_max_body_size 8m)'
  return status === 415 || status === 422 ? 'a proxy or the store’s limits do not allow this request' : undefined
}

/** The address that is meant, where a redirect leads to a path that was asked for. */
function movedHint(answer: Answer): string | undefined {
  const base = /^(https?:\/\/.*?)\/(?:api\/v1|metrics|internal|snapshot)\b/.exec(redirectTarget(answer) ?? '')?.[1]
  return base && `redirects are not followed: give that address, ${base}, in place of the one in the configuration`
}

/** The cause stands at the end of what VictoriaMetrics says, behind our own question: both ends are kept. */
const [HEAD, TAIL] = [80, 220]
const [MAX_QUOTED, SHOWN_QUOTED] = [60, 30]

/** The answer's own words, short and on one line. */
export function excerpt({ redact }: Pick<Answer, 'redact'>, body: string): string {
  if (/^\s*</.test(body)) return ': a web page'
  const text = withoutQuestion(redact(errorText(body, ['error'])))
    .replace(/\s+/g, ' ')
    .trim()
  if (text === '') return ''
  return `: ${text.length > HEAD + TAIL ? `${text.slice(0, HEAD)} … ${text.slice(-TAIL)}` : text}`
}

/** What we asked is repeated before what is wrong with it, more than once where it is nested. */
function withoutQuestion(text: string): string {
  const bare = text.replace(/^remoteAddr: "[^"]*"; /, '').replace(/^requestURI: [^;]*; /, '')
  return shortQuotes(bare).replace(/; possible solutions: [^]*$/, '')
}

/** Quote by quote: one expression for a complete quote would take its length squared where the last one stays open. */
function shortQuotes(text: string): string {
  let [short, taken, openedAt] = ['', 0, -1]
  for (const { 0: found, index } of text.matchAll(/\\.|"/gs)) {
    if (found !== '"') continue
    if (openedAt >= 0 && index - openedAt > MAX_QUOTED) {
      short += `${text.slice(taken, openedAt + SHOWN_QUOTED)}…`
      taken = index
    }
    openedAt = openedAt < 0 ? index : -1
  }
  return short + text.slice(taken)
}
