import type { Compared, Consumer, House } from '../api/answers.ts'
import { colourGroups, token, type Circuit } from '../page/colours.ts'

export interface ConsumerRow {
  readonly name: string
  readonly colour: string
  /** Of the strip of hours. */
  readonly hue: string
  readonly wattHours: number | null
  /** What of it may be compared with the span before. */
  readonly compared: Compared | null
  readonly hours: readonly (number | null)[]
  readonly isUnmetered: boolean
  readonly parts: readonly ConsumerRow[]
}

export const BY_GROUPS = 'groups'
export const BY_CIRCUITS = 'circuits'
const UNMETERED = 'unmetered'

/** Rows by house group, by circuit, or by the value of a label; the greatest first, Unmetered last. */
export function groupConsumers(consumers: readonly Consumer[], house: House, by: string): readonly ConsumerRow[] {
  const circuits = colourGroups(house).flatMap((group) => group.circuits)
  const found = new Map(consumers.map((consumer) => [consumer.id, consumer]))
  const rows = circuits.flatMap((circuit) => {
    const consumer = found.get(circuit.id)
    return consumer ? [{ circuit, row: circuitRow(circuit, consumer) }] : []
  })
  const unmetered = found.get(UNMETERED)
  const rest = unmetered ? [unmeteredRow(unmetered)] : []
  if (by === BY_CIRCUITS)
    return [...bySize(rows.map(({ row, circuit }) => ({ ...row, colour: token(circuit.token) }))), ...rest]
  const labels = new Map(house.channels.map(({ id, labels: own }) => [id, own]))
  const nameOf = ({ id, group }: Circuit) => (by === BY_GROUPS ? group : (labels.get(id)?.[by] ?? 'without'))
  const names = [...new Set(rows.map(({ circuit }) => nameOf(circuit)))]
  const summed = names.map((name) =>
    sumRow(
      name,
      rows.filter(({ circuit }) => nameOf(circuit) === name),
    ),
  )
  return [...bySize(summed), ...rest]
}

function circuitRow({ id, colour, token: hue }: Circuit, consumer: Consumer): ConsumerRow {
  const { wattHours, hours } = consumer
  const compared = comparedRow(consumer)
  return { name: id, colour, hue: token(hue), wattHours, compared, hours, isUnmetered: false, parts: [] }
}

function comparedRow({ wattHours, beforeWattHours = null, compared }: Consumer): Compared | null {
  if (compared !== undefined) return compared
  return wattHours === null || beforeWattHours === null ? null : { wattHours, beforeWattHours }
}

function unmeteredRow(consumer: Consumer): ConsumerRow {
  const { wattHours, hours } = consumer
  return {
    name: 'Unmetered',
    colour: 'url(#hatch)',
    hue: token('rest'),
    wattHours,
    compared: comparedRow(consumer),
    hours,
    isUnmetered: true,
    parts: [],
  }
}

function sumRow(name: string, members: readonly { circuit: Circuit; row: ConsumerRow }[]): ConsumerRow {
  const hue = token(members[0]?.circuit.token ?? 'rest')
  const rows = members.map(({ row }) => row)
  return {
    name,
    colour: hue,
    hue,
    wattHours: sumKnown(rows.map(({ wattHours }) => wattHours)),
    compared: sumCompared(rows.map(({ compared }) => compared)),
    hours: Array.from({ length: 24 }, (_, hour) => sumKnown(rows.map(({ hours }) => hours[hour] ?? null))),
    isUnmetered: false,
    parts: bySize(rows),
  }
}

const bySize = (rows: readonly ConsumerRow[]): readonly ConsumerRow[] =>
  rows.toSorted((a, b) => (b.wattHours ?? -1) - (a.wattHours ?? -1))

/** Of those members that have something to compare. */
function sumCompared(all: readonly (Compared | null)[]): Compared | null {
  const known = all.filter((compared) => compared !== null)
  const [first] = known
  if (first === undefined) return null
  const sum = (of: 'wattHours' | 'beforeWattHours') => known.reduce((total, compared) => total + compared[of], 0)
  return { ...first, wattHours: sum('wattHours'), beforeWattHours: sum('beforeWattHours') }
}

/** Of what is known; unknown where nothing is. */
export function sumKnown(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0)
}
