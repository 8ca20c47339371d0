import type { DeviceStatus } from '../model/device.ts'
import { MinuteState, seriesKey } from '../model/series.ts'
import { StoreError, type StoreStatus } from '../model/store.ts'
import { HOUR_MS, formatMinute } from '../model/time-window.ts'
import { silentLog } from '../runtime/log.ts'
import { explain } from '../runtime/errors.ts'
import { count } from './words.ts'
import { openSession } from './open-session.ts'
import { describeSoonDropped, warnBeyondRetention } from './retention.ts'
import type { Session, SyncContext } from './session.ts'
import { adviseQueue, describeQueue, describeRefused, describeThinning } from './settle-store.ts'
import { SyncError } from './sync-error.ts'
import { windowOf } from './target.ts'

/** No log of an IoTaWatt begins earlier. */
const OLDEST_LOG_MS = Date.UTC(2015, 0)

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
  if (status.buffers && !status.deduplicates)
    findings.push({
      verdict: allowDuplicates ? 'WARN' : 'BAD',
      subject,
      message: `${describeQueue(status)}, and deduplication is not known to be on: ${adviseQueue(status)}`,
    })
  else if (status.refusedPaths)
    findings.push({
      verdict: 'WARN',
      subject,
      message: `${describeRefused(status.refusedPaths)}: how long it keeps samples, and whether it was restarted, cannot be seen; let this program through to it`,
    })
  if (status.retainsFromMs !== undefined)
    findings.push({
      verdict: 'GOOD',
      subject,
      message:
        status.retainsFromMs < OLDEST_LOG_MS
          ? 'it keeps everything'
          : `it keeps samples since ${formatMinute(status.retainsFromMs)}`,
    })
  return findings
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
  const dropped = describeSoonDropped({ ...session.storeStatus, wantedFromMs: fromMs }, session.clock.nowMs())
  for (const message of dropped === undefined ? warnings : [...warnings, dropped])
    findings.push({ verdict: 'WARN', subject, message })
  if (session.failedChannels.length > 0)
    findings.push({ verdict: 'BAD', subject, message: `not copied: ${session.failedChannels.join(', ')}` })
  return findings
}
