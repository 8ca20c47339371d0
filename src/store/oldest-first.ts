import { outOfRange } from '../model/at.ts'

/** Samples of one series, gathered in whatever order they come; the two arrays are of equal length. */
export interface SampleColumns {
  readonly timestampsMs: number[]
  readonly values: number[]
}

/** The same samples by time; those of one time stay in the order in which they came. */
export function oldestFirst(samples: SampleColumns): SampleColumns {
  const { timestampsMs, values } = samples
  if (
    timestampsMs.every(
      (atMs, index) => index === 0 || atMs >= (timestampsMs[index - 1] ?? outOfRange(timestampsMs, index - 1)),
    )
  )
    return samples
  const order = timestampsMs.map((atMs, index) => ({ atMs, value: values[index] ?? outOfRange(values, index) }))
  order.sort((a, b) => a.atMs - b.atMs)
  return { timestampsMs: order.map(({ atMs }) => atMs), values: order.map(({ value }) => value) }
}
