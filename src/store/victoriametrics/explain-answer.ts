import { StoreError, type StoreErrorReason } from '../../model/store.ts'
import type { Answer } from '../http/http-client.ts'

const ADDRESS_HINT =
  'check the address of the store: a single node is http://HOST:8428, a cluster needs writeUrl (…/insert/0/prometheus) and readUrl (…/select/0/prometheus)'

/** An answer that is not what was asked for, as a `StoreError`. `ambiguous` says what a write of it may have done. */
export function explainAnswer(answer: Answer, body: string): StoreError {
  const { reason, hint, said = '', ambiguous = false } = judge(answer, body)
  const text = `${answer.asked}: ${answer.status}${said}${excerpt(answer, body)}`
  return new StoreError(reason, text, { hint, ambiguous })
}

interface Judgement {
  readonly reason: StoreErrorReason
  readonly hint: string
  /** What the answer does not say itself. */
  readonly said?: string
  readonly ambiguous?: boolean
}

function judge(answer: Answer, body: string): Judgement {
  const { status } = answer
  if (status === 401 || status === 403 || (status === 400 && /auth token|authorization/i.test(body)))
    return { reason: 'unauthorized', ...describeLogin(answer) }
  if (/read-only mode/i.test(body))
    return { reason: 'read-only', hint: 'the store’s disk is nearly full: free some of it, or give it a larger one' }
  if (status >= 500 && /vmstorage|storage node|storageNode/i.test(body))
    return {
      reason: 'unavailable',
      ambiguous: true,
      hint: 'a storage node of the cluster is away: bring it back; nothing is read from half of them',
    }
  if (status === 429) return { reason: 'unavailable', hint: 'the store is busy; it will be asked again' }
  // Only the store's own word tells that it did nothing: a proxy may say 503 of a request that it has passed on.
  const ambiguous = !OWN_REFUSAL.test(body)
  if (status >= 500 || status === 408)
    return { reason: 'unavailable', ambiguous, hint: 'look at the log of the store, or of the proxy before it' }
  if (status >= 400) return { reason: 'rejected', hint: limitHint(status, body) ?? schemeHint(body) ?? ADDRESS_HINT }
  if (status >= 300) return { reason: 'rejected', ...describeRedirect(answer) }
  return { reason: 'bad-answer', ambiguous: true, hint: ADDRESS_HINT }
}

/** Of VictoriaMetrics, whose queue of writes was full for too long. */
const OWN_REFUSAL = /cannot handle more than \d+ concurrent inserts/i

const LOGIN_KEYS = {
  none: 'give it in the configuration: store.username and store.passwordFile, or store.tokenFile',
  password: 'correct store.username, and store.password or what is in store.passwordFile',
  token: 'correct store.token, or what is in store.tokenFile',
  header: 'correct Authorization in store.headers',
}

function describeLogin({ status, login }: Answer): Pick<Judgement, 'said' | 'hint'> {
  const hint = LOGIN_KEYS[login ?? 'none']
  if (login !== undefined) return { said: ': the login that was given is refused', hint }
  if (status === 403) return { said: ': refused; no login is given', hint: `where it wants a login, ${hint}` }
  return { said: ': it wants a login; none is given', hint }
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

function schemeHint(body: string): string | undefined {
  if (!/HTTP request (?:was sent )?to (?:an )?HTTPS (?:server|port)/i.test(body)) return undefined
  return 'this port speaks https: write https:// in the address of the store'
}

/** Redirects are not followed: a write would become a question. */
function describeRedirect({ header, redact }: Answer): Pick<Judgement, 'said' | 'hint'> {
  const location = header('location')
  if (location === undefined) return { hint: ADDRESS_HINT }
  const target = redact(location).slice(0, 200)
  const base = /^(https?:\/\/.*?)\/(?:api\/v1|metrics|internal|snapshot)\b/.exec(target)?.[1]
  return {
    said: `: it leads to ${target}`,
    hint:
      base === undefined
        ? `redirects are not followed: give the store’s own address, without what leads elsewhere (such as a page to log in)`
        : `redirects are not followed: give that address, ${base}, in place of the one in the configuration`,
  }
}

/** The cause stands at the end of what VictoriaMetrics says, behind our own question: both ends are kept. */
const [HEAD, TAIL] = [80, 220]
const [MAX_QUOTED, SHOWN_QUOTED] = [60, 30]

/** The answer's own words, short and on one line. */
export function excerpt({ redact }: Pick<Answer, 'redact'>, body: string): string {
  if (/^\s*</.test(body)) return ': a web page'
  const text = withoutQuestion(redact(errorIn(body)))
    .replace(/\s+/g, ' ')
    .trim()
  if (text === '') return ''
  return `: ${text.length > HEAD + TAIL ? `${text.slice(0, HEAD)} … ${text.slice(-TAIL)}` : text}`
}

/** Of an answer in JSON, the text that is the error. */
function errorIn(body: string): string {
  try {
    const parsed: unknown = JSON.parse(body)
    if (typeof parsed === 'object' && parsed && 'error' in parsed && typeof parsed.error === 'string')
      return parsed.error
  } catch {
    // It is plain text, or was cut.
  }
  return body
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
