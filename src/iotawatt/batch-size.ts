/** Even at 6 ms a record the first batch, of which nothing is known yet, keeps the device busy for at most 1.5 s. */
const FIRST_ROWS = 250
const MIN_ROWS = 60
const MAX_ROWS = 1000
const SLOW_MS = 1200

export type BatchSize = ReturnType<typeof batchSize>

/** How many rows to ask for at once: fewer when the device takes long, more again when it is quick. */
export function batchSize() {
  let rows = FIRST_ROWS
  let latestMs = 0
  const shrink = () => {
    rows = Math.max(MIN_ROWS, Math.floor(rows / 2))
  }
  const grow = (tookMs: number) => {
    const factor = tookMs * 4 <= SLOW_MS ? 4 : tookMs * 2 <= SLOW_MS ? 2 : 1
    rows = Math.min(MAX_ROWS, rows * factor)
  }
  return {
    rows: () => rows,
    /** The time that the device took for its latest batch. */
    latestMs: () => latestMs,
    shrink,
    /** A batch of so many rows took so long. */
    learn(rowCount: number, tookMs: number): void {
      latestMs = tookMs
      // A batch much shorter than this one says what a request costs, not what rows cost.
      if (tookMs > SLOW_MS && rowCount * 2 >= rows) shrink()
      else if (rowCount >= rows) grow(tookMs)
    },
  }
}

/** The size to which batches converge when each row takes so long. */
export function steadyRows(rowMs: number): number {
  const size = batchSize()
  for (let rows = 0; rows !== size.rows();) {
    rows = size.rows()
    size.learn(rows, rows * rowMs)
  }
  return size.rows()
}
