import { texts } from '../text/texts.ts'
/** The states of a run-length list. */
export const STATE = { unmeasured: 0, stored: 1, legacy: 2, missing: 3, notLoaded: 4, unwanted: 5 } as const

export interface Run {
  readonly state: number
  readonly from: number
  /** The index after the last. */
  readonly until: number
}

/** `[state, length, state, length, …]`, counted from 0. */
export function readRuns(flat: readonly number[]): readonly Run[] {
  const runs: Run[] = []
  let from = 0
  for (let index = 0; index + 1 < flat.length; index += 2) {
    const until = from + (flat[index + 1] ?? 0)
    runs.push({ state: flat[index] ?? STATE.unwanted, from, until })
    from = until
  }
  return runs
}

export const spreadRuns = (flat: readonly number[]): readonly number[] =>
  readRuns(flat).flatMap(({ state, from, until }) => Array.from({ length: until - from }, () => state))

/** Worst first: what is to be done decides over what is well. */
const RANK = [STATE.missing, STATE.notLoaded, STATE.unmeasured, STATE.legacy, STATE.stored]

export const worstState = (states: readonly number[]): number =>
  RANK.find((state) => states.includes(state)) ?? STATE.unwanted

export function stateName(state: number): string {
  const { states } = texts.coverage
  const names: Readonly<Record<number, string>> = {
    [STATE.unmeasured]: states.unmeasured,
    [STATE.stored]: states.stored,
    [STATE.legacy]: states.legacy,
    [STATE.missing]: states.missing,
    [STATE.notLoaded]: states.notLoaded,
  }
  return names[state] ?? states.unexpected
}

/** Pairs of an index and a number, as the API has minutes that are missing. */
export function readPairs(flat: readonly number[]): ReadonlyMap<number, number> {
  return new Map(flat.flatMap((index, at) => (at % 2 === 0 ? [[index, flat[at + 1] ?? 0] as const] : [])))
}

/** Beside the state of a day, what of it was not measured. */
export const offWords = (state: number, minutes: number): string =>
  minutes === 0 || state === STATE.unmeasured ? '' : `, ${texts.notMeasured(String(minutes))}`
