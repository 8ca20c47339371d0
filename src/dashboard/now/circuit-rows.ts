import type { Column, House } from '../api/answers.ts'
import { token, type Group } from '../page/colours.ts'

/** A circuit, or an appliance on several legs with its legs behind it. */
export interface CircuitRow {
  readonly key: string
  readonly name: string
  readonly ids: readonly string[]
  readonly fill: string
  readonly legs: readonly CircuitRow[]
}

/** In the order of the configuration; an appliance stands where its first leg does. */
export function circuitRows({ legs = [] }: Pick<House, 'legs'>, groups: readonly Group[]): readonly CircuitRow[] {
  const rows = groups
    .flatMap(({ circuits }) => circuits)
    .map(({ id, name, token: hue }): CircuitRow => ({ key: id, name, ids: [id], fill: token(hue), legs: [] }))
  return rows.flatMap((row) => {
    const appliance = legs.find(({ channels }) => row.ids.some((id) => channels.includes(id)))
    if (appliance === undefined) return [row]
    const own = rows.filter(({ ids }) => ids.some((id) => appliance.channels.includes(id)))
    return own[0] === row ? [{ ...row, name: appliance.name, ids: own.flatMap(({ ids }) => ids), legs: own }] : []
  })
}

/** Unknown where one of them is; of rounded watts, as the rows of the legs show them. */
export function wattsTogether(
  { ids }: Pick<CircuitRow, 'ids'>,
  channels: Readonly<Record<string, number | null>> | undefined,
): number | null {
  return together(ids.map((id) => channels?.[id]))
}

export function hourTogether(
  { ids: [first = '', ...others] }: Pick<CircuitRow, 'ids'>,
  hours: Readonly<Record<string, Column>> | undefined,
): Column {
  const column = hours?.[first] ?? []
  if (others.length === 0) return column
  return column.map((watts, index) => together([watts, ...others.map((id) => hours?.[id]?.[index])]))
}

const together = (parts: readonly (number | null | undefined)[]): number | null =>
  parts.reduce<number | null>((sum, watts) => (sum === null || watts == null ? null : sum + Math.round(watts)), 0)
