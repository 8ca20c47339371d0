import * as z from 'zod'
import { StoreError, type Durability, type StoreStatus } from '../../model/store.ts'
import { parseJson } from '../../runtime/parse-json.ts'
import type { Retried } from '../../runtime/retry.ts'
import { askAgain } from '../http/ask-again.ts'
import { type Answer, dateMs } from '../http/http-client.ts'
import { readText } from '../http/read-body.ts'
import type { Ask, Connection } from './connection.ts'
import { explainAnswer } from './explain-answer.ts'
import type { Deps } from './questions.ts'
import { readFacts, readSelectFacts, type SelectFacts, type StoreFacts } from './read-flags.ts'
import type { SnapshotJournal } from './snapshot-journal.ts'
import { keepSnapshots, type CompleteAnswer } from './snapshots.ts'

/** What only a single node that lets us near can do: tell of itself, flush, and take a snapshot. */
export interface NodeAdmin {
  status(signal: AbortSignal): Promise<StoreStatus>
  flush(signal: AbortSignal): Promise<void>
  persist(signal: AbortSignal): Promise<Durability>
  close(): Promise<void>
  /** How long a write that was cut off may still be executed; 0 when that would do no harm. */
  mayLandForMs(): number
  /** Asks what `mayLandForMs` needs, once; silent when it is not told. */
  prepare(signal: AbortSignal): Promise<void>
}

/** Everything is visible after a flush, else (measured on all versions) within 4 s. */
const VISIBLE_MS = 5_000
const DEFAULT_QUEUE_MS = 60_000
const QUEUE_MARGIN_MS = 10_000
const QUICK_MS = 10_000
const RESET_PATH = '/internal/resetRollupResultCache'

const [METRICS, FORCE_FLUSH] = ['/metrics', '/internal/force_flush']

const successSchema = z.object({ status: z.literal('success') })

