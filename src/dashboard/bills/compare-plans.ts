import type { Bills, BillView } from '../api/answers.ts'

/** What the same days cost under one plan, bill by bill. */
export interface Plan {
  readonly name: string
  /** Whether it is what was billed. */
  readonly isOwn: boolean
  readonly totals: readonly number[]
  readonly total: number
  /** Import without a known price, which is not in it. */
  readonly unpricedKwh: number
}

export interface Comparison {
  /** Days on which bills of every plan begin, and the day after the last one. */
  readonly edges: readonly string[]
  /** That which was billed, then the others, the cheapest first. */
  readonly plans: readonly Plan[]
}

/** Of bills that are over, where there are some; undefined where there is nothing to compare with. */
export function comparePlans({ bills, plans = [], runningFrom }: Bills): Comparison | undefined {
  const isOver = ({ from }: BillView) => runningFrom === undefined || from < runningFrom
  const over = bills.some(isOver) ? isOver : () => true
  const own = bills.filter(over)
  const all = plans.filter(over)
  const ownNames = [...new Set(own.map(({ tariff }) => tariff))]
  const others = [...new Set(all.map(({ tariff }) => tariff))].filter((name) => ownNames.join() !== name)
  const last = own.at(-1)
  if (others.length === 0 || !last) return undefined
  const sets = others.map((name) => all.filter(({ tariff }) => tariff === name))
  const starts = own
    .map(({ from }) => from)
    .filter((from) => sets.every((set) => set.some((bill) => bill.from === from)))
  const edges = [...starts, last.to]
  const planOf = (name: string, isOwn: boolean, set: readonly BillView[]): Plan => {
    const totals = starts.map((start, index) =>
      sum(set.filter(({ from }) => from >= start && from < (edges[index + 1] ?? '')).map(({ total }) => total)),
    )
    return { name, isOwn, totals, total: sum(totals), unpricedKwh: sum(set.map(({ unpricedKwh }) => unpricedKwh)) }
  }
  return {
    edges,
    plans: [
      planOf(ownNames.join(', '), true, own),
      ...others
        .map((name, index) => planOf(name, false, sets[index] ?? []))
        .toSorted((one, other) => one.total - other.total),
    ],
  }
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
