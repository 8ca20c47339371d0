import type { House } from '../api/answers.ts'

/** What the configuration calls them. */
const TOKENS: Readonly<Record<NonNullable<House['channels'][number]['colour']>, string>> = {
  orange: 'g1',
  violet: 'g2',
  green: 'g3',
  blue: 'g4',
  plum: 'g5',
  brown: 'g6',
  grey: 'rest',
}
export const HUES = ['g1', 'g2', 'g3', 'g4', 'g5', 'g6']
/** Of periods of a tariff, from the cheapest to the dearest. */
const PERIODS = ['p1', 'p2', 'p3', 'p4', 'p5']

/** Spread over all of them, so that the dearest of two stands out. */
export function periodColour(rank: number, count: number): string {
  const place = count < 2 ? 0 : Math.round((rank * (PERIODS.length - 1)) / (count - 1))
  return PERIODS[place] ?? 'rest'
}

/** Percent of the hue that is left towards the background: neighbours in a group are told apart, names are in the readout. */
const TINTS = [100, 76, 58, 44, 33]

export const token = (name: string): string => `var(--${name})`

function tint(name: string, index: number): string {
  const percent = TINTS[Math.min(index, TINTS.length - 1)] ?? 100
  return percent === 100 ? token(name) : `color-mix(in oklab, ${token(name)} ${percent}%, var(--bg))`
}

export interface Circuit {
  readonly id: string
  /** What it is called where it is shown. */
  readonly name: string
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
  const byId = new Map(channels.map((channel) => [channel.id, channel]))
  return groups.map(({ name, colour: chosen, channels: ids }, index) => {
    // The seventh and all after it share a grey.
    const hue = chosen ? TOKENS[chosen] : (HUES[index] ?? 'rest')
    const circuits = ids.map((id, position) => {
      const { name: shown = id, device = '', colour } = byId.get(id) ?? {}
      const own = colour && TOKENS[colour]
      return {
        id,
        name: shown,
        device,
        group: name,
        token: own ?? hue,
        colour: own === undefined ? tint(hue, position) : token(own),
      }
    })
    return { name, token: hue, circuits }
  })
}
