import type { ProposalChannel } from '../house/propose-house.ts'
import type { Device, DeviceStatus, Row } from '../model/device.ts'
import { DAY_MS, HOUR_MS } from '../model/time-window.ts'
import { readRows } from '../sync/copy/read-rows.ts'

/** What channels of a device measured, by hours: the columns of the rows, in their order. */
export interface LastWeek {
  readonly names: readonly string[]
  readonly rows: readonly Row[]
}

const DAYS = 7

/** One question, or two, to the device. Throws `DeviceError`. */
export async function readLastWeek(
  device: Device,
  { names, firstMs, newestMs }: Pick<DeviceStatus, 'firstMs' | 'newestMs'> & Pick<LastWeek, 'names'>,
  signal: AbortSignal,
): Promise<LastWeek> {
  const untilMs = Math.floor(newestMs / HOUR_MS) * HOUR_MS
  const fromMs = Math.max(Math.ceil(firstMs / HOUR_MS) * HOUR_MS, untilMs - DAYS * DAY_MS)
  if (names.length === 0 || fromMs >= untilMs) return { names, rows: [] }
  const columns = names.map((name) => ({ name, unit: 'watts', decimals: 0 }) as const)
  return { names, rows: await readRows(device, { columns, window: { fromMs, untilMs }, step: 'hour' }, signal) }
}

/** Channels of a device, with what it measured of them. */
export interface WeekOfChannels {
  readonly channels: readonly (ProposalChannel & { readonly name: string })[]
  readonly week: LastWeek
}

/** The channels of all devices, with the same hours of each: those before the newest row. */
export function withHours(devices: readonly WeekOfChannels[]): ProposalChannel[] {
  const newestMs = Math.max(...devices.flatMap(({ week }) => week.rows.at(-1)?.atMs ?? []))
  const hourCount = Number.isFinite(newestMs) ? DAYS * 24 : 0
  const timesMs = Array.from({ length: hourCount }, (_, hour) => newestMs - (hourCount - 1 - hour) * HOUR_MS)
  return devices.flatMap(({ channels, week: { names, rows } }) => {
    const byTime = new Map(rows.map(({ atMs, values }) => [atMs, values]))
    return channels.map(({ location, kind, name }) => {
      const column = names.indexOf(name)
      const hours = timesMs.map((atMs) => toWatts(byTime.get(atMs)?.[column]))
      return { location, kind, hours }
    })
  })
}

function toWatts(value: number | null | undefined): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}
