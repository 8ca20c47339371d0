import { DeviceError } from '../model/device.ts'
import { seriesKey } from '../model/series.ts'
import { StoreError } from '../model/store.ts'
import { formatMinute } from '../model/time-window.ts'
import { silentLog } from '../runtime/log.ts'
import { explain } from '../runtime/errors.ts'
import { count } from './describe-pass.ts'
import { openSession } from './open-session.ts'
import { warnBeyondRetention } from './retention.ts'
import type { Session, SyncContext } from './session.ts'
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
    return describeSession(session)
  } catch (error) {
    signal.throwIfAborted()
    const blamed = error instanceof StoreError ? 'store' : subject
    const warnings = error instanceof SyncError ? error.warnings : []
    return [
      ...warnings.map((message) => ({ verdict: 'WARN', subject, message }) as const),
      { verdict: 'BAD', subject: blamed, message: explain(error) },
    ]
  }
}

export async function checkStore({ store, settings }: SyncContext, signal: AbortSignal): Promise<Finding[]> {
  const subject = 'store'
  try {
    const status = await store.status(signal)
    const findings: Finding[] = [{ verdict: 'GOOD', subject, message: `${store.name} answers` }]
    if (status.readOnly)
      findings.push({
        verdict: 'BAD',
        subject,
        message: 'it is read-only: is its disk full? (-storage.minFreeDiskSpaceBytes)',
      })
    if (status.buffers && !status.deduplicates)
      findings.push({
        verdict: settings.allowDuplicates ? 'WARN' : 'BAD',
        subject,
        message:
          'writes pass a queue, and deduplication is not known to be on: start the store with -dedup.minScrapeInterval=1ms and set store.allowDuplicates: true',
      })
    if (status.retainsFromMs !== undefined)
      findings.push({
        verdict: 'GOOD',
        subject,
        message: `it keeps samples since ${formatMinute(status.retainsFromMs)}`,
      })
    return findings
  } catch (error) {
    signal.throwIfAborted()
    const hint = error instanceof StoreError || error instanceof DeviceError ? '' : ' (unexpected)'
    return [{ verdict: 'BAD', subject, message: `${explain(error)}${hint}` }]
  }
}

function describeSession(session: Session): Finding[] {
  const { status, targets, positions, settings, warnings } = session
  const subject = settings.deviceName
  const { fromMs, untilMs } = windowOf(targets)
  const findings: Finding[] = [
    {
      verdict: 'GOOD',
      subject,
      message: `answers as ${status.name}, firmware ${status.version}, log from ${formatMinute(status.firstMs)} to ${formatMinute(status.newestMs)}`,
    },
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
