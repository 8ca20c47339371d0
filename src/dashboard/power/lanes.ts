import type { Column, House, Power } from '../api/answers.ts'
import { sumKnown } from '../chart/lines.tsx'
import type { Misread } from '../page/read-query.tsx'
import { type Group, HUES, token } from '../page/colours.ts'
import { texts } from '../text/texts.ts'

/** At most so many circuits are drawn as lines of their own. */
const MOST_LINES = 6

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
  return names.map((found) => ({ key: 'ch', found, expected: texts.misread.circuit }))
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

/**
 * The stack that explains the line of the house: Unmetered at the bottom, then the groups, the first on top. What is not
 * known of a point is left out of it, and the others lie on each other: a device that is off takes its own lanes alone.
 * `tops` are the sums from the bottom up to and with each.
 */
export function stackLayers(
  { channels, house }: Power,
  groups: readonly Group[],
  chosen: ReadonlySet<string> | undefined,
) {
  const length = house.house.length
  const lanes = [
    ...(chosen === undefined ? [{ name: texts.unmetered, fill: 'hatch', sums: clamped(house.unmetered) }] : []),
    ...lanesOf(groups)
      .toReversed()
      .map(({ name, fill, ids }) => {
        const on = ids.filter((id) => chosen === undefined || chosen.has(id))
        return {
          name,
          fill,
          sums: sumOfKnown(
            on.map((id) => channels[id] ?? []),
            length,
          ),
        }
      }),
  ]
  let below: readonly number[] = Array.from({ length }, () => 0)
  return lanes
    .filter(({ sums }) => sums.some((watts) => watts !== null))
    .map(({ name, fill, sums }) => {
      below = below.map((watts, index) => watts + (sums[index] ?? 0))
      return { name, fill, tops: below.map((watts, index) => (sums[index] == null ? null : watts)) }
    })
}

/** One for each group; of a house without groups, one for each circuit. */
function lanesOf(groups: readonly Group[]) {
  const [first] = groups
  return groups.length === 1 && first
    ? first.circuits.map(({ id, colour }) => ({ name: id, fill: colour, ids: [id] }))
    : groups.map(({ name, token: hue, circuits }) => ({ name, fill: token(hue), ids: circuits.map(({ id }) => id) }))
}

/** Of a house without groups, each circuit in a hue of its own, as far as there are any. */
export function withOwnHues(groups: readonly Group[]): readonly Group[] {
  if (groups.length > 1) return groups
  return groups.map((group) => ({
    ...group,
    circuits: group.circuits.map((circuit, index) =>
      circuit.token === group.token ? { ...circuit, colour: ownHue(index) } : circuit,
    ),
  }))
}

function ownHue(index: number): string {
  const hue = token(HUES[index % HUES.length] ?? 'rest')
  const round = Math.floor(index / HUES.length)
  return round === 0 ? hue : `color-mix(in oklab, ${hue} ${Math.max(30, 100 - 25 * round)}%, var(--bg))`
}

const clamped = (column: Column): Column => column.map((watts) => (watts === null ? null : Math.max(0, watts)))

const sumOfKnown = (columns: readonly Column[], length: number): Column =>
  Array.from({ length }, (_, index) => sumKnown(columns.map((column) => column[index])))

/** All circuits together, as far as they are known. */
export function circuitsTogether(power: Power, { channels }: House): Column {
  const circuits = channels.filter(({ role }) => role === 'circuit').map(({ id }) => power.channels[id] ?? [])
  return sumOfKnown(circuits, power.house.house.length)
}

export interface Line {
  readonly id: string
  readonly name: string
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
  return groups.flatMap(({ circuits }) =>
    circuits
      .filter(({ id }) => chosen.has(id))
      .map(({ id, name, colour, token: own }, index) => ({
        id,
        name,
        colour: index > 1 || groups.length === 1 ? colour : token(own),
        isDashed: index % 2 === 1,
        watts: channels[id] ?? [],
      })),
  )
}
