import type { House } from '../api/answers.ts'

export const HUES = ['g1', 'g2', 'g3', 'g4', 'g5', 'g6']
/** Percent of the hue that is left towards the background: neighbours in a group are told apart, names are in the readout. */
const TINTS = [100, 76, 58, 44, 33]

export const token = (name: string): string => `var(--${name})`

function tint(name: string, index: number): string {
  const percent = TINTS[Math.min(index, TINTS.length - 1)] ?? 100
  return percent === 100 ? token(name) : `color-mix(in oklab, ${token(name)} ${percent}%, var(--bg))`
}

export interface Circuit {
  readonly id: string
  readonly device: string
  readonly group: string
  /** Of the group. */
  readonly token: string
  readonly colour: string
}

export interface Group {
  readonly name: string
  readonly token: string
  readonly circuits: readonly Circuit[]
}

/** In the order of the configuration, never of today's size. */
export function colourGroups({ groups, channels }: House): readonly Group[] {
  const devices = new Map(channels.map(({ id, device }) => [id, device]))
  return groups.map(({ name, channels: ids }, index) => {
    // The seventh and all after it share a grey.
    const hue = HUES[index] ?? 'rest'
    const circuits = ids.map((id, position) => ({
      id,
      device: devices.get(id) ?? '',
      group: name,
      token: hue,
      colour: tint(hue, position),
    }))
    return { name, token: hue, circuits }
  })
}
