import type { DeviceConfig } from '../../config/config.ts'
import { channelName } from '../../config/device-schema.ts'
import { type Unit, UNIT_NAMES, UNITS } from '../../model/channel.ts'
import { type Device, type DeviceChannel, DeviceError, type DeviceStatus } from '../../model/device.ts'
import { isWattInput } from '../../sync/session/resolve-targets.ts'
import { type LastWeek, readLastWeek } from '../last-week.ts'
import { openDevice } from '../open-device.ts'
import type { Deps } from '../open-store.ts'

export interface DeviceInspection {
  readonly status: DeviceStatus
  readonly channels: readonly DeviceChannel[]
  readonly week: LastWeek
  /** Why there is nothing of the last week. */
  readonly weekProblem?: string
}

/** Somebody waits at the terminal. */
const PATIENCE = { connectTimeoutMs: 3_000, timeoutMs: 15_000 }

/** What a device says of itself. Throws `DeviceError`. */
export async function inspectDevice(config: DeviceConfig, deps: Deps, signal: AbortSignal): Promise<DeviceInspection> {
  const device = openDevice(config, PATIENCE, deps)
  try {
    const status = await device.status(signal)
    const channels = await device.listChannels(signal)
    return { status, channels, ...(await tryLastWeek(device, { status, channels }, signal)) }
  } finally {
    await device.close()
  }
}

/** Without it, names alone tell what the channels are. */
async function tryLastWeek(
  device: Device,
  { status, channels }: Pick<DeviceInspection, 'status' | 'channels'>,
  signal: AbortSignal,
): Promise<Pick<DeviceInspection, 'week' | 'weekProblem'>> {
  const inputs = channels.filter((channel) => channel.unit === UNIT_NAMES.watts && channel.kind !== 'output')
  const names = inputs.filter((channel) => channelEntry(channel) !== undefined).map(({ name }) => name)
  try {
    return { week: await readLastWeek(device, { ...status, names }, signal) }
  } catch (error) {
    if (!(error instanceof DeviceError)) throw error
    const weekProblem = `what it measured of late could not be read, so only names tell what its channels are: ${error.message}`
    return { week: { names, rows: [] }, weekProblem }
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

/** Those among them that `--channel` names; where that is none, the usual ones. */
export function chosenChannels(channels: readonly DeviceChannel[], named: readonly string[] = []): Set<string> {
  const known = channels.filter((channel) => named.includes(channel.name) && channelEntry(channel) !== undefined)
  return known.length === 0 ? usuallyCopied(channels) : new Set(known.map(({ name }) => name))
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
