import type { TypicalPrices } from '../api/answers.ts'
import { periodColour } from '../page/colours.ts'

type Season = TypicalPrices['seasons'][number]
type Period = NonNullable<Season['spans'][number]['weekday']>

const DAYS = ['weekday', 'saturday', 'sunday', 'holiday'] as const

export interface StripPart {
  readonly fromMinute: number
  readonly untilMinute: number
  /** Of its price; empty where none applies. */
  readonly key: string
}

export interface StripDay {
  readonly day: (typeof DAYS)[number]
  readonly parts: readonly StripPart[]
}

/** Neighbours of one price are one part. */
export function stripsOf({ spans }: Season): readonly StripDay[] {
  return DAYS.map((day) => {
    const parts: StripPart[] = []
    for (const { fromMinute, untilMinute, [day]: period } of spans) {
      const key = keyOf(period)
      const last = parts.at(-1)
      if (last?.key === key) parts.splice(-1, 1, { ...last, untilMinute })
      else parts.push({ fromMinute, untilMinute, key })
    }
    return { day, parts }
  })
}

export interface StripPrice {
  readonly key: string
  /** Empty where it has none. */
  readonly name: string
  /** One, or that of each tier. */
  readonly prices: readonly number[]
  /** The name of its colour. */
  readonly colour: string
}

/** All that occur, the cheapest first. */
export function pricesIn({ seasons }: TypicalPrices): readonly StripPrice[] {
  const found = new Map<string, Omit<StripPrice, 'colour'>>()
  for (const { spans } of seasons)
    for (const span of spans)
      for (const day of DAYS) {
        const period = span[day]
        if (period) found.set(keyOf(period), { key: keyOf(period), name: period.name ?? '', prices: ratesOf(period) })
      }
  return [...found.values()]
    .toSorted((one, other) => (one.prices[0] ?? 0) - (other.prices[0] ?? 0))
    .map((price, rank, all) => ({ ...price, colour: periodColour(rank, all.length) }))
}

const ratesOf = ({ price, tiers = [] }: Period): readonly number[] =>
  price === undefined ? tiers.map((tier) => tier.price) : [price]

const keyOf = (period: Period | null): string => (period ? JSON.stringify([period.name, ...ratesOf(period)]) : '')

/** From a month to another, over the turn of the year too. */
export function monthRuns(months: readonly number[]): readonly (readonly [number, number])[] {
  const starts = months.filter((month) => !months.includes(month === 1 ? 12 : month - 1))
  return starts.map((first) => {
    let last = first
    while (months.includes((last % 12) + 1) && (last % 12) + 1 !== first) last = (last % 12) + 1
    return [first, last]
  })
}
