import { seriesKey, type Labels, type StoredSeries } from '../../model/series.ts'
import { MAX_LABELS } from '../../model/store.ts'
import { formatRules, rulesFor } from '../../labels/rules-for.ts'
import { labelOptionsOf, type SyncContext } from './session.ts'
import type { Target } from './target.ts'

interface RefusedTarget {
  readonly target: Target
  /** The same of all that are refused for the same reason. */
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
  const why = `${describeConflicts(context, found)}\n  ${advice}`
  const overlabelled = targets.filter(({ labels }) => Object.keys(labels).length > MAX_LABELS)
  const whyOverlabelled = describeOverlabelled(context, overlabelled)
  return [
    ...found.map(({ target }) => ({ target, why })),
    ...overlabelled.map((target) => ({ target, why: whyOverlabelled })),
  ]
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

/** With the labels of the first. */
function describeConflicts({ settings, store }: SyncContext, conflicts: readonly Conflict[]): string {
  const [first] = conflicts
  if (!first) return ''
  const names = conflicts.map(({ target }) => target.channel.name)
  const what =
    names.length === 1
      ? `${names[0]} is not copied: ${store.name} has this channel under other labels, and a second series would double every sum`
      : `${named(names)} are not copied: ${store.name} has them under other labels, and second series would double every sum; such as`
  return `${settings.deviceName}: ${what}\n  there:   ${formatLabels(first.other)}\n  here:    ${formatLabels(first.target.labels)}`
}

const MAX_NAMED = 5

function named(names: readonly string[]): string {
  return `${names.length} channels (${names.slice(0, MAX_NAMED).join(', ')}${names.length > MAX_NAMED ? ', …' : ''})`
}

const OTHER_LOCATION = 'give the channel another location'

/** The series that go on as they are. */
function keptLabels(targets: readonly Target[], stored: readonly StoredSeries[]): Target[] {
  const keys = new Set(stored.map(({ labels }) => seriesKey(labels)))
  return targets.filter(({ key }) => keys.has(key))
}

/** Rules that are given replace those by default, so all are shown. */
function adviseRules({ settings }: SyncContext, conflicts: readonly Conflict[], kept: readonly Target[]): string {
  if (conflicts.length === 0) return ''
  const expected = [...conflicts.map(({ target, other }) => ({ channel: target.channel, labels: other })), ...kept]
  const rules = rulesFor(expected, labelOptionsOf(settings))
  const orOwn = settings.labels ? ', or change the labels of the device to those that are there' : ''
  if (rules === undefined) return `to go on: ${OTHER_LOCATION}${orOwn}; no rules under labels: give what is there`
  return `to go on: ${OTHER_LOCATION}, or put this into the configuration, in place of labels: where it is there:\n${formatRules(rules).join('\n')}`
}

export function formatLabels({ __name__: metric, ...labels }: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`)
  return `${metric ?? ''}{${pairs.sort().join(',')}}`
}

function describeOverlabelled({ settings }: SyncContext, targets: readonly Target[]): string {
  const names = targets.map(({ channel }) => channel.name)
  const [what, it] = names.length === 1 ? [`${names[0]} is`, 'it'] : [`${named(names)} are`, 'them']
  return `${settings.deviceName}: ${what} not copied: the rules under labels: give ${it} more than ${MAX_LABELS} labels, and a store cuts off or drops what has so many`
}
