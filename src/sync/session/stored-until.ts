import { floorToMinute, MINUTE_MS, minuteCount } from '../../model/time-window.ts'
import type { SyncSettings } from './session.ts'
import type { SyncMemory } from './sync-memory.ts'
import { type Target, windowOf } from './target.ts'

/**
 * The end of the newest minute that the store has of every channel, which is what "stored until" means everywhere; the
 * beginning of what is expected where it has nothing. A channel that was never used has no series and does not count, nor
 * does one that has nothing new for longer than the look-back; one whose samples the store drops does.
 */
export function storedUntil(
  targets: readonly Target[],
  {
    positions,
    memory,
    settings: { lookbackMs },
  }: {
    readonly positions: ReadonlyMap<string, number>
    readonly memory: Pick<SyncMemory, 'drops' | 'deviceLog'>
    readonly settings: Pick<SyncSettings, 'lookbackMs'>
  },
): number {
  const stored = targets.flatMap(({ key }) => positions.get(key) ?? [])
  const oldestMs = Math.max(...stored) - lookbackMs
  const ends = targets.flatMap(({ key, expected }) => {
    const positionMs = positions.get(key)
    if (positionMs === undefined)
      return memory.drops.refused.has(key) && minuteCount(expected) > 0 ? expected.fromMs : []
    if (positionMs < oldestMs) return []
    return Math.max(floorToMinute(positionMs) + MINUTE_MS, memory.deviceLog.unusable.get(key)?.at(-1)?.untilMs ?? 0)
  })
  return stored.length > 0 ? Math.min(...ends) : windowOf(targets).fromMs
}