export function administer(
  connection: Connection,
  { journal, ...deps }: Deps & { readonly journal?: SnapshotJournal },
): NodeAdmin {
  const { clock, log } = deps
  let facts: StoreFacts | undefined
  let mayFlush: boolean | undefined = connection.isCluster ? false : undefined
  let isPrepared = connection.isCluster
  let takesWrites = false
  let selectFacts: SelectFacts | undefined
  let hasAskedSelect = false
  let latestStartMs = -Infinity
  let hasManyNodes = false
  let hasWarnedStale = false

  const send = (ask: Ask, signal: AbortSignal) => connection.exchange(ask, { read: readComplete, signal })
  const get = (path: string): Ask => ({ to: 'read', method: 'GET', path })
  const snapshots = keepSnapshots({ ...deps, send, ...(journal && { journal }) })

  /** An answer in which the store is not failing; whether it is what was asked for is the caller's to see. */
  function sendSafely(ask: Ask, signal: AbortSignal): Retried<CompleteAnswer> {
    const once = async () => {
      const complete = await send(ask, signal)
      if (complete.answer.status >= 500 || complete.answer.status === 429)
        throw explainAnswer(complete.answer, complete.text)
      return complete
    }
    return askAgain(once, { ...deps, signal })
  }

  async function status(signal: AbortSignal): Promise<StoreStatus> {
    if (connection.isCluster) {
      const answer = await requireStore(signal)
      return { ...clockOf(answer), ...clusterStatusOf(await askSelect(signal)), buffers: true }
    }
    snapshots.resume()
    const { answer, text } = await sendSafely(get(METRICS), signal)
    facts = answer.status === 200 ? readFacts(text) : undefined
    isPrepared = true
    // Its metrics may be open to everybody where questions and writes want a login.
    if (!facts || !takesWrites) await requireStore(signal)
    if (!facts) {
      const isFlushed = await forceFlush(signal)
      const refusedPaths = isOfQueue(text) ? [] : [METRICS, ...(isFlushed ? [] : [FORCE_FLUSH])]
      return { ...clockOf(answer), buffers: !isFlushed, ...(refusedPaths.length > 0 && { refusedPaths }) }
    }
    const queueMs = facts.isFull ? mayLandForMs() : 0
    return {
      ...clockOf(answer),
      ...statusOf(facts, dateMs(answer) ?? clock.nowMs()),
      ...startOf(facts, answer),
      ...(queueMs > 0 && { queueMs }),
      buffers: facts.isPart,
    }
  }

  /** Known only where every restart would show: of one node, and not in the second in which it started. */
  function startOf({ startedAtMs, isPart }: StoreFacts, answer: Answer): { startedAtMs?: number } {
    if (startedAtMs === undefined || isPart) return {}
    // Who started before another one had started is not the same: several nodes answer in turn.
    if (startedAtMs < latestStartMs) hasManyNodes = true
    latestStartMs = Math.max(latestStartMs, startedAtMs)
    const isFirstSecond = Math.floor((dateMs(answer) ?? 0) / 1000) === Math.floor(startedAtMs / 1000)
    return hasManyNodes || isFirstSecond ? {} : { startedAtMs }
  }

  /** Its flags do not change while it runs; a way that does not lead there is tried once. */
  async function askSelect(signal: AbortSignal): Promise<SelectFacts | undefined> {
    if (hasAskedSelect) return selectFacts
    hasAskedSelect = true
    try {
      const { answer, text } = await send({ ...get('/metrics'), to: 'node', timeoutMs: QUICK_MS }, signal)
      selectFacts = answer.status === 200 ? readSelectFacts(text) : undefined
    } catch {
      signal.throwIfAborted()
    }
    return selectFacts
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

  async function forceFlush(signal: AbortSignal): Promise<boolean> {
    if (mayFlush === false) return false
    const { answer, text } = await sendSafely(get(FORCE_FLUSH), signal)
    mayFlush = answer.status === 200 && text.trim() === ''
    return mayFlush
  }

  async function flush(signal: AbortSignal): Promise<void> {
    if (!(await forceFlush(signal))) await clock.sleep(VISIBLE_MS, signal)
  }

  async function persist(signal: AbortSignal): Promise<Durability> {
    if (connection.isCluster) {
      await forgetAnswers(signal)
      return 'later'
    }
    return snapshots.take(signal)
  }

  /** A cluster keeps its answers to dashboards for good, though older samples came meanwhile; a single node sees that by itself. */
  async function forgetAnswers(signal: AbortSignal): Promise<void> {
    const failed: string[] = []
    for (const node of connection.cacheNodes) {
      const isReset = await send({ ...get(RESET_PATH), to: node, timeoutMs: QUICK_MS }, signal).then(
        ({ answer }) => answer.status === 200,
        () => {
          signal.throwIfAborted()
          return false
        },
      )
      if (!isReset) failed.push(node.href)
    }
    if (failed.length > 0 || connection.cacheNodes.length === 0) warnStale(failed)
  }

  function warnStale(failed: readonly string[]): void {
    if (hasWarnedStale) return
    hasWarnedStale = true
    const where = failed.length > 0 ? `at ${failed.join(', ')}` : 'as the address of vmselect is not known'
    log.warn(
      `The cache of the cluster was not reset ${where}: dashboards may not show what was backfilled. List each vmselect under store.cacheResetUrls and let ${RESET_PATH} pass, or start it with -search.disableCache`,
    )
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

  function mayLandForMs(): number {
    return (facts?.dedupIntervalMs ?? 0) > 0 ? 0 : (facts?.maxQueueMs ?? DEFAULT_QUEUE_MS) + QUEUE_MARGIN_MS
  }

  return {
    status,
    flush,
    persist,
    close: () => snapshots.close(),
    prepare,
    mayLandForMs,
  }
}

/** Who answers something else will do so again: it is the address that is wrong. */
function explainStranger({ answer, text }: CompleteAnswer): StoreError {
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

async function readComplete(answer: Answer, body: AsyncIterable<Buffer>): Promise<CompleteAnswer> {
  return { answer, text: await readText(answer, body) }
}

function clockOf(answer: Answer): { clockMs?: number } {
  const clockMs = dateMs(answer)
  return clockMs === undefined ? {} : { clockMs }
}

function statusOf({ retentionMs, maxBackfillAgeMs, dedupIntervalMs, readOnly }: StoreFacts, nowMs: number) {
  const ages = [retentionMs, maxBackfillAgeMs].filter((ageMs) => ageMs !== undefined && ageMs > 0)
  return {
    ...(ages.length === 0 ? {} : { retainsFromMs: Math.max(0, nowMs - Math.min(...ages.map(Number))) }),
    ...(dedupIntervalMs === undefined ? {} : { deduplicates: dedupIntervalMs > 0, keepsOneInMs: dedupIntervalMs }),
    ...(readOnly === undefined ? {} : { readOnly }),
  }
}

function clusterStatusOf(facts: SelectFacts | undefined): Partial<StoreStatus> {
  if (!facts) return {}
  const { dedupIntervalMs, replicationFactor } = facts
  return {
    ...(dedupIntervalMs !== undefined && { deduplicates: dedupIntervalMs > 0, keepsOneInMs: dedupIntervalMs }),
    ...(replicationFactor > 1 && { ignoresAwayNodes: replicationFactor - 1 }),
  }
}
