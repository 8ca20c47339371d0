import type { Compared, Consumer, Costs, House } from '../api/answers.ts'
import { HATCH, sumKnown } from '../chart/lines.tsx'
import { colourGroups, token, type Circuit } from '../page/colours.ts'
import { texts } from '../text/texts.ts'

export interface ConsumerRow {
  readonly name: string
  /** The circuits that it is of; none of what is unmetered. */
  readonly ids: readonly string[]
  readonly colour: string
  /** Of the strip of hours. */
  readonly hue: string
  readonly wattHours: number | null
  /** In money, and what its solar would have earned; left out where energies are shown. */
  readonly cost?: number
  readonly couldEarn?: number
  /** What of it may be compared with the span before. */
  readonly compared: Compared | null
  readonly hours: readonly (number | null)[]
  readonly parts: readonly ConsumerRow[]
}

const UNMETERED = 'unmetered'
export const BY_GROUPS = 'groups'
export const BY_CIRCUITS = 'circuits'

/** What consumers can be grouped by. */
export const groupings = ({ labelNames }: House): readonly string[] => [BY_GROUPS, BY_CIRCUITS, ...labelNames]

/** `Circuit` of `type`; of a label that only says yes, its own name. */
const nameOfValue = (label: string, value: string | undefined): string =>
  value === undefined ? texts.energy.without(label) : value === 'True' ? label : value

/** Rows by house group, by circuit, or by the value of a label; the greatest first, Unmetered last. */
export function groupConsumers(
  consumers: readonly Consumer[],
  house: House,
  { by, costs }: { readonly by: string; readonly costs?: Costs['consumers'] | undefined },
): readonly ConsumerRow[] {
  const costOf = new Map(costs?.map(({ id, ...cost }) => [id, cost]))
  const found = new Map(consumers.map((consumer) => [consumer.id, consumer]))
  const labels = new Map(house.channels.map((channel) => [channel.id, channel.labels]))
  const groupOf = ({ id, group }: Circuit) => (by === BY_GROUPS ? group : nameOfValue(by, labels.get(id)?.[by]))
  const circuits = colourGroups(house)
    .flatMap((group) => group.circuits)
    .flatMap((circuit) => {
      const consumer = found.get(circuit.id)
      const looks = { name: circuit.name, colour: circuit.colour, hue: token(circuit.token) }
      return consumer
        ? [{ group: groupOf(circuit), row: rowOf(consumer, { ...looks, ...costOf.get(circuit.id) }) }]
        : []
    })
  // Without mains, nothing is unmetered.
  const unmetered = house.hasMains ? found.get(UNMETERED) : undefined
  const rest = unmetered
    ? [rowOf(unmetered, { name: texts.unmetered, colour: HATCH, hue: token('rest'), ...costOf.get(UNMETERED) })]
    : []
  if (by === BY_CIRCUITS) return [...bySize(circuits.map(({ row }) => ({ ...row, colour: row.hue }))), ...rest]
  const sums = [...new Set(circuits.map(({ group }) => group))].map((name) =>
    sumRow(
      name,
      circuits.filter(({ group }) => group === name).map(({ row }) => row),
    ),
  )
  return [...bySize(sums), ...rest]
}

type Looks = Pick<ConsumerRow, 'name' | 'colour' | 'hue' | 'cost' | 'couldEarn'>

function rowOf(consumer: Consumer, looks: Looks): ConsumerRow {
  const { id, wattHours, beforeWattHours = null, hours } = consumer
  const all = wattHours === null || beforeWattHours === null ? null : { wattHours, beforeWattHours }
  const { compared = all } = consumer
  return { ...looks, ids: id === UNMETERED ? [] : [id], wattHours, compared, hours, parts: [] }
}

function sumRow(name: string, rows: readonly ConsumerRow[]): ConsumerRow {
  const hue = rows[0]?.hue ?? token('rest')
  return {
    name,
    ids: rows.flatMap(({ ids }) => ids),
    colour: hue,
    hue,
    wattHours: sumKnown(rows.map(({ wattHours }) => wattHours)),
    ...(rows.some(({ cost }) => cost !== undefined) && {
      cost: rows.reduce((sum, { cost = 0 }) => sum + cost, 0),
      couldEarn: rows.reduce((sum, { couldEarn = 0 }) => sum + couldEarn, 0),
    }),
    compared: sumCompared(rows.map(({ compared }) => compared)),
    hours: Array.from({ length: 24 }, (_, hour) => sumKnown(rows.map(({ hours }) => hours[hour]))),
    parts: bySize(rows),
  }
}

/** What rows are ordered and drawn by. */
export const sizeOf = ({ cost, wattHours }: ConsumerRow): number | null => cost ?? wattHours

const bySize = (rows: readonly ConsumerRow[]): readonly ConsumerRow[] =>
  rows.toSorted((a, b) => (sizeOf(b) ?? -1) - (sizeOf(a) ?? -1))

/** Of those members that have something to compare. */
function sumCompared(all: readonly (Compared | null)[]): Compared | null {
  const known = all.filter((compared) => compared !== null)
  const [first] = known
  if (first === undefined) return null
  const sum = (of: 'wattHours' | 'beforeWattHours') => known.reduce((total, compared) => total + compared[of], 0)
  return { ...first, wattHours: sum('wattHours'), beforeWattHours: sum('beforeWattHours') }
}
