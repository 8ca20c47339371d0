import * as z from 'zod'
import { StoreError, type Durability, type StoreStatus } from '../../model/store.ts'
import { askAgain } from './ask-again.ts'
import type { Answer, Ask, Connection } from './connection.ts'
import { explainAnswer } from './explain-answer.ts'
import { dateMs, parseJson, type Surroundings } from './questions.ts'
import { readText } from './read-body.ts'
import { readFacts, type StoreFacts } from './read-flags.ts'

/** What only a single node that lets us near can do: tell of itself, flush, and take a snapshot. */
export interface NodeAdmin {
  status(signal: AbortSignal): Promise<StoreStatus>
  settle(signal: AbortSignal): Promise<void>
  persist(signal: AbortSignal): Promise<Durability>
  /** How long a write that was cut off may still be carried out; 0 when that would do no harm. */
  settlesInMs(): number
  /** Asks what `settlesInMs` needs, once; silent when it is not told. */
  prepare(signal: AbortSignal): Promise<void>
}

interface WholeAnswer {
  readonly answer: Answer
  readonly text: string
}

/** Everything is visible after a flush, else (measured on all versions) within 4 s. */
const VISIBLE_MS = 5_000
const DEFAULT_QUEUE_MS = 60_000
const QUEUE_MARGIN_MS = 10_000
const QUICK_MS = 10_000

const [METRICS, FORCE_FLUSH] = ['/metrics', '/internal/force_flush']

const successSchema = z.object({ status: z.literal('success') })
const snapshotSchema = z.object({ status: z.literal('ok'), snapshot: z.string().min(1) })

export function administer(connection: Connection, surroundings: Surroundings): NodeAdmin {
  const { clock, log } = surroundings
  let facts: StoreFacts | undefined
  let mayFlush: boolean | undefined = connection.isCluster ? false : undefined
  let isPrepared = connection.isCluster
  let takesWrites = false

  const send = (ask: Ask, signal: AbortSignal) => connection.exchange(ask, { read: readWhole, signal })
  const get = (path: string): Ask => ({ to: 'read', method: 'GET', path })

  /** An answer in which the store is not failing; whether it is what was wanted is the caller's to see. */
  function sendSafely(ask: Ask, signal: AbortSignal): Promise<WholeAnswer> {
    const once = async () => {
      const whole = await send(ask, signal)
      if (whole.answer.status >= 500 || whole.answer.status === 429) throw explainAnswer(whole.answer, whole.text)
      return whole
    }
    return askAgain(once, { ...surroundings, signal })
  }

  async function status(signal: AbortSignal): Promise<StoreStatus> {
    if (connection.isCluster) return { ...clockOf(await requireStore(signal)), buffers: true }
    const { answer, text } = await sendSafely(get(METRICS), signal)
    facts = answer.status === 200 ? readFacts(text) : undefined
    isPrepared = true
    // Its metrics may be open to everybody where questions and writes want a login.
    if (!facts || !takesWrites) await requireStore(signal)
    if (!facts) {
      const isFlushed = await flush(signal)
      const refusedPaths = [...(isOfQueue(text) ? [] : [METRICS, ...(isFlushed ? [] : [FORCE_FLUSH])])]
      return { ...clockOf(answer), buffers: !isFlushed, ...(refusedPaths.length > 0 && { refusedPaths }) }
    }
    const queueMs = facts.isFull ? settlesInMs() : 0
    return {
      ...clockOf(answer),
      ...statusOf(facts, dateMs(answer) ?? clock.nowMs()),
      ...(queueMs > 0 && { queueMs }),
      buffers: false,
    }
  }

  /** Any server answers something; only a VictoriaMetrics, or a way to one, answers a question and takes an empty write. */
  async function requireStore(signal: AbortSignal): Promise<Answer> {
    const asked = await sendSafely(get('/api/v1/query?query=1&nocache=1'), signal)
    if (asked.answer.status !== 200 || !successSchema.safeParse(parseJson(asked.text)).success)
      throw explainStranger(asked)
    if (takesWrites) return asked.answer
    const written = await sendSafely({ to: 'write', method: 'POST', path: '/api/v1/import', body: '' }, signal)
    if (written.answer.status !== 204) throw explainStranger(written)
    takesWrites = true
    return asked.answer
  }

  async function flush(signal: AbortSignal): Promise<boolean> {
    if (mayFlush === false) return false
    const { answer, text } = await sendSafely(get(FORCE_FLUSH), signal)
    mayFlush = answer.status === 200 && text.trim() === ''
    return mayFlush
  }

  async function settle(signal: AbortSignal): Promise<void> {
    if (!(await flush(signal))) await clock.sleep(VISIBLE_MS, signal)
  }

  async function persist(signal: AbortSignal): Promise<Durability> {
    if (connection.isCluster) {
      await forgetAnswers(signal)
      return 'later'
    }
    const { answer, text } = await send(get('/snapshot/create'), signal)
    const made = snapshotSchema.safeParse(parseJson(text))
    if (answer.status !== 200 || !made.success) return 'later'
    await removeSnapshot(made.data.snapshot)
    return 'durable'
  }

  /** A cluster keeps its answers to dashboards for good, though older samples came meanwhile; a single node sees that by itself. */
  async function forgetAnswers(signal: AbortSignal): Promise<void> {
    await send(
      { to: 'node', method: 'GET', path: '/internal/resetRollupResultCache', timeoutMs: QUICK_MS },
      signal,
    ).catch(() => signal.throwIfAborted())
  }

  /** Not cut short by the caller's signal: a snapshot that is left behind keeps its disk space for ever. */
  async function removeSnapshot(name: string): Promise<void> {
    const path = `/snapshot/delete?snapshot=${encodeURIComponent(name)}`
    const { answer, text } = await send({ ...get(path), timeoutMs: QUICK_MS }, new AbortController().signal).catch(
      (error: unknown) => ({ answer: undefined, text: String(error) }),
    )
    if (answer?.status !== 200 || !text.includes('ok'))
      log.warn(`The store did not delete its snapshot ${name}; it keeps disk space until somebody does`)
  }

  async function prepare(signal: AbortSignal): Promise<void> {
    if (isPrepared) return
    isPrepared = true
    try {
      const { answer, text } = await send({ ...get(METRICS), timeoutMs: QUICK_MS }, signal)
      facts = answer.status === 200 ? readFacts(text) : undefined
    } catch {
      signal.throwIfAborted()
    }
  }

  function settlesInMs(): number {
    return (facts?.dedupIntervalMs ?? 0) > 0 ? 0 : (facts?.maxQueueMs ?? DEFAULT_QUEUE_MS) + QUEUE_MARGIN_MS
  }

  return {
    status,
    settle,
    persist,
    prepare,
    settlesInMs,
  }
}

