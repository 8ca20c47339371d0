import { StoreError } from '../../model/store.ts'
import { withRetryAfter } from '../http/ask-again.ts'
import type { Answer } from '../http/answer.ts'
import { BUSY_HINT, errorText, type Judgement, judgeStatus } from '../http/explain-failure.ts'
import type { InfluxDbTarget } from './connection.ts'
import { identifier } from './influxql.ts'

/** An answer that is not what was asked for, as a `StoreError`. */
export function explainAnswer(answer: Answer, body: string, target: InfluxDbTarget): StoreError {
  // 2.x calls it `message`.
  const text = errorText(body, ['error', 'message'])
  const { reason, hint, said = '', ambiguous = false } = judgeText(text, target) ?? judge(answer, text)
  const message = `${answer.asked}: ${answer.status}${said}${excerpt(answer, text)}`
  return withRetryAfter(new StoreError(reason, message, { hint, ambiguous }), answer)
}

function judge(answer: Answer, text: string): Judgement {
  if (answer.status === 413) return { reason: 'rejected', hint: BODY_HINT }
  return judgeStatus(answer, text, { address: ADDRESS_HINT, login: LOGIN_HINTS[answer.login ?? 'none'] })
}

const ADDRESS_HINT = 'check the address of the store: InfluxDB listens on http://HOST:8086'

/** The error of a statement, which stands in an answer of 200. */
export function explainStatement(answer: Answer, text: string, target: InfluxDbTarget): StoreError {
  const { reason, hint } = judgeText(text, target) ?? { reason: 'rejected', hint: 'look at the log of the store' }
  return new StoreError(reason, `${answer.asked}${excerpt(answer, text)}`, { hint })
}

/** By the words of InfluxDB, which are the same with whatever status they come. */
function judgeText(text: string, target: InfluxDbTarget): Judgement | undefined {
  if (/database not found|bucket .*not found|default retention policy not set/i.test(text))
    return { reason: 'rejected', hint: creationHint(target) }
  if (/retention policy not found/i.test(text)) return { reason: 'rejected', hint: policyHint(target) }
  if (/not authorized|authorization failed|authentication|unauthorized|insufficient permissions/i.test(text))
    return { reason: 'unauthorized', hint: loginHint(target) }
  return LIMITS.find(({ words }) => words.test(text))
}

const BODY_HINT =
  'a limit of the store, or of a proxy before it, is too low: let it take 8 MB (max-body-size under [http]; nginx: client_max_body_size 8m)'

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
  { words: /request entity too large|body size|max-body-size/i, reason: 'rejected', hint: BODY_HINT },
  {
    words: /input (?:tag|field) "?time/i,
    reason: 'rejected',
    hint: 'InfluxDB takes no tag and no field of this name: give the label another one',
  },
  { words: /read-?only/i, reason: 'read-only', hint: 'the store takes no writes: is its disk full?' },
]

const LOGIN_HINTS = {
  none: 'give it in the configuration: of 1.x store.username and store.passwordFile, of 2.x store.tokenFile',
  password:
    'correct store.username, and store.password or what is in store.passwordFile; the user needs READ and WRITE on the database',
  token: 'correct store.token, or what is in store.tokenFile; it must read and write the bucket',
  header: ADDRESS_HINT,
}

function loginHint(target: InfluxDbTarget): string {
  if (target.version === '2.x') return LOGIN_HINTS.token
  return target.auth ? LOGIN_HINTS.password : LOGIN_HINTS.none
}

/** The line that makes what is not there. */
export function creationHint(target: InfluxDbTarget): string {
  if (target.version === '1.x')
    return `make it: influx -execute ${shellText(`CREATE DATABASE ${identifier(target.database)}`)}`
  const [bucket, organization] = [shellText(target.bucket), shellText(target.organization)]
  return `make it: influx bucket create -n ${bucket} -o ${organization}; and map a database to it, by the ID of the bucket: ${mappingLine(target)}`
}

export function mappingLine({ bucket, organization }: { bucket: string; organization: string }, id = 'ID'): string {
  return `influx v1 dbrp create --db ${shellText(bucket)} --rp autogen --default --bucket-id ${id} -o ${shellText(organization)}`
}

function policyHint(target: InfluxDbTarget): string {
  if (target.version === '2.x' || target.retentionPolicy === undefined) return creationHint(target)
  const [policy, database] = [identifier(target.retentionPolicy), identifier(target.database)]
  return `correct store.retentionPolicy or leave it out, or make it: influx -execute ${shellText(`CREATE RETENTION POLICY ${policy} ON ${database} DURATION INF REPLICATION 1`)}`
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
