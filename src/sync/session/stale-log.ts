import type { DeviceStatus } from '../../model/device.ts'
import { formatMinute, MINUTE_MS } from '../../model/time-window.ts'
import { formatSpan } from '../../runtime/plural.ts'
import type { SyncSettings } from './session.ts'

/** A device that measures writes into its log every few seconds; one that answers a long question, a little later. */
export const QUIET_LOG_MS = 5 * MINUTE_MS
/** After a start the first record takes some seconds; until then the newest is from before the device was off. */
const STARTING_MS = 2 * MINUTE_MS

/** Of what is logged of it, which varies. */
export const STALE_LOG = 'stale-log'
/** A log whose newest record is older has stopped, where the configuration does not say otherwise. */
const MAX_AGE_MS = 15 * MINUTE_MS

type LogTimes = Pick<DeviceStatus, 'startedAtMs' | 'clockMs' | 'newestMs' | 'isCard'>

/** How long ago, by its own clock, a device last wrote into its log. The log of a card has ended as it should: 0. */
export function logAgeMs({ startedAtMs, clockMs, newestMs, isCard = false }: LogTimes): number {
  if (isCard) return 0
  const ageMs = Math.max(0, clockMs - newestMs)
  const uptimeMs = Math.max(0, clockMs - startedAtMs)
  return uptimeMs < STARTING_MS ? Math.min(ageMs, uptimeMs) : ageMs
}

/** Why a device counts as failing though it answers; undefined while its log goes on. */
export function findStoppedLog(
  { deviceName, maxAgeMs = MAX_AGE_MS }: Pick<SyncSettings, 'deviceName' | 'maxAgeMs'>,
  status: LogTimes,
): string | undefined {
  return logAgeMs(status) > maxAgeMs ? describeStaleLog(deviceName, status) : undefined
}

/** What to say of a device that answers and has stopped logging; undefined while it logs. */
export function describeStaleLog(deviceName: string, status: LogTimes): string | undefined {
  const ageMs = logAgeMs(status)
  if (ageMs <= QUIET_LOG_MS) return undefined
  return (
    `${deviceName}: it answers, but its log ends at ${formatMinute(status.newestMs)}, ${formatSpan(ageMs)} ago by its own clock: nothing is being recorded; ` +
    'look at its message log and its SD card, and restart it'
  )
}
