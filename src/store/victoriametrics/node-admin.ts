import * as z from 'zod'
import { StoreError, type Durability, type StoreStatus } from '../../model/store.ts'
import { parseJson } from '../../runtime/parse-json.ts'
import type { Retried } from '../../runtime/retry.ts'
import { askAgain, type StoreDeps } from '../http/ask-again.ts'
import { type Answer, type CompleteAnswer, dateMs, readComplete } from '../http/answer.ts'
import type { Ask, Connection } from './connection.ts'
import { explainAnswer } from './explain-answer.ts'
import { readFacts, readSelectFacts, type SelectFacts, type StoreFacts } from './read-flags.ts'
import type { SnapshotJournal } from './snapshot-journal.ts'
import { keepSnapshots } from './snapshots.ts'

/** Everything is visible after a flush, else (measured on all versions, and on a cluster) within 4.1 s. */
const VISIBLE_MS = 5_000
const DEFAULT_QUEUE_MS = 60_000
const QUEUE_MARGIN_MS = 10_000
const QUICK_MS = 10_000
const METRICS_AGE_MS = 1_500
const LOOK_AGAIN_MS = 50
/** vminsert passes on what it has every 200 ms. */
const PASSED_ON_MS = 500
const RESET_PATH = '/internal/resetRollupResultCache'

const [METRICS, FORCE_FLUSH] = ['/metrics', '/internal/force_flush']

const successSchema = z.object({ status: z.literal('success') })

/** What only a single node that lets us near can do: tell of itself, flush, and take a snapshot. */
export function administer(connection: Connection, deps: StoreDeps & { readonly journal?: SnapshotJournal }) {
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
  const snapshots = keepSnapshots({ ...deps, send })

  /** An answer in which the store is not failing; whether it is what was asked for is the caller's to see. */
  function sendSafely(ask: Ask, signal: AbortSignal): Retried<CompleteAnswer> {
    const once = async () => {
      const answer = await send(ask, signal)
      if (answer.status >= 500 || answer.status === 429) throw explainAnswer(answer, answer.text)
      return answer
    }
    return askAgain(once, deps, signal)
  }

  /** What `read` takes out of the answer; undefined where there is none soon. */
  async function tryOnce<T>(ask: Ask, read: (text: string) => T, signal: AbortSignal): Promise<T | undefined> {
    try {
      const { status, text } = await send({ ...ask, timeoutMs: QUICK_MS }, signal)
      return status === 200 ? read(text) : undefined
    } catch {
      signal.throwIfAborted()
      return undefined
    }
  }

  async function status(signal: AbortSignal): Promise<StoreStatus> {
    if (connection.isCluster) {
      const answer = await requireStore(signal)
      return { ...clockOf(answer), ...clusterStatusOf(await askSelect(signal)), buffers: true }
    }
    snapshots.resume()
    const answer = await sendSafely(get(METRICS), signal)
    facts = answer.status === 200 ? readFacts(answer.text) : undefined
    isPrepared = true
    // Its metrics may be open to everybody where questions and writes want a login.
    if (!facts || !takesWrites) await requireStore(signal)
    if (!facts) {
      const isFlushed = await forceFlush(signal)
      const refusedPaths = isOfQueue(answer.text) ? [] : [METRICS, ...(isFlushed ? [] : [FORCE_FLUSH])]
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
    selectFacts = await tryOnce({ ...get(METRICS), to: 'node' }, readSelectFacts, signal)
    return selectFacts
  }

  /** Any server answers something; only a VictoriaMetrics, or a way to one, answers a question and takes an empty write. */
  async function requireStore(signal: AbortSignal): Promise<Answer> {
    const asked = await sendSafely(get('/api/v1/query?query=1&nocache=1'), signal)
    if (asked.status !== 200 || !successSchema.safeParse(parseJson(asked.text)).success) throw explainStranger(asked)
    if (takesWrites) return asked
    const written = await sendSafely({ to: 'write', method: 'POST', path: '/api/v1/import', body: '' }, signal)
    if (written.status !== 204) throw explainStranger(written)
    takesWrites = true
    return asked
  }

  async function forceFlush(signal: AbortSignal): Promise<boolean> {
    if (mayFlush === false) return false
    const { status, text } = await sendSafely(get(FORCE_FLUSH), signal)
    mayFlush = status === 200 && text.trim() === ''
    return mayFlush
  }

  async function flush(signal: AbortSignal): Promise<void> {
    const isFlushed = await (connection.storageNodes.length > 0 ? flushNodes : forceFlush)(signal)
    if (!isFlushed) await clock.sleep(VISIBLE_MS, signal)
  }

  async function flushNodes(signal: AbortSignal): Promise<boolean> {
    await clock.sleep(PASSED_ON_MS, signal)
    const isEmpty = (text: string) => text.trim() === ''
    const ask = (node: URL) => tryOnce({ ...get(FORCE_FLUSH), to: node }, isEmpty, signal)
    return (await Promise.all(connection.storageNodes.map(ask))).every((isFlushed) => isFlushed === true)
  }

  function flushWaits(): boolean {
    return mayFlush === false && connection.storageNodes.length === 0
  }

  /** Its metrics are up to a second old: only those that were made since the first look tell of all that came before it. */
  async function isUntouched(signal: AbortSignal): Promise<boolean> {
    let first: string | undefined
    for (let waitedMs = 0; waitedMs <= METRICS_AGE_MS; waitedMs += LOOK_AGAIN_MS) {
      const text = connection.isCluster ? undefined : await tryOnce(get(METRICS), (metrics) => metrics, signal)
      if (text === undefined || readFacts(text)?.isUntouched !== true) return false
      first ??= text
      if (text !== first) return true
      await clock.sleep(LOOK_AGAIN_MS, signal)
    }
    return false
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
      const isReset = await tryOnce({ ...get(RESET_PATH), to: node }, () => true, signal)
      if (isReset === undefined) failed.push(node.href)
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

  /** Asks what `mayLandForMs` needs, once; silent when it is not told. */
  async function prepare(signal: AbortSignal): Promise<void> {
    if (isPrepared) return
    isPrepared = true
    facts = (await tryOnce(get(METRICS), readFacts, signal)) ?? facts
  }

  /** How long a write that was cut off may still be executed; 0 when that would do no harm. */
  function mayLandForMs(): number {
    return (facts ?? selectFacts)?.dedupIntervalMs ? 0 : (facts?.maxQueueMs ?? DEFAULT_QUEUE_MS) + QUEUE_MARGIN_MS
  }

  return { status, flush, flushWaits, isUntouched, persist, close: snapshots.close, prepare, mayLandForMs }
}

/** Who answers something else will do so again: it is the address that is wrong. */
function explainStranger(answer: CompleteAnswer): StoreError {
  const error = explainAnswer(answer, answer.text)
  if (error.reason !== 'bad-answer') return error
  return new StoreError('rejected', `${error.message}; this is no VictoriaMetrics`, {
    ...(error.hint !== undefined && { hint: error.hint }),
  })
}

/** Whether an agent, or a node of a cluster, answered of itself: it has no route of the others, and refuses nobody. */
function isOfQueue(metrics: string): boolean {
  return /^flag\{name="(?:remoteWrite\.url|storageNode)"/m.test(metrics)
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
