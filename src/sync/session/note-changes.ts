import type { DeviceStatus } from '../../model/device.ts'
import type { StoreStatus } from '../../model/store.ts'
import { DAY_MS, MINUTE_MS, formatMinute } from '../../model/time-window.ts'
import type { SyncContext } from './session.ts'
import { beginDeviceRun, beginStoreRun, forgetFormulas, forgetLog } from './sync-memory.ts'

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
