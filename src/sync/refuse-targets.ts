import { seriesKey, type Labels, type StoredSeries } from '../model/series.ts'
import { formatRules, rulesFor } from '../labels/rules-for.ts'
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
  const found = findConflicts(targets, stored)
  const advice = adviseRules(context, found, keptLabels(targets, stored))
  const conflicts = found.map(({ target, other }, index) => ({
    target,
    why: `${describeConflict(context, target, other)}\n  ${index === found.length - 1 ? advice : AS_BELOW}`,
  }))
  const overlabelled = targets.filter(({ labels }) => Object.keys(labels).length > MAX_LABELS)
  return [...conflicts, ...overlabelled.map((target) => ({ target, why: describeOverlabelled(context, target) }))]
}

interface Conflict {
  readonly target: Target
  /** What the store has. */
  readonly other: Labels
}

/** A second series for the same channel would be added to the first in every sum. */
function findConflicts(targets: readonly Target[], stored: readonly StoredSeries[]): Conflict[] {
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
    `  here:    ${formatLabels(labels)}`
  )
}

const OTHER_LOCATION = 'give the channel another location'
const AS_BELOW = `to go on: the rules that are shown with the last of these, or ${OTHER_LOCATION}`

/** The series that go on as they are. */
function keptLabels(targets: readonly Target[], stored: readonly StoredSeries[]): Target[] {
  const keys = new Set(stored.map(({ labels }) => seriesKey(labels)))
  return targets.filter(({ key }) => keys.has(key))
}

/** Rules that are given replace those by default, so all are shown. */
function adviseRules({ settings }: SyncContext, conflicts: readonly Conflict[], kept: readonly Target[]): string {
  if (conflicts.length === 0) return ''
  const wanted = [...conflicts.map(({ target, other }) => ({ channel: target.channel, labels: other })), ...kept]
  const rules = rulesFor(wanted, { device: settings.deviceName, rules: settings.rules })
  if (rules === undefined) return `to go on: ${OTHER_LOCATION}; no rules under labels: give what is there`
  return `to go on: ${OTHER_LOCATION}, or put this into the configuration, in place of labels: where it is there:\n${formatRules(rules).join('\n')}`
}

export function formatLabels({ __name__: metric, ...labels }: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`)
  return `${metric ?? ''}{${pairs.sort().join(',')}}`
}

function describeOverlabelled({ settings }: SyncContext, { channel }: Target): string {
  return `${settings.deviceName}: ${channel.name} is not copied: the rules under labels: give it more than ${MAX_LABELS} labels, and a store cuts off or drops what has so many`
}
