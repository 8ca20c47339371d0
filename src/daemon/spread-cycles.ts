import { createHash } from 'node:crypto'

/** So few are asked at once. */
const AT_ONCE = 4

/**
 * How long after the tick the cycles of each device start: in an order that depends on their names alone, evenly over
 * the interval. Empty where there are so few that all start with the tick, and with the daemon.
 */
export function spreadCycles(devices: readonly string[], intervalMs: number): ReadonlyMap<string, number> {
  if (devices.length <= AT_ONCE) return new Map()
  const hashes = devices.map((name) => [createHash('sha256').update(name).digest('hex'), name] as const)
  const inOrder = hashes.sort(([a], [b]) => (a < b ? -1 : 1))
  return new Map(inOrder.map(([, name], place) => [name, Math.floor((place * intervalMs) / devices.length)]))
}
