import { createHash } from 'node:crypto'
import type { Reading } from './setting-kinds.ts'

/** One of several processes that share the devices of one configuration. */
export interface Shard {
  /** From 1 to `count`. */
  readonly index: number
  readonly count: number
}

const MAX_SHARDS = 1000
export const SHARD = `which shard of how many, such as 1/3, 2/3 or 3/3 (at most ${MAX_SHARDS}); for a StatefulSet, the name of the pod before the slash: iotawatt-sync-0/3 is 1/3`

/** `2/3`, or `NAME-1/3`, where a StatefulSet counts its pods from 0. */
export function readShard(text: string): Reading<Shard> {
  const [, pod, digits, total] = /^([a-z0-9][a-z0-9.-]*-)?(\d{1,4})\/(\d{1,4})$/.exec(text) ?? []
  const index = Number(digits) + (pod === undefined ? 0 : 1)
  const count = Number(total)
  const exists = index >= 1 && index <= count && count <= MAX_SHARDS
  return exists ? { value: { index, count } } : { expected: SHARD }
}

export function formatShard({ index, count }: Shard): string {
  return `${index}/${count}`
}

/**
 * The devices of a shard, in their order. By rendezvous hashing: each device goes to the shard whose number makes the
 * highest SHA-256 with its name, so that one more shard takes its share from the others, and nothing else moves.
 */
export function devicesOfShard<T extends { readonly name: string }>(devices: readonly T[], shard: Shard): T[] {
  return devices.filter(({ name }) => shardOf(name, shard.count) === shard.index)
}

function shardOf(device: string, count: number): number {
  let best = { index: 1, weight: '' }
  for (let index = 1; index <= count; index++) {
    const weight = createHash('sha256').update(`${index}/${device}`).digest('hex')
    if (weight > best.weight) best = { index, weight }
  }
  return best.index
}
