import { mayLookAtOnce, type Store, type StoreStatus } from '../../model/store.ts'
import { HOUR_MS, MINUTE_MS } from '../../model/time-window.ts'
import { timeLeft } from '../../runtime/clock.ts'
import type { StoreSession, SyncContext } from './session.ts'
import { adviceOf } from './store-advice.ts'
import { SyncError } from './sync-error.ts'

/** However long the queue of a store claims to be. */
const MAX_QUEUE_MS = HOUR_MS

/** For work that goes on after something else was done: a write of that may have failed. */
export async function flushAfterDoubt(session: StoreSession, signal: AbortSignal): Promise<void> {
  const { memory, clock } = session
  if (memory.doubts.hasForeignWrites || memory.doubts.ambiguousUntilMs > clock.nowMs())
    await flushStore(session, signal)
}

/** @throws SyncError where the store would not keep each minute once. */
export async function checkStore(context: Omit<SyncContext, 'device'>, signal: AbortSignal): Promise<StoreStatus> {
  const storeStatus = await context.store.status(signal)
  refuseDuplication(context, storeStatus)
  refuseThinning(context, storeStatus)
  return storeStatus
}

/** Only a flushed store can say that a minute is missing: waits for writes of unknown fate, then makes all visible. */
export async function flushStore(context: Omit<SyncContext, 'device'>, signal: AbortSignal): Promise<StoreStatus> {
  const storeStatus = await checkStore(context, signal)
  await flushChecked(context, storeStatus, signal)
  return storeStatus
}

/**
 * The same before something is copied. Where that takes its time and a minute that is written once more is kept once,
 * one that is still on its way may look missing.
 */
export async function flushToCopy(context: Omit<SyncContext, 'device'>, signal: AbortSignal): Promise<StoreStatus> {
  const storeStatus = await checkStore(context, signal)
  const mayWrite = context.claim !== undefined
  if (mayWrite && mayLookAtOnce(context.store, storeStatus, context.settings))
    context.memory.doubts.hasForeignWrites = false
  else await flushChecked(context, storeStatus, signal)
  return storeStatus
}

async function flushChecked(
  context: Omit<SyncContext, 'device'>,
  storeStatus: StoreStatus,
  signal: AbortSignal,
): Promise<void> {
  const { store, memory, clock } = context
  // What waited for its turn in a process that has ended will not be executed.
  const { startedAtMs = memory.storeRun.startedAtMs } = storeStatus
  const hasRestarted = memory.storeRun.startedAtMs !== undefined && startedAtMs !== memory.storeRun.startedAtMs
  if (!hasRestarted)
    await waitForWrites(context, timeLeft(clock.nowMs(), memory.doubts.ambiguousUntilMs, MAX_QUEUE_MS), signal)
  await store.flush(signal)
  if (memory.doubts.hasForeignWrites || storeStatus.startedAtMs !== memory.storeRun.startedAtMs)
    await flushThoroughly(context, signal)
}

/**
 * Another process, or a request that failed, may have written a moment ago what a first flush does not show yet. A
 * write of a process that has ended keeps its place in the queue of a store that is full.
 */
async function flushThoroughly(context: Omit<SyncContext, 'device'>, signal: AbortSignal): Promise<void> {
  const { store, memory, clock } = context
  // What only waiting shows, the first flush has waited for.
  const hasWaited = store.flushWaits?.() === true
  if (!hasWaited && store.visibleWithinMs !== undefined && !(await store.isUntouched?.(signal)))
    await clock.sleep(store.visibleWithinMs, signal)
  const { queueMs = 0 } = await store.status(signal)
  await waitForWrites(context, Math.min(queueMs, MAX_QUEUE_MS), signal)
  if (!hasWaited || queueMs > 0) await store.flush(signal)
  memory.doubts.hasForeignWrites = false
}

async function waitForWrites(
  { store, clock, settings, log }: Omit<SyncContext, 'device'>,
  waitMs: number,
  signal: AbortSignal,
): Promise<void> {
  if (waitMs <= 0) return
  log.info(
    `${settings.deviceName}: waiting ${Math.ceil(waitMs / 1000)} s, as ${store.name} may still execute a write that it did not answer`,
  )
  await clock.sleep(waitMs, signal)
}

function refuseThinning({ store }: Pick<SyncContext, 'store'>, { keepsOneInMs = 0 }: StoreStatus): void {
  const thinning = describeThinning(store, keepsOneInMs)
  if (thinning !== undefined) throw new SyncError('retention', `${store.name}: ${thinning}`)
}

/** Undefined while every minute is kept. */
export function describeThinning(store: Pick<Store, 'advice'>, keepsOneInMs: number): string | undefined {
  if (keepsOneInMs <= MINUTE_MS) return undefined
  return `it keeps one sample in ${keepsOneInMs / 1000} s, so most minutes would be lost: ${adviceOf(store).keepEveryMinute}`
}

function refuseDuplication({ store, settings }: Pick<SyncContext, 'store' | 'settings'>, status: StoreStatus): void {
  if (!status.buffers || status.deduplicates || settings.allowDuplicates) return
  throw new SyncError(
    'may-double',
    `${store.name}: ${describeQueue(status)}, so one that is repeated after a failure may be stored twice, and deduplication is not known to be on`,
    { hint: `${adviseQueue(store, status)}; or ${adviceOf(store).avoidQueue}` },
  )
}

/** Why a write that is repeated may be stored twice. */
export function describeQueue({ refusedPaths }: StoreStatus): string {
  return refusedPaths === undefined
    ? 'writes pass a queue (a cluster, an agent or a proxy)'
    : `${describeRefused(refusedPaths)}, so it is unknown whether writes pass a queue (of a cluster or an agent)`
}

export function adviseQueue(store: Pick<Store, 'advice'>, { refusedPaths }: StoreStatus): string {
  const flags = adviceOf(store).deduplicate
  return refusedPaths === undefined ? flags : `let this program through to ${refusedPaths.join(' and ')}, or ${flags}`
}

export function describeRefused(paths: readonly string[]): string {
  return `${paths.join(' and ')} ${paths.length === 1 ? 'was' : 'were'} refused, or answered by another program`
}
