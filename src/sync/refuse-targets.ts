import { seriesKey, type Labels, type StoredSeries } from '../model/series.ts'
import type { SyncContext } from './session.ts'
import type { Target } from './target.ts'

/** The limit of VictoriaMetrics where nobody changed it; older ones cut off the rest, the name of the metric too. */
const MAX_LABELS = 30

interface RefusedTarget {
  readonly target: Target
  readonly why: string
}

/** The targets that must not be written, and why; `stored` is what the store has of the device. */
export function refuseTargets(
  context: SyncContext,
  targets: readonly Target[],
  stored: readonly StoredSeries[],
): RefusedTarget[] {
  const conflicts = findConflicts(targets, stored).map(({ target, other }) => ({
    target,
    why: describeConflict(context, target, other),
  }))
  const overlabelled = targets.filter(({ labels }) => Object.keys(labels).length > MAX_LABELS)
  return [...conflicts, ...overlabelled.map((target) => ({ target, why: describeOverlabelled(context, target) }))]
}

/** A second series for the same channel would be added to the first in every sum. */
function findConflicts(
  targets: readonly Target[],
  stored: readonly StoredSeries[],
): { target: Target; other: Labels }[] {
  return targets.flatMap((target) => {
    const other = stored.find(
      ({ labels }) =>
        labels['__name__'] === target.labels['__name__'] &&
        labels['device'] === target.labels['device'] &&
        labels['location'] === target.labels['location'] &&
        seriesKey(labels) !== target.key,
    )
    return other ? [{ target, other: other.labels }] : []
  })
}

function describeConflict({ settings, store }: SyncContext, { channel, labels }: Target, other: Labels): string {
  return (
    `${settings.deviceName}: ${channel.name} is not copied: ${store.name} has this channel under other labels, and a second series would double every sum\n` +
    `  there:   ${formatLabels(other)}\n` +
    `  here:    ${formatLabels(labels)}\n` +
    '  to go on: make the rules under labels: give what is there, or give the channel another location'
  )
}

export function formatLabels({ __name__: metric, ...labels }: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`)
  return `${metric ?? ''}{${pairs.sort().join(',')}}`
}

function describeOverlabelled({ settings }: SyncContext, { channel }: Target): string {
  return `${settings.deviceName}: ${channel.name} is not copied: the rules under labels: give it more than ${MAX_LABELS} labels, and a store cuts off or drops what has so many`
}
