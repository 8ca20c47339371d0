import type { Channel } from '../../model/channel.ts'
import { type DeviceChannel, DeviceError, type DeviceStatus, type Column } from '../../model/device.ts'
import { nearestName } from '../../model/nearest-name.ts'
import { seriesKey } from '../../model/series.ts'
import type { StoreStatus } from '../../model/store.ts'
import {
  ceilToMinute,
  floorToMinute,
  formatMinute,
  MINUTE_MS,
  type TimeWindow,
  DAY_MS,
} from '../../model/time-window.ts'
import { plural } from '../../runtime/plural.ts'
import { checkStore, flushToCopy } from './flush-store.ts'
import { findStored } from './find-stored.ts'
import { refuseTargets } from './refuse-targets.ts'
import { type MismatchedChannel, resolveTargets } from './resolve-targets.ts'
import { retainedFrom, RETENTION_MARGIN_MS } from './retention.ts'
import { type Session, type SyncContext, warnOnce } from './session.ts'
import { isUnchanged, lookShortly, mayLookShortly, type RecentMinutes } from './short-look.ts'
import { describeStaleLog, findStoppedLog, STALE_LOG } from './stale-log.ts'
import { SyncError } from './sync-error.ts'
import { type Target, withExpectedFrom } from './target.ts'
import { beginDeviceRun, beginStoreRun, forgetFormulas, forgetLog, type LastLook } from './sync-memory.ts'
import { explain } from '../../runtime/errors.ts'

const MAX_AHEAD_MS = 5 * MINUTE_MS

/** Says once what a person should know of; `topic` as `warnOnce` takes it. */
type Say = (message: string, topic?: string) => void

export interface OpenSession extends Session {
  /** What the store has of the last minutes, where it was asked for them alone; true until something is written. */
  readonly recent?: RecentMinutes
}

/**
 * Looks at both sides: flushes the store, asks the device what it has, and finds the series of its channels. With a
 * `look`, and while nothing has changed since, only for the minutes from `fromMs` on.
 */
