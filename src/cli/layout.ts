import type { CommandOptions } from './command.ts'
import { houseTimes, type HouseTimes } from './format-time.ts'

/** How an answer is laid out for a person. */
export interface Layout {
  readonly times: HouseTimes
  /** Of the terminal; left out: there is none. */
  readonly columns?: number | undefined
}

export function layoutOf({ zone, columns }: Pick<CommandOptions, 'zone' | 'columns'>): Layout {
  return { times: houseTimes(zone), columns }
}
