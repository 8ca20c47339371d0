import type { Store, StoreStatus } from '../../model/store.ts'
import {
  DAY_MS,
  HOUR_MS,
  dayAfter,
  formatMinute,
  formatWindow,
  intersection,
  minuteCount,
} from '../../model/time-window.ts'
import { warnOnce, type Session, type SyncContext } from './session.ts'
import { adviceOf } from './store-advice.ts'
import { SyncError } from './sync-error.ts'
import { plural } from '../../runtime/plural.ts'

/** What is just inside the retention now may be outside when it is written. */
export const RETENTION_MARGIN_MS = HOUR_MS

/** From when on the store keeps samples: it reports it, or a probe has shown it; undefined: nobody knows. */
export function retainedFrom({ memory, clock }: SyncContext, { retainsFromMs }: StoreStatus): number | undefined {
  const keepsMs = memory.process.retention?.keepsMs
  return retainsFromMs ?? (keepsMs === undefined ? undefined : clock.nowMs() - keepsMs)
}

/** Says once that older minutes are left out, where that is so. */
export function warnBeyondRetention(session: Session): void {
  const { settings, beyondRetention } = session
  if (!beyondRetention) return
  warnOnce(
    session,
    `${settings.deviceName}: ${keepsNothingOlder(session)}, so older minutes are left out; to keep them, ${adviceOf(session.store).keepLonger} (at least ${neededDays(session, beyondRetention.fromMs)}d)`,
    'retention',
  )
}

/** @throws SyncError `retention` when some of what is asked for would be dropped. */
export function refuseBeyondRetention(session: Session, sinceMs = 0): void {
  if (!session.beyondRetention) return
  const { fromMs, untilMs } = session.beyondRetention
  const refused = intersection(session.beyondRetention, { fromMs: Math.max(fromMs, sinceMs), untilMs })
  if (minuteCount(refused) === 0) return
  const days = Math.ceil(minuteCount(refused) / 1440)
  const { keepLonger, keepsByDefault } = adviceOf(session.store)
  const byDefault = keepsByDefault === '' ? '' : `; ${keepsByDefault}`
  throw new SyncError(
    'retention',
    `${keepsNothingOlder(session)}: of ${session.settings.deviceName}, ${formatWindow(refused)} (${days} days) would be dropped silently`,
    {
      hint: `${keepLonger} (at least ${neededDays(session, refused.fromMs)}d${byDefault}), or load what it keeps: --since ${dayAfter(untilMs)}`,
    },
  )
}

/** Long enough to read of it in time. */
const SOON_MS = 90 * DAY_MS

/** What is still kept of what is expected, and will be dropped soon; undefined where nothing is. */
export function describeSoonDropped(
  { retainsFromMs, expectedFromMs }: Pick<StoreStatus, 'retainsFromMs'> & { readonly expectedFromMs: number },
  { nowMs, store }: { readonly nowMs: number; readonly store: Pick<Store, 'advice'> },
): string | undefined {
  if (retainsFromMs === undefined || retainsFromMs + RETENTION_MARGIN_MS >= expectedFromMs) return undefined
  const leftMs = expectedFromMs - retainsFromMs
  if (leftMs > SOON_MS) return undefined
  const days = (spanMs: number) => plural(Math.floor(spanMs / DAY_MS), 'day')
  return `the store keeps samples for ${days(nowMs - retainsFromMs)}, and the oldest expected ones are ${days(nowMs - expectedFromMs)} old: in ${leftMs < DAY_MS ? 'less than a day' : days(leftMs)} it begins to drop them; to keep them, ${adviceOf(store).keepLonger}`
}

function keepsNothingOlder({ store, storeStatus, beyondRetention }: Session): string {
  const olderMs = (beyondRetention?.untilMs ?? 0) - RETENTION_MARGIN_MS
  const seen = storeStatus.retainsFromMs === undefined ? ' (it dropped samples that were written to see that)' : ''
  return `${store.name} keeps nothing older than ${formatMinute(olderMs)}${seen}`
}

function neededDays({ clock }: Session, fromMs: number): number {
  return Math.ceil((clock.nowMs() - fromMs + RETENTION_MARGIN_MS) / DAY_MS)
}