/** Who answers something else will do so again: it is the address that is wrong. */
function explainStranger({ answer, text }: WholeAnswer): StoreError {
  const error = explainAnswer(answer, text)
  if (error.reason !== 'bad-answer') return error
  return new StoreError('rejected', `${error.message}; this is no VictoriaMetrics`, {
    ...(error.hint !== undefined && { hint: error.hint }),
  })
}

/** Whether an agent, or a node of a cluster, answered of itself: it has no route of the others, and refuses nobody. */
function isOfQueue(metrics: string): boolean {
  return /^flag\{name="(?:remoteWrite\.url|storageNode)"/m.test(metrics)
}

async function readWhole(answer: Answer, body: AsyncIterable<Buffer>): Promise<WholeAnswer> {
  return { answer, text: await readText(answer, body) }
}

function clockOf(answer: Answer): { clockMs?: number } {
  const clockMs = dateMs(answer)
  return clockMs === undefined ? {} : { clockMs }
}

function statusOf(
  { retentionMs, maxBackfillAgeMs, dedupIntervalMs, startedAtMs, readOnly }: StoreFacts,
  nowMs: number,
) {
  const ages = [retentionMs, maxBackfillAgeMs].filter((ageMs) => ageMs !== undefined && ageMs > 0)
  return {
    ...(startedAtMs === undefined ? {} : { startedAtMs }),
    ...(ages.length === 0 ? {} : { retainsFromMs: Math.max(0, nowMs - Math.min(...ages.map(Number))) }),
    ...(dedupIntervalMs === undefined ? {} : { deduplicates: dedupIntervalMs > 0, keepsOneInMs: dedupIntervalMs }),
    ...(readOnly === undefined ? {} : { readOnly }),
  }
}
