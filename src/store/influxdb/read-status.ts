import * as z from 'zod'
import { type Store, StoreError } from '../../model/store.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../model/time-window.ts'
import { parseJson } from '../../runtime/parse-json.ts'
import type { Retried } from '../../runtime/retry.ts'
import { askAgain, type StoreDeps } from '../http/ask-again.ts'
import { type Answer, type CompleteAnswer, dateMs, readComplete } from '../http/answer.ts'
import { databaseOf } from './connection.ts'
import { creationHint, explainAnswer, mappingLine } from './explain-answer.ts'
import { identifier } from './influxql.ts'
import { cellsOf, type Questions, readTexts } from './questions.ts'

/** Asks what the store tells of itself. */
export function statusReader(questions: Questions, deps: StoreDeps): Store['status'] {
  const { connection } = questions
  const { target } = connection
  // Its log is on the disk before it answers a write: no restart, seen or not, takes a sample away.
  const startedAtMs = deps.clock.nowMs()
  let takesWrites = false

  function send(ask: typeof connection.get, path: string, signal: AbortSignal): Retried<CompleteAnswer> {
    const read = async (answer: Answer) => {
      const complete = await readComplete(answer)
      if (answer.status >= 300) throw explainAnswer(answer, complete.text, target)
      return complete
    }
    return askAgain(() => ask(path, { read, signal }), deps, signal)
  }

  /** Of 2.x, whose InfluxQL says of every bucket that it keeps all. */
  async function bucketAge(organization: string, bucket: string, signal: AbortSignal): Promise<Kept> {
    const query = new URLSearchParams({ org: organization, name: bucket })
    const answer = await send(connection.get, `/api/v2/buckets?${query.toString()}`, signal)
    const found = bucketsSchema.safeParse(parseJson(answer.text)).data?.buckets.find(({ name }) => name === bucket)
    if (!found)
      throw new StoreError(
        'rejected',
        `${connection.address}: there is no bucket ${bucket} in ${organization}, or the token may not read it`,
        { hint: creationHint(target) },
      )
    const policies = await policiesOf(questions, signal)
    if (!policies.some(({ isDefault }) => isDefault))
      throw new StoreError(
        'rejected',
        `${connection.address}: no database is mapped to the bucket ${bucket}, so it cannot be asked by InfluxQL`,
        { hint: `map one: ${mappingLine({ bucket, organization }, found.id)}` },
      )
    const expiring = found.retentionRules.filter(({ everySeconds }) => everySeconds > 0)
    return { answer, keepsMs: Math.min(...expiring.map(({ everySeconds }) => everySeconds * 1000)) }
  }

  async function policyAge(retentionPolicy: string | undefined, signal: AbortSignal): Promise<Kept> {
    const answer = await send(connection.get, '/ping', signal)
    const policy = (await policiesOf(questions, signal)).find(isOwn(retentionPolicy))
    if (!policy) throw explainAnswer(answer, 'retention policy not found', target)
    // An empty write is refused as any other would be.
    if (!takesWrites) await send(connection.write, '', signal)
    takesWrites = true
    return { answer, keepsMs: policy.durationMs === 0 ? Infinity : policy.durationMs }
  }

  return async (signal) => {
    const { answer, keepsMs } =
      target.version === '2.x'
        ? await bucketAge(target.organization, target.bucket, signal)
        : await policyAge(target.retentionPolicy, signal)
    const clockMs = dateMs(answer)
    return {
      startedAtMs,
      ...(clockMs !== undefined && { clockMs }),
      retainsFromMs: Math.max(0, (clockMs ?? deps.clock.nowMs()) - keepsMs),
      deduplicates: true,
      buffers: false,
    }
  }
}

interface Kept {
  readonly answer: Answer
  readonly keepsMs: number
}

const bucketsSchema = z.object({
  buckets: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      retentionRules: z.array(z.object({ everySeconds: z.number().min(0) })),
    }),
  ),
})

interface RetentionPolicy {
  readonly name: string
  /** 0: for ever. */
  readonly durationMs: number
  readonly isDefault: boolean
}

export async function policiesOf(questions: Questions, signal: AbortSignal): Promise<readonly RetentionPolicy[]> {
  const database = databaseOf(questions.connection.target)
  const rows = await questions.askRows([`SHOW RETENTION POLICIES ON ${identifier(database)}`], signal)
  return rows.flatMap((part) => {
    const durations = readTexts(part, 'duration')
    const defaults = cellsOf(part, 'default')
    return readTexts(part, 'name').map((name, index) => ({
      name,
      durationMs: readDuration(durations[index] ?? ''),
      isDefault: defaults[index] === true,
    }))
  })
}

/** Whether it is the one that is written to. */
export function isOwn(retentionPolicy: string | undefined): (policy: RetentionPolicy) => boolean {
  return ({ name, isDefault }) => (retentionPolicy === undefined ? isDefault : name === retentionPolicy)
}

const UNIT_MS: Readonly<Record<string, number>> = { w: 7 * DAY_MS, d: DAY_MS, h: HOUR_MS, m: MINUTE_MS, s: 1_000 }

/** `168h0m0s`, as Go writes it. */
function readDuration(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)([wdhms])/g)]
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text)
    throw new StoreError('bad-answer', `the store says that it keeps samples for ${JSON.stringify(text)}`)
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (UNIT_MS[unit ?? ''] ?? 0), 0)
}
