import type { DeviceStatus } from '../../model/device.ts'
import { MinuteState } from '../../model/series.ts'
import { StoreError, type Store, type StoreStatus } from '../../model/store.ts'
import { formatMinute, HOUR_MS, OLDEST_MS } from '../../model/time-window.ts'
import { explain } from '../../runtime/errors.ts'
import { silentLog } from '../../runtime/log.ts'
import { plural } from '../../runtime/plural.ts'
import { adviseQueue, describeQueue, describeRefused, describeThinning } from '../session/flush-store.ts'
import { openSession } from '../session/open-session.ts'
import { isAskable, isWattInput } from '../session/resolve-targets.ts'
import { describeSoonDropped, warnBeyondRetention } from '../session/retention.ts'
import type { Session, SyncContext, SyncSettings } from '../session/session.ts'
import { describeStaleLog, findStoppedLog } from '../session/stale-log.ts'
import { adviceOf } from '../session/store-advice.ts'
import { SyncError } from '../session/sync-error.ts'
import { labelsOf, windowOf } from '../session/target.ts'

/** One line of a check. `subject` is what was looked at. */
export interface Finding {
  readonly verdict: 'GOOD' | 'WARN' | 'BAD'
  readonly subject: string
  readonly message: string
}

/** What a check found of a device, and the look at both sides that it took; none where that failed. */
export interface DeviceCheck {
  readonly findings: readonly Finding[]
  readonly session: Session | undefined
}

/** Looks at a device and at the store as a sync would, and writes nothing. */
export async function checkDevice(context: SyncContext, signal: AbortSignal): Promise<Finding[]> {
  return [...(await inspectDevice(context, signal)).findings]
}

export async function inspectDevice(context: SyncContext, signal: AbortSignal): Promise<DeviceCheck> {
  const subject = context.settings.deviceName
  // Whether each channel can be asked for is not left to the first sync cycle to find out.
  context.memory.attempt.doubtsColumns = true
  try {
    const session = await openSession({ ...context, log: silentLog }, signal)
    warnBeyondRetention(session)
    const looked = [...describeSession(session), ...(await checkRival(context, signal))]
    return { session, findings: [...looked, ...(await findDuplicates(session, signal))] }
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof StoreError)
      return { session: undefined, findings: [storeIsBad(error), ...(await checkAlone(context, signal))] }
    const logged = error instanceof SyncError ? error : { warnings: [], failures: new Set<string>() }
    const findings = logged.warnings.map((message) => toFinding(subject, message, logged.failures))
    return { session: undefined, findings: [...findings, { verdict: 'BAD', subject, message: explain(error) }] }
  }
}

function toFinding(subject: string, message: string, failures: ReadonlySet<string>): Finding {
  return { verdict: failures.has(message) ? 'BAD' : 'WARN', subject, message }
}

/** What is known of a device without the store. */
async function checkAlone({ device, settings, identities }: SyncContext, signal: AbortSignal): Promise<Finding[]> {
  const subject = settings.deviceName
  try {
    const status = await device.status(signal)
    const warnings = (await identities?.judge(subject, status, signal)) ?? []
    return [
      describeDevice(subject, status),
      ...warnings.map((message): Finding => ({ verdict: 'WARN', subject, message })),
      ...describeLog(settings, status),
    ]
  } catch (error) {
    signal.throwIfAborted()
    return [{ verdict: 'BAD', subject, message: explain(error) }]
  }
}

function describeLog(settings: SyncSettings, status: DeviceStatus): Finding[] {
  const message = describeStaleLog(settings.deviceName, status)
  if (message === undefined) return []
  const verdict = findStoppedLog(settings, status) === undefined ? 'WARN' : 'BAD'
  return [{ verdict, subject: settings.deviceName, message }]
}

/** What `sync`, `load` and `run` would refuse the device for. */
async function checkRival({ settings, findRival }: SyncContext, signal: AbortSignal): Promise<Finding[]> {
  const rival = await findRival?.(signal)
  return rival ? [{ verdict: 'BAD', subject: settings.deviceName, message: explain(rival) }] : []
}

function storeIsBad(error: unknown): Finding {
  return { verdict: 'BAD', subject: 'store', message: explain(error) }
}

/** What a check found of the store, and why it could not look at it. */
export interface StoreCheck {
  readonly findings: readonly Finding[]
  readonly error?: StoreError
}

export async function checkStore({ store, settings }: SyncContext, signal: AbortSignal): Promise<StoreCheck> {
  try {
    return { findings: describeStore(store, await store.status(signal), settings) }
  } catch (error) {
    signal.throwIfAborted()
    return { findings: [storeIsBad(error)], ...(error instanceof StoreError && { error }) }
  }
}

