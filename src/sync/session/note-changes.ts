import type { DeviceStatus } from '../../model/device.ts'
import type { StoreStatus } from '../../model/store.ts'
import { DAY_MS, MINUTE_MS, formatMinute } from '../../model/time-window.ts'
import type { SyncContext } from './session.ts'

const SKEW_MS = 2 * MINUTE_MS

/** Warns of what changed on either side since this process last looked; forgets what is thereby no longer known. */
export async function noteChanges(
  { device, memory, settings, clock }: SyncContext,
  {
    status,
    storeStatus,
    say,
  }: { status: DeviceStatus; storeStatus: StoreStatus; say: (message: string, topic?: string) => void },
  signal: AbortSignal,
): Promise<void> {
  const skewMs = status.clockMs - clock.nowMs()
  if (Math.abs(skewMs) > SKEW_MS)
    say(
      `${settings.deviceName}: its clock is ${formatSkew(skewMs)} the clock here; times are taken from its log`,
      'skew',
    )
  const movedMs = status.firstMs - (memory.firstRecordMs ?? status.firstMs)
  if (movedMs < 0 || movedMs > DAY_MS) {
    say(
      `${settings.deviceName}: its log now starts at ${formatMinute(status.firstMs)}: was its card replaced? minutes that only the store has are kept`,
    )
    memory.outages.clear()
    memory.unusable.clear()
  }
  if (memory.storeStartedAtMs !== storeStatus.startedAtMs) {
    memory.seeded.clear()
    memory.neverStored.clear()
    memory.losses.clear()
  }
  if (memory.deviceStartedAtMs !== status.startedAtMs) {
    // It may have other firmware by now, and other names.
    memory.refusedColumns.clear()
    const fingerprint = await device.configFingerprint(signal)
    if (memory.fingerprint !== undefined && fingerprint !== undefined && memory.fingerprint !== fingerprint) {
      memory.unusable.clear()
      say(
        `${settings.deviceName}: its configuration changed (a name or a formula); what is stored of past minutes is kept as it is`,
      )
    }
    memory.fingerprint = fingerprint ?? memory.fingerprint
  }
  memory.firstRecordMs = status.firstMs
  memory.storeStartedAtMs = storeStatus.startedAtMs
  memory.deviceStartedAtMs = status.startedAtMs
}

function formatSkew(skewMs: number): string {
  const minutes = Math.round(Math.abs(skewMs) / MINUTE_MS)
  const span = minutes >= 2880 ? `${Math.round(minutes / 1440)} days` : `${minutes} min`
  return skewMs > 0 ? `${span} ahead of` : `${span} behind`
}
