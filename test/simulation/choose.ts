import type { Random } from '../../src/runtime/clock.ts'
import { seededRandom } from '../doubles/seeded-random.ts'

/** Choices under a seed. */
export interface Choose {
  readonly random: Random
  chance(probability: number): boolean
  between(from: number, until: number): number
  complete(from: number, through: number): number
  /** As often short as long: each power of ten is as likely. */
  span(shortest: number, longest: number): number
  pick<T>(values: readonly [T, ...T[]]): T
}

export function chooseBy(seed: number): Choose {
  const random = seededRandom(seed)
  const between = (from: number, until: number) => from + random() * (until - from)
  return {
    random,
    between,
    chance: (probability) => random() < probability,
    complete: (from, through) => Math.floor(between(from, through + 1)),
    span: (shortest, longest) => Math.exp(between(Math.log(shortest), Math.log(longest))),
    pick: (values) => values[Math.floor(random() * values.length)] ?? values[0],
  }
}
