import type { Channel } from '../../model/channel.ts'
import { type DeviceChannel, DeviceError, type DeviceStatus } from '../../model/device.ts'
import { nearestName } from '../../model/nearest-name.ts'
import { seriesKey, type StoredSeries } from '../../model/series.ts'
import type { StoreStatus } from '../../model/store.ts'
import { ceilToMinute, floorToMinute, formatMinute, MINUTE_MS, type TimeWindow } from '../../model/time-window.ts'
import { plural } from '../../runtime/plural.ts'
import { columnKey, findRefused } from './find-refused.ts'
import { flushStore } from './flush-store.ts'
import { noteChanges } from './note-changes.ts'
import { refuseTargets } from './refuse-targets.ts'
import { type MismatchedChannel, resolveTargets } from './resolve-targets.ts'
import { retainedFrom, RETENTION_MARGIN_MS } from './retention.ts'
import { type Session, type SyncContext, warnOnce } from './session.ts'
import { describeStaleLog, findStoppedLog, STALE_LOG } from './stale-log.ts'
import { SyncError } from './sync-error.ts'
import { metricsOf, type Target, withExpectedFrom } from './target.ts'

const MAX_AHEAD_MS = 5 * MINUTE_MS

/** Looks at both sides: flushes the store, asks the device what it has, and finds the series of its channels. */
export async function openSession(context: SyncContext, signal: AbortSignal): Promise<Session> {
  const storeStatus = await flushStore(context, signal)
  const status = await context.device.status(signal)
  const statusAtMs = context.clock.nowMs()
  refuseFutureLog(context, status, storeStatus)
  const { deviceName } = context.settings
  const warnings: string[] = []
  const failures = new Set<string>()
  const say = (message: string, topic?: string) => warnOnce({ ...context, warnings }, message, topic)
  const fail = (message: string) => {
    failures.add(message)
    say(message)
  }
  for (const message of (await context.identities?.judge(deviceName, status, signal)) ?? []) say(message)
  await noteChanges(context, { status, storeStatus, say }, signal)
  const stoppedLog = findStoppedLog(context.settings, status)
  if (stoppedLog === undefined) noteStaleLog(context, { status, say })

  const logged = { fromMs: ceilToMinute(status.firstMs), untilMs: floorToMinute(status.newestMs) }
  const listed = await context.device.listChannels(signal)
  const resolved = resolveTargets(listed, logged, context.settings)
  for (const channel of resolved.unknown) say(describeUnknown(deviceName, channel, listed))
  const [unaskable, ...more] = resolved.unaskable
  if (unaskable)
    say(
      `${deviceName}: the channel "${unaskable.name}" is not copied${more.length > 0 ? `, nor ${plural(more.length, 'other')}` : ''}: ${unaskable.problem}; give it another name on the device`,
      'unaskable',
    )
  if (context.memory.attempt.doubtsColumns) await findRefused(context, { targets: resolved.targets, status }, signal)
  const answered = resolved.targets.filter(
    ({ column }) => !context.memory.deviceRun.refusedColumns.has(columnKey(column)),
  )
  const unanswered = resolved.targets.filter((target) => !answered.includes(target))
  for (const mismatch of resolved.mismatched) fail(describeMismatch(deviceName, mismatch))
  for (const { channel, column } of unanswered)
    fail(
      describeRefusal(deviceName, channel.name, context.memory.deviceRun.refusedColumns.get(columnKey(column)) ?? ''),
    )

  const { sinceMs = 0 } = context.settings
  if (sinceMs > status.newestMs)
    say(
      `${deviceName}: since: ${formatMinute(sinceMs)} is later than all that the device has (${formatMinute(status.newestMs)}), so nothing of it is copied; is it mistyped?`,
      'since',
    )
  const retained = clipToRetention(answered, retainedFrom(context, storeStatus))
  const stored = await findStored(context, { targets: retained.targets, logged }, signal)
  const refused = refuseTargets(context, retained.targets, stored)
  for (const why of new Set(refused.map(({ why }) => why))) fail(why)
  const failed = new Set(refused.map(({ target }) => target))
  const targets = retained.targets.filter((target) => !failed.has(target))
  const failedChannels = [...resolved.mismatched, ...unanswered, ...failed].map(({ channel }) => channel.name)
  if (targets.length === 0)
    throw noChannels(context, resolved.unknown.length + failedChannels.length, { warnings, failures })
  const expected = targets.map((target) => withExpectedFrom(target, context.memory.process.starts.get(target.key) ?? 0))
  const unknownChannels = resolved.unknown.map(({ name }) => name)
  context.memory.attempt.isStoreProven = false
  const clockAheadMs = status.clockMs - statusAtMs
  context.memory.shown.seen = {
    status,
    storeStatus,
    clockAheadMs,
    targets: expected,
    listedCount: listed.length,
    unknownChannels,
  }
  return {
    ...context,
    status,
    logged,
    storeStatus,
    listed,
    targets: expected,
    positions: new Map(stored.map(({ labels, positionMs }) => [seriesKey(labels), positionMs])),
    beyondRetention: retained.beyond,
    warnings,
    failedChannels,
    failures,
    unknownChannels,
    stoppedLog,
  }
}

