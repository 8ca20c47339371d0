/** A snapshot that was asked for, and of whose name nobody knows. */
export interface AskedSnapshot {
  readonly id: string
  /** By the clock here. */
  readonly askedMs: number
}

/** From when it was asked for until then it may have begun: both clocks tell whole seconds. */
const EARLIER_MS = 1_000
const LATER_MS = 2_000

/** `20261130105102-18BCF2A1`, as VictoriaMetrics names them by its clock. */
const NAME = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)-[0-9A-F]+$/

/** Those of the names that may be what was asked for; `aheadMs`: how far the clock of the store is ahead of ours. */
export function namesOfAsked(
  { askedMs }: AskedSnapshot,
  { names, aheadMs }: { names: readonly string[]; aheadMs: number },
): readonly string[] {
  const aboutMs = askedMs + aheadMs
  return names.filter((name) => {
    const madeMs = timeOf(name)
    return madeMs !== undefined && madeMs > aboutMs - EARLIER_MS && madeMs < aboutMs + LATER_MS
  })
}

function timeOf(name: string): number | undefined {
  const [, year, month, day, hour, minute, second] = NAME.exec(name) ?? []
  if (second === undefined) return undefined
  return Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second))
}
