import { formatOffset, standardOffsetMs } from '../../model/time-zone.ts'

/** What a device is set to; undefined where it does not tell. */
export interface DeviceClock {
  readonly name: string
  readonly standardOffsetMs?: number | undefined
}

export interface TimezoneProposal {
  /** Undefined: which it is cannot be told. */
  readonly timezone?: string
  readonly reason: string
}

/** The zone of the machine, where the devices agree with it; else the only one that they do agree with. */
export function proposeTimezone(machineZone: string, devices: readonly DeviceClock[], nowMs: number): TimezoneProposal {
  const other = disagreement(machineZone, devices, nowMs)
  if (other === undefined) return { timezone: machineZone, reason: 'that of this machine' }
  const fitting = Intl.supportedValuesOf('timeZone').filter((zone) => disagreement(zone, devices, nowMs) === undefined)
  const [only, ...more] = fitting
  if (only === undefined || more.length > 0) return { reason: other }
  return { timezone: only, reason: `the only one that fits: ${other}` }
}

/** That a device is set to another time; undefined where none is. Summer time is not compared. */
export function disagreement(timezone: string, devices: readonly DeviceClock[], nowMs: number): string | undefined {
  const offsetMs = standardOffsetMs(timezone, nowMs)
  const other = devices.find((device) => device.standardOffsetMs !== undefined && device.standardOffsetMs !== offsetMs)
  if (other?.standardOffsetMs === undefined) return undefined
  return `the standard time of ${timezone} is UTC${formatOffset(offsetMs)}, and ${other.name} is set to UTC${formatOffset(other.standardOffsetMs)}`
}