function noteStaleLog(
  { memory, settings }: SyncContext,
  { status, say }: { status: DeviceStatus; say: (message: string, topic?: string) => void },
): void {
  const stale = describeStaleLog(settings.deviceName, status)
  if (stale === undefined) memory.process.logged.delete(STALE_LOG)
  else say(stale, STALE_LOG)
}

function describeUnknown(deviceName: string, { name }: Channel, listed: readonly DeviceChannel[]): string {
  const names = listed.map((channel) => channel.name)
  const nearest = nearestName(name, names)
  const meant = nearest === undefined ? '' : ` did you mean ${nearest}?`
  return `${deviceName}: the device has no channel ${name};${meant} to see what it has: iotawatt-sync channels ${deviceName}`
}

function describeMismatch(deviceName: string, { channel: { name, unit }, listed }: MismatchedChannel): string {
  const shown = /^[\w ]+$/.test(name) ? name : JSON.stringify(name)
  return `${deviceName}: ${name} is not copied: the device measures it in ${listed.unit}, and the configuration asks for ${unit}; write { name: ${shown}, unit: ${listed.unit.toLowerCase()} }`
}

function describeRefusal(deviceName: string, name: string, refusal: string): string {
  const logged = refusal.startsWith(`${deviceName}: `) ? refusal.slice(deviceName.length + 2) : refusal
  return `${deviceName}: ${name} is not copied: the device lists it, and refuses to answer for it: ${logged}`
}

/** A log ahead of our clock alone is our clock's fault; ahead of every clock it is the device's, and nothing of it is believed. */
function refuseFutureLog({ clock, settings }: SyncContext, status: DeviceStatus, storeStatus: StoreStatus): void {
  const latestMs = Math.max(clock.nowMs(), storeStatus.clockMs ?? 0)
  if (status.newestMs <= latestMs + MAX_AHEAD_MS) return
  throw new DeviceError(
    'clock',
    `${settings.deviceName}: its log says it is ${formatMinute(status.newestMs)}, which is ahead of the clock here (${formatMinute(latestMs)}); nothing of it is copied`,
    { hint: 'correct the clock of the device (it sets itself from the network), then try again' },
  )
}

function clipToRetention(
  targets: readonly Target[],
  retainsFromMs: number | undefined,
): { targets: readonly Target[]; beyond: TimeWindow | undefined } {
  if (retainsFromMs === undefined) return { targets, beyond: undefined }
  const limitMs = ceilToMinute(retainsFromMs + RETENTION_MARGIN_MS)
  const oldestMs = Math.min(...targets.map(({ expected }) => expected.fromMs))
  const isClipped = targets.some(({ expected }) => expected.fromMs < limitMs && expected.fromMs < expected.untilMs)
  return {
    targets: targets.map((target) => withExpectedFrom(target, Math.min(limitMs, target.expected.untilMs))),
    beyond: isClipped ? { fromMs: oldestMs, untilMs: limitMs } : undefined,
  }
}

function noChannels(
  { settings }: SyncContext,
  excludedCount: number,
  logged: { readonly warnings: readonly string[]; readonly failures: ReadonlySet<string> },
): SyncError {
  const why =
    excludedCount > 0
      ? `none of its ${excludedCount} configured channels can be copied`
      : 'no channels are configured, and it lists none that is known to be an input in watts'
  return new SyncError('no-channels', `${settings.deviceName}: ${why}`, {
    hint: `to see what the device has: iotawatt-sync channels ${settings.deviceName}`,
    ...logged,
  })
}

/** There was no IoTaWatt before. */
const OLDEST_MS = Date.UTC(2015, 0)
/** A log that ends earlier is not just waiting for its next minute. */
const BEHIND_MS = 10 * MINUTE_MS

/**
 * The series of the last days, and, where a channel has none there, those of all times: before the log of the device
 * begins, too, as it may have a new card, and after it ends, as the clock of the device may be behind. A channel that
 * nobody ever stored is looked for once a process.
 */
export async function findStored(
  { store, settings, memory, clock }: Pick<SyncContext, 'store' | 'settings' | 'memory' | 'clock'>,
  { targets, logged }: { targets: readonly Target[]; logged: TimeWindow },
  signal: AbortSignal,
): Promise<readonly StoredSeries[]> {
  const metrics = metricsOf(targets)
  const untilMs = logged.untilMs + MINUTE_MS
  const list = (window: TimeWindow) => store.listSeries({ metrics, device: settings.deviceName, window }, signal)
  const newer = clock.nowMs() - untilMs < BEHIND_MS ? [] : await list({ fromMs: untilMs, untilMs: clock.nowMs() })
  // No position of ours: copying goes on where the log of the device is.
  const others = newer.filter(({ labels }) => targets.every(({ key }) => key !== seriesKey(labels)))
  const search = async (fromMs: number) => [...(await list({ fromMs, untilMs })), ...others]
  const oldestMs = Math.min(...targets.map(({ expected }) => expected.fromMs), logged.untilMs)
  const recent = await search(Math.max(oldestMs, untilMs - settings.lookbackMs))
  const keys = new Set(recent.map(({ labels }) => seriesKey(labels)))
  if (targets.every(({ key }) => keys.has(key) || memory.storeRun.neverStored.has(key))) return recent
  const all = await search(OLDEST_MS)
  for (const { key, channel } of targets)
    if (!all.some(({ labels }) => labels['location'] === channel.location)) memory.storeRun.neverStored.add(key)
  return all
}
