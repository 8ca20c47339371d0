import * as z from 'zod'
import { StoreError, type StoreStatus } from '../../model/store.ts'
import { parseJson } from '../../runtime/parse-json.ts'
import type { Retried } from '../../runtime/retry.ts'
import { type Answer, dateMs } from '../http/http-client.ts'
import { readText } from '../http/read-body.ts'
import { creationHint, explainAnswer, mappingLine } from './explain-answer.ts'
import { policiesOf } from './retention-policies.ts'
import type { Questions, Deps } from './questions.ts'

/** Asks what the store tells of itself. */
export function statusReader(
  questions: Questions,
  { clock }: Pick<Deps, 'clock'>,
): (signal: AbortSignal) => Promise<StoreStatus> {
  const { connection, tryAgain } = questions
  const { target } = connection
  // Its log is on the disk before it answers a write: no restart, seen or not, takes a sample away.
  const startedAtMs = clock.nowMs()
  let takesWrites = false

  function send(ask: typeof connection.get, path: string, signal: AbortSignal): Retried<CompleteAnswer> {
    const read = async (answer: Answer, body: AsyncIterable<Buffer>) => {
      const text = await readText(answer, body)
      if (answer.status >= 300) throw explainAnswer(answer, text, target)
      return { answer, text }
    }
    return tryAgain(() => ask(path, { read, signal }), signal)
  }

  /** Of 2.x, whose InfluxQL says of every bucket that it keeps all. */
  async function bucketAge(organization: string, bucket: string, signal: AbortSignal): Promise<Kept> {
    const query = new URLSearchParams({ org: organization, name: bucket })
    const { answer, text } = await send(connection.get, `/api/v2/buckets?${query.toString()}`, signal)
    const found = bucketsSchema.safeParse(parseJson(text)).data?.buckets.find(({ name }) => name === bucket)
    if (!found)
      throw new StoreError(
        'rejected',
        `${connection.address}: there is no bucket ${bucket} in ${organization}, or the token may not read it`,
        {
          hint: creationHint(target),
        },
      )
    const policies = await policiesOf(questions, signal)
    if (!policies.some(({ isDefault }) => isDefault))
      throw new StoreError(
        'rejected',
        `${connection.address}: no database is mapped to the bucket ${bucket}, so it cannot be asked by InfluxQL`,
        {
          hint: `map one: ${mappingLine({ bucket, organization }, found.id)}`,
        },
      )
    const expiring = found.retentionRules.filter(({ everySeconds }) => everySeconds > 0)
    return { answer, keepsMs: Math.min(...expiring.map(({ everySeconds }) => everySeconds * 1000)) }
  }

  async function policyAge(retentionPolicy: string | undefined, signal: AbortSignal): Promise<Kept> {
    const { answer } = await send(connection.get, '/ping', signal)
    const policies = await policiesOf(questions, signal)
    const policy = policies.find(({ name, isDefault }) =>
      retentionPolicy === undefined ? isDefault : name === retentionPolicy,
    )
    if (!policy) throw explainAnswer(answer, 'retention policy not found', target)
    // An empty write is refused as any other would be.
    if (!takesWrites) await send((lines, options) => connection.write(lines, options), '', signal)
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
      retainsFromMs: Math.max(0, (clockMs ?? clock.nowMs()) - keepsMs),
      deduplicates: true,
      buffers: false,
    }
  }
}

interface CompleteAnswer {
  readonly answer: Answer
  readonly text: string
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
