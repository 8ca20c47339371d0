import { MINUTE_MS, floorToMinute, minuteCount } from '../model/time-window.ts'
import type { SyncMemory } from './sync-memory.ts'
import type { Target } from './target.ts'

/**
 * The end of the newest minute that the store has of every channel, which is what "stored until" means everywhere.
 * A channel that was never used has no series and does not count; one whose samples the store drops does. Undefined
 * where nothing is stored.
 */
export function storedUntil(
  targets: readonly Target[],
  {
    positions,
    memory,
  }: {
    readonly positions: ReadonlyMap<string, number>
    readonly memory: Pick<SyncMemory, 'refused' | 'unusable'>
  },
): number | undefined {
  const isStored = targets.some(({ key }) => positions.has(key))
  const ends = targets.flatMap(({ key, wanted }) => {
    const positionMs = positions.get(key)
    if (positionMs !== undefined)
      return Math.max(floorToMinute(positionMs) + MINUTE_MS, memory.unusable.get(key)?.at(-1)?.untilMs ?? 0)
    const isDropped = memory.refused.has(key) && minuteCount(wanted) > 0
    return isDropped ? wanted.fromMs : []
  })
  return isStored && ends.length > 0 ? Math.min(...ends) : undefined
}
