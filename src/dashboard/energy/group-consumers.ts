import type { Consumer, House } from '../api/answers.ts'
import { colourGroups, token, type Circuit } from '../page/colours.ts'

export interface ConsumerRow {
  readonly name: string
  readonly colour: string
  /** Of the strip of hours. */
  readonly hue: string
  readonly wattHours: number | null
  readonly beforeWattHours: number | null
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

function circuitRow(
  { id, colour, token: hue }: Circuit,
  { wattHours, beforeWattHours = null, hours }: Consumer,
): ConsumerRow {
  return { name: id, colour, hue: token(hue), wattHours, beforeWattHours, hours, isUnmetered: false, parts: [] }
}

function unmeteredRow({ wattHours, beforeWattHours = null, hours }: Consumer): ConsumerRow {
  return {
    name: 'Unmetered',
    colour: 'url(#hatch)',
    hue: token('rest'),
    wattHours,
    beforeWattHours,
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
    beforeWattHours: sumKnown(rows.map(({ beforeWattHours }) => beforeWattHours)),
    hours: Array.from({ length: 24 }, (_, hour) => sumKnown(rows.map(({ hours }) => hours[hour] ?? null))),
    isUnmetered: false,
    parts: bySize(rows),
  }
}

const bySize = (rows: readonly ConsumerRow[]): readonly ConsumerRow[] =>
  rows.toSorted((a, b) => (b.wattHours ?? -1) - (a.wattHours ?? -1))

/** Of what is known; unknown where nothing is. */
export function sumKnown(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0)
}
