import { StoreError, type StoreErrorReason } from '../../model/store.ts'
import { BusyError, readRetryAfter } from '../http/ask-again.ts'
import type { Answer } from '../http/http-client.ts'
import type { InfluxDbTarget } from './influxdb-options.ts'

interface Judgement {
  readonly reason: StoreErrorReason
  readonly hint: string
  /** A write of it may have been executed, or will be. */
  readonly ambiguous?: boolean
  /** What the answer does not say itself. */
  readonly said?: string
}

const ADDRESS_HINT = 'check the address of the store: InfluxDB listens on http://HOST:8086'
const BUSY_HINT = 'the store is busy; it will be asked again'

/** An answer that is not what was asked for, as a `StoreError`. */
export function explainAnswer(answer: Answer, body: string, target: InfluxDbTarget): StoreError {
  const text = errorIn(body)
  const { reason, hint, said = '', ambiguous = false } = judgeText(text, target) ?? judgeStatus(answer, text)
  const error = new StoreError(reason, `${answer.asked}: ${answer.status}${said}${excerpt(answer, text)}`, {
    hint,
    ambiguous,
  })
  const retryAfterMs = readRetryAfter(answer.header('retry-after'))
  return retryAfterMs === undefined ? error : new BusyError(error, retryAfterMs)
}

/** The error of a statement, which stands in an answer of 200. */
export function explainStatement(answer: Answer, text: string, target: InfluxDbTarget): StoreError {
  const { reason, hint } = judgeText(text, target) ?? {
    reason: 'rejected',
    hint: 'look at the log of the store',
  }
  return new StoreError(reason, `${answer.asked}${excerpt(answer, text)}`, { hint })
}

/** By the words of InfluxDB, which are the same with whatever status they come. */
function judgeText(text: string, target: InfluxDbTarget): Judgement | undefined {
  if (/database not found|bucket .*not found|default retention policy not set/i.test(text))
    return { reason: 'rejected', hint: creationHint(target) }
  if (/retention policy not found/i.test(text)) return { reason: 'rejected', hint: policyHint(target) }
  if (/not authorized|authorization failed|authentication|unauthorized|insufficient permissions/i.test(text))
    return { reason: 'unauthorized', ...describeLogin(target) }
  return LIMITS.find(({ words }) => words.test(text))
}

const LIMITS: readonly (Judgement & { readonly words: RegExp })[] = [
  {
    words: /beyond retention policy/i,
    reason: 'rejected',
    hint: 'samples older than the retention policy are not kept: give it a longer duration (ALTER RETENTION POLICY … DURATION INF)',
  },
  {
    words: /field type conflict/i,
    reason: 'rejected',
    hint: 'another program writes this field as another type: name another one in store.field or store.measurement',
  },
  {
    words: /max-(?:series-per-database|values-per-tag)/i,
    reason: 'rejected',
    hint: 'a limit of the store is reached: raise max-series-per-database or max-values-per-tag under [data] of its configuration',
  },
  {
    words: /max-select-(?:point|series|buckets)/i,
    reason: 'rejected',
    hint: 'a limit of the store is too low for this: raise max-select-point, max-select-series and max-select-buckets under [coordinator] of its configuration, or set them to 0',
  },
  { words: /max-concurrent-queries|cache-max-memory-size|too many requests/i, reason: 'unavailable', hint: BUSY_HINT },
  {
    words: /query-timeout|query interrupted|query killed/i,
    reason: 'timeout',
    hint: 'the store ended this question itself: raise query-timeout under [coordinator] of its configuration',
  },
  {
    words: /request entity too large|body size|max-body-size/i,
    reason: 'rejected',
    hint: 'a limit of the store, or of a proxy before it, is too low: let it take 8 MB (max-body-size under [http]; nginx: client_max_body_size 8m)',
  },
  {
    words: /input (?:tag|field) "?time/i,
    reason: 'rejected',
    hint: 'InfluxDB takes no tag and no field of this name: give the label another one',
  },
  { words: /read-?only/i, reason: 'read-only', hint: 'the store takes no writes: is its disk full?' },
]

