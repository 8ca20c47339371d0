import { channelName } from '../../config/device-schema.ts'
import type { DeviceChannel } from '../../model/device.ts'
import { UNITS, type Unit } from '../../model/unit.ts'

/** How a file names the channel: short where it is in watts. Undefined where the device cannot be asked for it. */
export function channelEntry({ name, unit }: DeviceChannel): string | { name: string; unit: Unit } | undefined {
  const known = UNITS.find((candidate) => candidate === unit.toLowerCase())
  if (known === undefined || !channelName.safeParse(name).success) return undefined
  return known === 'watts' ? name : { name, unit: known }
}