/** What the status of a store means for copying into it. */
export function describeStore(
  store: Pick<Store, 'name' | 'advice'>,
  status: StoreStatus,
  { allowDuplicates }: { readonly allowDuplicates: boolean },
): Finding[] {
  const subject = 'store'
  const answers = status.isYetToBeMade ? 'is not there yet: the first copy makes it' : 'answers'
  const findings: Finding[] = [{ verdict: 'GOOD', subject, message: `${store.name} ${answers}` }]
  if (status.readOnly)
    findings.push({ verdict: 'BAD', subject, message: `it is read-only: ${adviceOf(store).freeSpace}` })
  const thinning = describeThinning(store, status.keepsOneInMs ?? 0)
  if (thinning !== undefined) findings.push({ verdict: 'BAD', subject, message: thinning })
  findings.push(...describeDuplicates(store, status, allowDuplicates))
  if (status.ignoresAwayNodes !== undefined)
    findings.push({ verdict: 'WARN', subject, message: adviceOf(store).seeAllNodes(status.ignoresAwayNodes) })
  if (status.retainsFromMs !== undefined) {
    const isAll = status.retainsFromMs < OLDEST_MS
    const kept = isAll ? 'it keeps everything' : `it keeps samples since ${formatMinute(status.retainsFromMs)}`
    findings.push({ verdict: 'GOOD', subject, message: kept })
  }
  return findings
}

/** Where it cannot be seen whether the store deduplicates, the user's word counts. */
function describeDuplicates(store: Pick<Store, 'advice'>, status: StoreStatus, allowDuplicates: boolean): Finding[] {
  const subject = 'store'
  const { buffers, deduplicates, refusedPaths } = status
  if (!buffers || deduplicates) {
    if (!refusedPaths) return []
    const message = `${describeRefused(refusedPaths)}: how long it keeps samples, and whether it was restarted, cannot be seen; let this program through to it`
    return [{ verdict: 'WARN', subject, message }]
  }
  if (deduplicates === undefined && allowDuplicates && !refusedPaths) {
    const message = 'writes pass a queue; store.allowDuplicates says that it deduplicates'
    return [{ verdict: 'GOOD', subject, message }]
  }
  const isOff = deduplicates === false ? 'deduplication is off' : 'deduplication is not known to be on'
  const message = `${describeQueue(status)}, and ${isOff}: ${adviseQueue(store, status)}`
  return [{ verdict: allowDuplicates ? 'WARN' : 'BAD', subject, message }]
}

/** Two programs that write the same series show in what came last. */
async function findDuplicates({ store, targets, settings }: Session, signal: AbortSignal): Promise<Finding[]> {
  const { untilMs } = windowOf(targets)
  const lastHour = { fromMs: untilMs - HOUR_MS, untilMs }
  const coverages = await store.coverage(labelsOf(targets), lastHour, signal)
  const duplicated = coverages.filter(({ minutes }) => minutes.includes(MinuteState.duplicate)).length
  if (duplicated === 0) return []
  const message = `minutes of the last hour are stored more than once in ${plural(duplicated, 'channel')}: does another program write them too? Every sum over them is too high; to see more: iotawatt-sync verify`
  return [{ verdict: 'WARN', subject: settings.deviceName, message }]
}

export function describeDevice(subject: string, { name, version, firstMs, newestMs }: DeviceStatus): Finding {
  const who = name === '' ? 'answers' : `answers as ${name}`
  const log = `log from ${formatMinute(firstMs)} to ${formatMinute(newestMs)}`
  return { verdict: 'GOOD', subject, message: `${who}, firmware ${version}, ${log}` }
}

function describeSession(session: Session): Finding[] {
  const { status, targets, positions, settings, warnings, failures } = session
  const subject = settings.deviceName
  const { fromMs, untilMs } = windowOf(targets)
  const log = describeLog(settings, status)
  const logged = warnings.filter((message) => !log.some((finding) => finding.message === message))
  const soonDropped = describeSoonDropped(
    { ...session.storeStatus, expectedFromMs: fromMs },
    { nowMs: session.clock.nowMs(), store: session.store },
  )
  const storedCount = targets.filter(({ key }) => positions.has(key)).length
  const expected = `${plural(targets.length, 'channel')}, expected from ${formatMinute(fromMs)} to ${formatMinute(untilMs)}; the store has ${storedCount} of them`
  return [
    describeDevice(subject, status),
    { verdict: 'GOOD', subject, message: expected },
    ...log,
    ...logged.map((message) => toFinding(subject, message, failures)),
    ...(soonDropped === undefined ? [] : [toFinding(subject, soonDropped, failures)]),
    ...describeLeftOut(session),
  ]
}

const MAX_NAMED = 5

/** A list of channels in the configuration leaves out what was connected later. */
function describeLeftOut({ listed, settings }: Session): Finding[] {
  const { channels, deviceName: subject } = settings
  if (!channels) return []
  const copied = new Set(channels.map(({ name }) => name))
  const left = listed.filter((channel) => isWattInput(channel) && isAskable(channel) && !copied.has(channel.name))
  if (left.length === 0) return []
  const names = left.slice(0, MAX_NAMED).map(({ name }) => name)
  const more = left.length > MAX_NAMED ? `, and ${left.length - MAX_NAMED} more` : ''
  const [what, it] = left.length === 1 ? ['1 input in watts is', 'it'] : [`${left.length} inputs in watts are`, 'them']
  const message = `${what} not copied: ${names.join(', ')}${more}; to copy ${it}: name ${it} under channels, or leave channels out for every input in watts`
  return [{ verdict: 'WARN', subject, message }]
}
