import { outOfRange } from '../../../model/at.ts'
import { floorToMinute } from '../../../model/time-window.ts'
import type { Samples } from './series-file.ts'

/**
 * What a series is to have: the device's minutes, and of the others what was stored. Of several samples at one time
 * the biggest stays, as deduplication would have it.
 */
export function mergeContent(device: Samples, stored: Samples): Samples {
  const onDevice = new Set(device.timestampsMs)
  const merged = new Map(
    device.timestampsMs.map((atMs, index) => [atMs, device.values[index] ?? outOfRange(device.values, index)]),
  )
  stored.timestampsMs.forEach((atMs, index) => {
    if (onDevice.has(floorToMinute(atMs))) return
    const value = stored.values[index] ?? outOfRange(stored.values, index)
    merged.set(atMs, Math.max(value, merged.get(atMs) ?? value))
  })
  const sorted = [...merged].sort(([a], [b]) => a - b)
  return { timestampsMs: sorted.map(([atMs]) => atMs), values: sorted.map(([, value]) => value) }
}

/** What of the expected samples is not there, and what is there beside them. */
export function compareContent(expected: Samples, stored: Samples): { missing: Samples; unexpected: Samples } {
  const open = new Map(
    expected.timestampsMs.map((atMs, index) => [atMs, expected.values[index] ?? outOfRange(expected.values, index)]),
  )
  const unexpected = collect()
  stored.timestampsMs.forEach((atMs, index) => {
    const value = stored.values[index] ?? outOfRange(stored.values, index)
    const expected = open.get(atMs)
    if (expected !== undefined && isEqual(value, expected)) open.delete(atMs)
    else unexpected.add(atMs, value)
  })
  const missing = collect()
  for (const [atMs, value] of open) missing.add(atMs, value)
  return { missing: missing.samples, unexpected: unexpected.samples }
}

/** Whether each of the samples is one of those that are known. */
export function areKnown(samples: Samples, known: readonly Samples[]): boolean {
  const valuesAt = new Map<number, number[]>()
  for (const { timestampsMs, values } of known)
    timestampsMs.forEach((atMs, index) => {
      valuesAt.set(atMs, [...(valuesAt.get(atMs) ?? []), values[index] ?? outOfRange(values, index)])
    })
  return samples.timestampsMs.every((atMs, index) => {
    const own = samples.values[index] ?? outOfRange(samples.values, index)
    return valuesAt.get(atMs)?.some((value) => isEqual(value, own))
  })
}

/** A store that keeps decimals may give back a number that differs in its last bits. */
function isEqual(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b))
}

function collect() {
  const timestampsMs: number[] = []
  const values: number[] = []
  return {
    samples: { timestampsMs, values },
    add(atMs: number, value: number) {
      timestampsMs.push(atMs)
      values.push(value)
    },
  }
}
