import type { House, Power } from '../api/answers.ts'
import { pointStarts } from './points.ts'

/** Where a device has nothing of what others have. */
export interface SilentSpan {
  readonly device: string
  readonly fromMs: number
  readonly untilMs: number
  /** Whether it has nothing since. */
  readonly isOpen: boolean
}

/** A pass of one device comes a little later than that of another. */
const LEAST_MS = 10 * 60_000

export function silentSpans(power: Power, { channels }: Pick<House, 'channels'>): readonly SilentSpan[] {
  const starts = pointStarts(power)
  const devices = [...new Set(channels.map(({ device }) => device))]
  const known = new Map(devices.map((device) => [device, knownPoints(power, idsOf(channels, device), starts.length)]))
  const last = Math.max(...[...known.values()].map((column) => column.lastIndexOf(true)))
  return devices.flatMap((device) => {
    const column = (known.get(device) ?? []).slice(0, last + 1)
    return gapsOf(column)
      .map(({ from, until }) => ({
        device,
        fromMs: starts[from] ?? power.fromMs,
        untilMs: starts[until] ?? power.untilMs,
        isOpen: until > last,
      }))
      .filter(({ fromMs, untilMs }) => untilMs - fromMs >= LEAST_MS)
  })
}

const idsOf = (channels: House['channels'], device: string): readonly string[] =>
  channels.filter((channel) => channel.device === device).map(({ id }) => id)

function knownPoints({ channels }: Power, ids: readonly string[], length: number): readonly boolean[] {
  return Array.from({ length }, (_, index) => ids.some((id) => channels[id]?.[index] != null))
}

function gapsOf(known: readonly boolean[]): readonly { readonly from: number; readonly until: number }[] {
  const gaps: { from: number; until: number }[] = []
  known.forEach((isKnown, index) => {
    const last = gaps.at(-1)
    if (isKnown) return
    if (last?.until === index) last.until++
    else gaps.push({ from: index, until: index + 1 })
  })
  return gaps
}

/** The newest point of the house; where it is not known, or long ago, the newest of anything. */
export function newestPoint(power: Power): number {
  const lastOf = (column: readonly (number | null)[]) => column.findLastIndex((value) => value !== null)
  const starts = pointStarts(power)
  const house = lastOf(power.house.house)
  const any = Math.max(house, lastOf(power.house.solar), ...Object.values(power.channels).map(lastOf), 0)
  return house >= 0 && (starts[any] ?? 0) - (starts[house] ?? 0) <= LEAST_MS ? house : any
}
