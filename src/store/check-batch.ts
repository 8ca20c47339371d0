import { outOfRange } from '../model/at.ts'
import type { Labels, NewSamples } from '../model/series.ts'
import { MAX_LABELS, StoreError } from '../model/store.ts'
import { describeLabels } from './stored-labels.ts'

/** Beyond it, one value takes the digits of its neighbours: VictoriaMetrics keeps a block with one exponent. */
const MAX_VALUE = 1e9

/** What VictoriaMetrics keeps of the labels of a series: others it cuts off, or drops the sample. */
const [MAX_NAME_BYTES, MAX_VALUE_BYTES] = [256, 4096]

const LONE_SURROGATE = /\p{Surrogate}/u
/** VictoriaMetrics separates labels by them, and does not find a value with one by a list of values. */
const SEPARATOR = /[\u0000-\u0002]/

/** Refuses what a store would drop, truncate or spoil without a word. */
export function checkBatch(batch: readonly NewSamples[]): void {
  for (const series of batch) {
    const fault = labelsFault(series.labels) ?? samplesFault(series)
    if (fault !== undefined)
      throw new StoreError('rejected', `not written: ${describeLabels(series.labels)}: ${fault}`, {
        hint: 'nothing of this batch was sent; the sample comes from the device or from the label rules',
      })
  }
}

function labelsFault(labels: Labels): string | undefined {
  if (labels['__name__'] === undefined || labels['__name__'] === '') return 'has no metric name'
  const pairs = Object.entries(labels)
  if (pairs.length > MAX_LABELS) return `has ${pairs.length} labels, and ${MAX_LABELS} are kept`
  for (const [name, value] of pairs) {
    if (name === '') return 'has a label without a name'
    if (Buffer.byteLength(name) > MAX_NAME_BYTES || Buffer.byteLength(value) > MAX_VALUE_BYTES)
      return `label ${JSON.stringify(name.slice(0, 80))} is too long to be kept`
    if (LONE_SURROGATE.test(name + value)) return `label ${JSON.stringify(name)} is not valid Unicode`
    if (SEPARATOR.test(name + value)) return `label ${JSON.stringify(name)} has a control character that is not kept`
  }
  return undefined
}

function samplesFault({ timestampsMs, values }: NewSamples): string | undefined {
  if (timestampsMs.length !== values.length) return `${timestampsMs.length} times but ${values.length} values`
  for (let index = 0; index < timestampsMs.length; index++) {
    const atMs = timestampsMs[index] ?? outOfRange(timestampsMs, index)
    const value = values[index] ?? outOfRange(values, index)
    if (!Number.isSafeInteger(atMs) || atMs < 0) return `${atMs} is not a time in milliseconds without a fraction`
    if (!(Math.abs(value) <= MAX_VALUE)) return `${value} at ${atMs} is no value that can be kept`
  }
  return undefined
}