export async function openSession(
  context: SyncContext,
  signal: AbortSignal,
  look?: LastLook & { readonly fromMs: number },
): Promise<OpenSession> {
  const tried = look && mayLookShortly(context, look) ? look : undefined
  let storeStatus = await (tried ? checkStore : flushToCopy)(context, signal)
  const { device, memory, settings, clock } = context
  const { deviceName, sinceMs = 0 } = settings
  const status = await device.status(signal)
  const last = tried && isUnchanged(context, tried, { status, storeStatus }) ? tried : undefined
  if (tried && !last) storeStatus = await flushToCopy(context, signal)
  const statusAtMs = clock.nowMs()
  refuseFutureLog(context, status, storeStatus)
  const warnings: string[] = []
  const failures = new Set<string>()
  const say: Say = (message, topic) => warnOnce({ ...context, warnings }, message, topic)
  const fail = (message: string) => {
    failures.add(message)
    say(message)
  }
  for (const message of (await context.identities?.judge(deviceName, status, signal)) ?? []) say(message)
  await noteChanges(context, { status, storeStatus, say }, signal)
  const stoppedLog = findStoppedLog(settings, status)
  if (stoppedLog === undefined) noteStaleLog(context, { status, say })

  const logged = { fromMs: ceilToMinute(status.firstMs), untilMs: floorToMinute(status.newestMs) }
  const listed = last?.listed ?? (await device.listChannels(signal))
  const resolved = resolveTargets(listed, logged, settings)
  for (const channel of resolved.unknown) say(describeUnknown(deviceName, channel, listed))
  const [unaskable, ...more] = resolved.unaskable
  if (unaskable)
    say(
      `${deviceName}: the channel "${unaskable.name}" is not copied${more.length > 0 ? `, nor ${plural(more.length, 'other')}` : ''}: ${unaskable.problem}; give it another name on the device`,
      'unaskable',
    )
  if (memory.attempt.doubtsColumns) await findRefused(context, { targets: resolved.targets, status }, signal)
  const { refusedColumns } = memory.deviceRun
  const answered = resolved.targets.filter(({ column }) => !refusedColumns.has(columnKey(column)))
  const unanswered = resolved.targets.filter((target) => !answered.includes(target))
  for (const mismatch of resolved.mismatched) fail(describeMismatch(deviceName, mismatch))
  for (const { channel, column } of unanswered)
    fail(describeRefusal(deviceName, channel.name, refusedColumns.get(columnKey(column)) ?? ''))

  if (sinceMs > status.newestMs)
    say(
      `${deviceName}: since: ${formatMinute(sinceMs)} is later than all that the device has (${formatMinute(status.newestMs)}), so nothing of it is copied; is it mistyped?`,
      'since',
    )
  const retained = clipToRetention(answered, retainedFrom(context, storeStatus))
  const tail = last && { look: last, targets: retained.targets, window: { ...logged, fromMs: last.fromMs } }
  const recent = tail && (await lookShortly(context, tail, signal))
  if (last && !recent) storeStatus = await flushToCopy(context, signal)
  const stored = recent
    ? recent.series.map(({ labels, timestampsMs }) => ({ labels, positionMs: timestampsMs.at(-1) ?? 0 }))
    : await findStored(context, { targets: retained.targets, logged }, signal)
  const refused = refuseTargets(context, retained.targets, stored)
  for (const why of new Set(refused.map(({ why }) => why))) fail(why)
  const failed = new Set(refused.map(({ target }) => target))
  const targets = retained.targets.filter((target) => !failed.has(target))
  const failedChannels = [...resolved.mismatched, ...unanswered, ...failed].map(({ channel }) => channel.name)
  if (targets.length === 0)
    throw noChannels(context, resolved.unknown.length + failedChannels.length, { warnings, failures })
  const expected = targets.map((target) => withExpectedFrom(target, memory.process.starts.get(target.key) ?? 0))
  const unknownChannels = resolved.unknown.map(({ name }) => name)
  memory.attempt.isStoreProven = false
  memory.shown.seen = {
    status,
    storeStatus,
    clockAheadMs: status.clockMs - statusAtMs,
    targets: expected,
    listedCount: listed.length,
    kinds: new Map(listed.map(({ name, kind }) => [name, kind])),
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
    ...(recent && { recent }),
  }
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

const SKEW_MS = 2 * MINUTE_MS

/** Warns of what changed on either side since this process last looked; forgets what is thereby no longer known. */
async function noteChanges(
  { device, memory, settings, clock }: SyncContext,
  { status, storeStatus, say }: { status: DeviceStatus; storeStatus: StoreStatus; say: Say },
  signal: AbortSignal,
): Promise<void> {
  const skewMs = status.clockMs - clock.nowMs()
  if (Math.abs(skewMs) > SKEW_MS)
    say(
      `${settings.deviceName}: its clock is ${formatSkew(skewMs)} the clock here; times are taken from its log`,
      'skew',
    )
  const movedMs = status.firstMs - (memory.deviceLog.firstRecordMs ?? status.firstMs)
  if (movedMs < 0 || movedMs > DAY_MS) {
    say(
      `${settings.deviceName}: its log now starts at ${formatMinute(status.firstMs)}: was its card replaced? minutes that only the store has are kept`,
    )
    forgetLog(memory)
  }
  if (memory.deviceRun.startedAtMs !== status.startedAtMs) {
    const before = memory.deviceLog.fingerprint
    const fingerprint = await device.configFingerprint(signal)
    if (before !== undefined && fingerprint !== undefined && before !== fingerprint) {
      forgetFormulas(memory)
      say(
        `${settings.deviceName}: its configuration changed (a name or a formula); what is stored of past minutes is kept as it is`,
      )
    }
    memory.deviceLog.fingerprint = fingerprint ?? before
    beginDeviceRun(memory, status.startedAtMs)
  }
  memory.deviceLog.firstRecordMs = status.firstMs
  if (memory.storeRun.startedAtMs !== storeStatus.startedAtMs) beginStoreRun(memory, storeStatus.startedAtMs)
}

function formatSkew(skewMs: number): string {
  const minutes = Math.round(Math.abs(skewMs) / MINUTE_MS)
  const span = minutes >= 2880 ? `${Math.round(minutes / 1440)} days` : `${minutes} min`
  return skewMs > 0 ? `${span} ahead of` : `${span} behind`
}

function noteStaleLog({ memory, settings }: SyncContext, { status, say }: { status: DeviceStatus; say: Say }): void {
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

/** Asks for a minute of every column, and of ever fewer where that is refused: two records to read for a question. */
async function findRefused(
  { device, memory }: SyncContext,
  { targets, status }: { targets: readonly Target[]; status: DeviceStatus },
  signal: AbortSignal,
): Promise<void> {
  const untilMs = floorToMinute(status.newestMs)
  const window = { fromMs: untilMs - MINUTE_MS, untilMs }
  if (window.fromMs < ceilToMinute(status.firstMs)) return
  const ask = async (columns: readonly Column[]): Promise<void> => {
    if (columns.length === 0) return
    try {
      await device.fetchRows({ columns, window, step: 'window' }, signal)
    } catch (error) {
      if (!(error instanceof DeviceError) || error.reason !== 'unknown-channel') throw error
      const [first] = columns
      const half = Math.ceil(columns.length / 2)
      if (columns.length === 1 && first) memory.deviceRun.refusedColumns.set(columnKey(first), explain(error))
      else for (const part of [columns.slice(0, half), columns.slice(half)]) await ask(part)
    }
  }
  await ask(targets.map(({ column }) => column))
  memory.attempt.doubtsColumns = false
}

function columnKey({ name, unit }: Pick<Column, 'name' | 'unit'>): string {
  return `${name}.${unit}`
}

function describeMismatch(deviceName: string, { channel: { name, unit }, listed }: MismatchedChannel): string {
  const shown = /^[\w ]+$/.test(name) ? name : JSON.stringify(name)
  return `${deviceName}: ${name} is not copied: the device measures it in ${listed.unit}, and the configuration asks for ${unit}; write { name: ${shown}, unit: ${listed.unit.toLowerCase()} }`
}

function describeRefusal(deviceName: string, name: string, refusal: string): string {
  const logged = refusal.startsWith(`${deviceName}: `) ? refusal.slice(deviceName.length + 2) : refusal
  return `${deviceName}: ${name} is not copied: the device lists it, and refuses to answer for it: ${logged}`
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
