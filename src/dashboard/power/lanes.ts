import type { Column, Power } from '../api/answers.ts'
import type { Misread } from '../page/read-query.tsx'
import type { Circuit, Group } from '../page/colours.ts'

/** At most so many circuits are drawn as lines of their own. */
export const MOST_LINES = 6

/** The channels of the address that are on; undefined for all. */
export function readChosen(query: URLSearchParams, groups: readonly Group[]): ReadonlySet<string> | undefined {
  const asked = query.get('ch')
  if (asked === null) return undefined
  const ids = groups.flatMap(({ circuits }) => circuits.map(({ id }) => id))
  const { known } = withoutNames(`,${asked},`, ids)
  return known.size === 0 ? undefined : known
}

/** Names of the address that are no circuit. */
export function misreadChannels(query: URLSearchParams, ids: readonly string[]): readonly Misread[] {
  const unread = withoutNames(`,${query.get('ch') ?? ''},`, ids).rest
  const names = unread.split(',').filter((name) => name !== '')
  return names.map((found) => ({ key: 'ch', found, expected: 'a circuit of this house' }))
}

/** A name may hold commas: the longest is taken out first. */
function withoutNames(text: string, ids: readonly string[]) {
  const known = new Set<string>()
  let rest = text
  for (const id of ids.toSorted((a, b) => b.length - a.length)) {
    if (!rest.includes(`,${id},`)) continue
    known.add(id)
    rest = rest.replace(`,${id},`, () => ',')
  }
  return { known, rest }
}

/** Switches some on or off; at least one stays. Undefined for all. */
export function toggle(
  chosen: ReadonlySet<string> | undefined,
  ids: readonly string[],
  all: readonly string[],
): ReadonlySet<string> | undefined {
  const before = chosen ?? new Set(all)
  const isOn = ids.every((id) => before.has(id))
  const after = new Set(isOn ? [...before].filter((id) => !ids.includes(id)) : [...before, ...ids])
  if (after.size === 0) return chosen
  return all.every((id) => after.has(id)) ? undefined : after
}

export interface Layer {
  readonly name: string
  readonly token: string
  /** Sums from the bottom up to and with this one. */
  readonly tops: Column
}

/**
 * The stack that explains the line of the house: Unmetered at the bottom, then the groups, the first on top. What is not
 * known of a point is left out of it, and the others lie on each other: a device that is off takes its own lanes alone.
 */
export function stackLayers(
  { channels, house }: Power,
  groups: readonly Group[],
  chosen: ReadonlySet<string> | undefined,
): readonly Layer[] {
  const length = house.house.length
  const isOn = ({ id }: Circuit) => chosen === undefined || chosen.has(id)
  const lanes = [
    ...(chosen === undefined ? [{ name: 'Unmetered', token: 'hatch', sums: clamped(house.unmetered) }] : []),
    ...groups
      .map(({ name, token, circuits }) => ({ name, token, on: circuits.filter(isOn) }))
      .filter(({ on }) => on.length > 0)
      .toReversed()
      .map(({ name, token, on }) => ({
        name,
        token,
        sums: sumOfKnown(
          on.map(({ id }) => channels[id] ?? []),
          length,
        ),
      })),
  ]
  let below: Column = Array.from({ length }, () => 0)
  return lanes
    .filter(({ sums }) => sums.some((watts) => watts !== null))
    .map(({ name, token, sums }) => {
      const under = below
      below = under.map((watts, index) => (watts ?? 0) + (sums[index] ?? 0))
      const tops = below
      return { name, token, tops: tops.map((watts, index) => (sums[index] == null ? null : watts)) }
    })
}

const clamped = (column: Column): Column => column.map((watts) => (watts === null ? null : Math.max(0, watts)))

/** Of those that are known; null where none is. */
export function sumOfKnown(columns: readonly Column[], length: number): Column {
  return Array.from({ length }, (_, index) => {
    const known = columns.flatMap((column) => column[index] ?? [])
    return known.length === 0 ? null : known.reduce((sum, watts) => sum + watts, 0)
  })
}

export function sumColumns(columns: readonly Column[], length: number): Column {
  return Array.from({ length }, (_, index) =>
    columns.reduce<number | null>((sum, column) => {
      const value = column[index] ?? null
      return sum === null || value === null ? null : sum + value
    }, 0),
  )
}

export interface Line {
  readonly id: string
  readonly colour: string
  /** The second of a hue. */
  readonly isDashed: boolean
  readonly watts: Column
}

/** Few picked circuits are lines, each in the hue of its group. */
export function pickedLines(
  { channels }: Power,
  groups: readonly Group[],
  chosen: ReadonlySet<string> | undefined,
): readonly Line[] | undefined {
  if (chosen === undefined || chosen.size > MOST_LINES) return undefined
  return groups.flatMap(({ token, circuits }) =>
    circuits
      .filter(({ id }) => chosen.has(id))
      .map(({ id, colour }, index) => ({
        id,
        colour: index > 1 ? colour : `var(--${token})`,
        isDashed: index % 2 === 1,
        watts: channels[id] ?? [],
      })),
  )
}
