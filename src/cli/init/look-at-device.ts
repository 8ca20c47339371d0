import type { DeviceConfig } from '../../config/config.ts'
import { channelName } from '../../config/device-schema.ts'
import { type Unit, UNITS } from '../../model/channel.ts'
import type { DeviceChannel, DeviceStatus } from '../../model/device.ts'
import { isWattInput } from '../../sync/session/resolve-targets.ts'
import { openDevice } from '../open-device.ts'
import type { Deps } from '../open-store.ts'

export interface DeviceInspection {
  readonly status: DeviceStatus
  readonly channels: readonly DeviceChannel[]
}

/** Somebody waits at the terminal. */
const PATIENCE = { connectTimeoutMs: 3_000, timeoutMs: 15_000 }

/** What a device says of itself. Throws `DeviceError`. */
export async function inspectDevice(config: DeviceConfig, deps: Deps, signal: AbortSignal): Promise<DeviceInspection> {
  const device = openDevice(config, PATIENCE, deps)
  try {
    return { status: await device.status(signal), channels: await device.listChannels(signal) }
  } finally {
    await device.close()
  }
}

/** The names of the channels that are copied unless somebody says otherwise. */
export function usuallyCopied(channels: readonly DeviceChannel[]): Set<string> {
  return new Set(
    channels
      .filter((channel) => isWattInput(channel) && channelEntry(channel) !== undefined)
      .map((channel) => channel.name),
  )
}

/** The device's own name as one that a configuration takes. */
export function ownName({ name }: DeviceStatus): string {
  const text = name.replace(/\p{C}/gu, '').trim().slice(0, 200).trim()
  return text === '' ? 'iotawatt' : text
}

/** How a file names the channel: short where it is in watts. Undefined where the device cannot be asked for it. */
export function channelEntry({ name, unit }: DeviceChannel): string | { name: string; unit: Unit } | undefined {
  const known = UNITS.find((candidate) => candidate === unit.toLowerCase())
  if (known === undefined || !channelName.safeParse(name).success) return undefined
  return known === 'watts' ? name : { name, unit: known }
}
