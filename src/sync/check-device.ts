import type { DeviceStatus } from '../model/device.ts'
import { MinuteState, seriesKey } from '../model/series.ts'
import { StoreError, type StoreStatus } from '../model/store.ts'
import { HOUR_MS, formatMinute } from '../model/time-window.ts'
import { silentLog } from '../runtime/log.ts'
import { explain } from '../runtime/errors.ts'
import { count } from './words.ts'
import { openSession } from './open-session.ts'
import { warnBeyondRetention } from './retention.ts'
import type { Session, SyncContext } from './session.ts'
import { DEDUPLICATE_HINT, describeThinning } from './settle-store.ts'
import { SyncError } from './sync-error.ts'
import { windowOf } from './target.ts'

/** One line of a check. `subject` is what was looked at. */
export interface Finding {
  readonly verdict: 'GOOD' | 'WARN' | 'BAD'
  readonly subject: string
  readonly message: string
}

/** Looks at a device and at the store as a pass would, and writes nothing. */
export async function checkDevice(context: SyncContext, signal: AbortSignal): Promise<Finding[]> {
  const subject = context.settings.deviceName
  try {
    const session = await openSession({ ...context, log: silentLog }, signal)
    warnBeyondRetention(session)
    return [...describeSession(session), ...(await findDoubled(session, signal))]
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof StoreError) return [storeIsBad(error), ...(await checkAlone(context, signal))]
    const warnings = error instanceof SyncError ? error.warnings : []
    return [
      ...warnings.map((message) => ({ verdict: 'WARN', subject, message }) as const),
      { verdict: 'BAD', subject, message: explain(error) },
    ]
  }
}

/** What can be said of a device without the store. */
async function checkAlone({ device, settings }: SyncContext, signal: AbortSignal): Promise<Finding[]> {
  const subject = settings.deviceName
  try {
    return [describeDevice(subject, await device.status(signal))]
  } catch (error) {
    signal.throwIfAborted()
    return [{ verdict: 'BAD', subject, message: explain(error) }]
  }
}

function storeIsBad(error: unknown): Finding {
  return { verdict: 'BAD', subject: 'store', message: explain(error) }
}

export async function checkStore({ store, settings }: SyncContext, signal: AbortSignal): Promise<Finding[]> {
  try {
    return describeStore(store.name, await store.status(signal), settings)
  } catch (error) {
    signal.throwIfAborted()
    return [storeIsBad(error)]
  }
}

/** What the status of a store means for copying into it. */
export function describeStore(
  name: string,
  status: StoreStatus,
  { allowDuplicates }: { readonly allowDuplicates: boolean },
): Finding[] {
  const subject = 'store'
  const findings: Finding[] = [{ verdict: 'GOOD', subject, message: `${name} answers` }]
  if (status.readOnly)
    findings.push({
      verdict: 'BAD',
      subject,
      message: 'it is read-only: is its disk full? (-storage.minFreeDiskSpaceBytes)',
    })
  const thinning = describeThinning(status.keepsOneInMs ?? 0)
  if (thinning !== undefined) findings.push({ verdict: 'BAD', subject, message: thinning })
  findings.push(...describeDuplicates(status, allowDuplicates))
  if (status.ignoresAwayNodes !== undefined)
    findings.push({
      verdict: 'WARN',
      subject,
      message: `its vmselect runs with -replicationFactor=${status.ignoresAwayNodes + 1}: while a storage node is away it answers without what that node alone has, so minutes look missing and are written again; give this program a vmselect without that flag as store.readUrl`,
    })
  if (status.retainsFromMs !== undefined)
    findings.push({
      verdict: 'GOOD',
      subject,
      message: `it keeps samples since ${formatMinute(status.retainsFromMs)}`,
    })
  return findings
}

/** Where it cannot be seen whether the store deduplicates, the user's word counts. */
function describeDuplicates({ buffers, deduplicates }: StoreStatus, allowDuplicates: boolean): Finding[] {
  const subject = 'store'
  if (!buffers || deduplicates) return []
  if (deduplicates === undefined && allowDuplicates)
    return [
      { verdict: 'GOOD', subject, message: 'writes pass a queue; store.allowDuplicates says that it deduplicates' },
    ]
  const isOff = deduplicates === false ? 'deduplication is off' : 'deduplication is not known to be on'
  const message = `writes pass a queue, and ${isOff}: ${DEDUPLICATE_HINT}`
  return [{ verdict: allowDuplicates ? 'WARN' : 'BAD', subject, message }]
}

/** Two programs that write the same series show in what came last. */
async function findDoubled({ store, targets, settings }: Session, signal: AbortSignal): Promise<Finding[]> {
  const { untilMs } = windowOf(targets)
  const lastHour = { fromMs: untilMs - HOUR_MS, untilMs }
  const labels = targets.map((target) => target.labels)
  const coverages = await store.coverage(labels, lastHour, signal)
  const doubled = coverages.filter(({ minutes }) => minutes.includes(MinuteState.doubled)).length
  if (doubled === 0) return []
  const message = `minutes of the last hour are stored more than once in ${count(doubled, 'channel')}: does another program write them too? Every sum over them is too high; to see more: iotawatt-sync verify`
  return [{ verdict: 'WARN', subject: settings.deviceName, message }]
}

export function describeDevice(subject: string, { name, version, firstMs, newestMs }: DeviceStatus): Finding {
  const log = `log from ${formatMinute(firstMs)} to ${formatMinute(newestMs)}`
  return { verdict: 'GOOD', subject, message: `answers as ${name}, firmware ${version}, ${log}` }
}

function describeSession(session: Session): Finding[] {
  const { status, targets, positions, settings, warnings } = session
  const subject = settings.deviceName
  const { fromMs, untilMs } = windowOf(targets)
  const findings: Finding[] = [
    describeDevice(subject, status),
    {
      verdict: 'GOOD',
      subject,
      message: `${count(targets.length, 'channel')}, wanted from ${formatMinute(fromMs)} to ${formatMinute(untilMs)}; the store has ${targets.filter(({ labels }) => positions.has(seriesKey(labels))).length} of them`,
    },
  ]
  for (const message of warnings) findings.push({ verdict: 'WARN', subject, message })
  if (session.failedChannels.length > 0)
    findings.push({ verdict: 'BAD', subject, message: `not copied: ${session.failedChannels.join(', ')}` })
  return findings
}