function judgeStatus(answer: Answer, text: string): Judgement {
  const { status } = answer
  if (status === 401 || status === 403) return { reason: 'unauthorized', ...describeRefusal(answer) }
  if (status === 413)
    return { reason: 'rejected', hint: LIMITS.find(({ words }) => words.test('body size'))?.hint ?? '' }
  if (status === 429) return { reason: 'unavailable', hint: BUSY_HINT }
  if (status >= 500 || status === 408)
    return { reason: 'unavailable', ambiguous: true, hint: 'look at the log of the store, or of the proxy before it' }
  if (/HTTP request (?:was sent )?to (?:an )?HTTPS (?:server|port)/i.test(text))
    return { reason: 'rejected', hint: 'this port speaks https: write https:// in the address of the store' }
  if (status >= 400) return { reason: 'rejected', hint: ADDRESS_HINT }
  if (status >= 300) return { reason: 'rejected', ...describeRedirect(answer) }
  return { reason: 'bad-answer', ambiguous: true, hint: ADDRESS_HINT }
}

function describeRefusal({ status, login }: Answer): Pick<Judgement, 'said' | 'hint'> {
  if (login !== undefined) return { said: ': the login that was given is refused', hint: LOGIN_HINTS[login] }
  return {
    said: status === 401 ? ': it wants a login; none is given' : ': refused; no login is given',
    hint: LOGIN_HINTS.none,
  }
}

const LOGIN_HINTS = {
  none: 'give it in the configuration: of 1.x store.username and store.passwordFile, of 2.x store.tokenFile',
  password:
    'correct store.username, and store.password or what is in store.passwordFile; the user needs READ and WRITE on the database',
  token: 'correct store.token, or what is in store.tokenFile; it must read and write the bucket',
  header: ADDRESS_HINT,
}

function describeLogin(target: InfluxDbTarget): Pick<Judgement, 'hint'> {
  if (target.version === '2.x') return { hint: LOGIN_HINTS.token }
  return { hint: target.auth ? LOGIN_HINTS.password : LOGIN_HINTS.none }
}

/** Redirects are not followed: a write would become a question. */
function describeRedirect({ header, redact }: Answer): Pick<Judgement, 'said' | 'hint'> {
  const location = header('location')
  if (location === undefined) return { hint: ADDRESS_HINT }
  return {
    said: `: it leads to ${redact(location).slice(0, 200)}`,
    hint: 'redirects are not followed: give the store’s own address, without what leads elsewhere (such as a page to log in)',
  }
}

/** The line that makes what is not there. */
export function creationHint(target: InfluxDbTarget): string {
  if (target.version === '1.x')
    return `make it: influx -execute ${shellText(`CREATE DATABASE ${quoted(target.database)}`)}`
  const [bucket, organization] = [shellText(target.bucket), shellText(target.organization)]
  return `make it: influx bucket create -n ${bucket} -o ${organization}; and map a database to it, by the ID of the bucket: ${mappingLine(target)}`
}

export function mappingLine({ bucket, organization }: { bucket: string; organization: string }, id = 'ID'): string {
  return `influx v1 dbrp create --db ${shellText(bucket)} --rp autogen --default --bucket-id ${id} -o ${shellText(organization)}`
}

function policyHint(target: InfluxDbTarget): string {
  if (target.version === '2.x' || target.retentionPolicy === undefined) return creationHint(target)
  const [policy, database] = [quoted(target.retentionPolicy), quoted(target.database)]
  return `correct store.retentionPolicy or leave it out, or make it: influx -execute ${shellText(`CREATE RETENTION POLICY ${policy} ON ${database} DURATION INF REPLICATION 1`)}`
}

function quoted(name: string): string {
  return `"${name.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}

function shellText(text: string): string {
  return /^[\w.-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}

const MAX_EXCERPT = 300

/** The answer's own words, short and on one line. */
export function excerpt({ redact }: Pick<Answer, 'redact'>, text: string): string {
  if (/^\s*</.test(text)) return ': a web page'
  const line = redact(text).replace(/\s+/g, ' ').trim()
  return line === '' ? '' : `: ${line.length > MAX_EXCERPT ? `${line.slice(0, MAX_EXCERPT)} …` : line}`
}

/** Of an answer in JSON, the text that is the error: 2.x calls it `message`. */
function errorIn(body: string): string {
  try {
    const parsed: unknown = JSON.parse(body)
    if (typeof parsed !== 'object' || parsed === null) return body
    if ('error' in parsed && typeof parsed.error === 'string') return parsed.error
    if ('message' in parsed && typeof parsed.message === 'string') return parsed.message
  } catch {
    // It is plain text, or was cut.
  }
  return body
}
