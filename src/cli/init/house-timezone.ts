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
export function proposeTimezone(ofMachine: string, devices: readonly DeviceClock[], nowMs: number): TimezoneProposal {
  const machineZone = presentName(ofMachine)
  const other = findOther(machineZone, devices, nowMs)
  if (!other) return { timezone: machineZone, reason: 'that of this machine' }
  const [only, ...more] = Intl.supportedValuesOf('timeZone').filter((zone) => !findOther(zone, devices, nowMs))
  const why = `this machine is in ${machineZone}, and ${describeClock(other)}`
  return only === undefined || more.length > 0
    ? { reason: why }
    : { timezone: presentName(only), reason: `the only one that fits, as ${why}` }
}

/** Names under which `Intl` goes on listing zones that are called otherwise today. */
const PRESENT_NAMES: Readonly<Record<string, string>> = {
  'Africa/Asmera': 'Africa/Asmara',
  'America/Buenos_Aires': 'America/Argentina/Buenos_Aires',
  'America/Catamarca': 'America/Argentina/Catamarca',
  'America/Coral_Harbour': 'America/Atikokan',
  'America/Cordoba': 'America/Argentina/Cordoba',
  'America/Godthab': 'America/Nuuk',
  'America/Indianapolis': 'America/Indiana/Indianapolis',
  'America/Jujuy': 'America/Argentina/Jujuy',
  'America/Louisville': 'America/Kentucky/Louisville',
  'America/Mendoza': 'America/Argentina/Mendoza',
  'Asia/Calcutta': 'Asia/Kolkata',
  'Asia/Katmandu': 'Asia/Kathmandu',
  'Asia/Rangoon': 'Asia/Yangon',
  'Asia/Saigon': 'Asia/Ho_Chi_Minh',
  'Atlantic/Faeroe': 'Atlantic/Faroe',
  'Europe/Kiev': 'Europe/Kyiv',
  'Pacific/Ponape': 'Pacific/Pohnpei',
  'Pacific/Truk': 'Pacific/Chuuk',
}

function presentName(zone: string): string {
  return PRESENT_NAMES[zone] ?? zone
}

/** That a device is set to another time; undefined where none is. */
export function disagreement(timezone: string, devices: readonly DeviceClock[], nowMs: number): string | undefined {
  const other = findOther(timezone, devices, nowMs)
  const offset = formatOffset(standardOffsetMs(timezone, nowMs))
  return other && `the standard time of ${timezone} is UTC${offset}, and ${describeClock(other)}`
}

/** Summer time is not compared. */
function findOther(timezone: string, devices: readonly DeviceClock[], nowMs: number): DeviceClock | undefined {
  const offsetMs = standardOffsetMs(timezone, nowMs)
  return devices.find((device) => device.standardOffsetMs !== undefined && device.standardOffsetMs !== offsetMs)
}

function describeClock({ name, standardOffsetMs: offsetMs = 0 }: DeviceClock): string {
  return `${name} is set to UTC${formatOffset(offsetMs)}`
}
