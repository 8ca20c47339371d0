import { DEVICE_TYPES } from '../../model/device.ts'
import type { Labels } from '../../model/series.ts'
import type { Store } from '../../model/store.ts'
import { MINUTE_MS, OLDEST_MS } from '../../model/time-window.ts'
import type { Clock } from '../../runtime/clock.ts'
import { formatLabels } from './refuse-targets.ts'
import type { Session } from './session.ts'
import { metricsOf } from './target.ts'
import { plural } from '../../runtime/plural.ts'

const MAX_NAMED = 3

/**
 * Series that are stored under the name of a device, of channels that it does not have: they were copied from another
 * device at a wrong address, or their channel has another name by now. Undefined where there are none.
 */
export async function describeForeignSeries(
  { store, settings, listed, targets, clock }: Session,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { deviceName } = settings
  const metrics = metricsOf(targets)
  const own = new Set([...listed.map(({ name }) => name), ...targets.map(({ channel }) => channel.location)])
  for (const { location } of settings.channels ?? []) own.add(location)
  const found = await store.listSeries({ metrics, device: deviceName, window: allTime(clock) }, signal)
  const foreign = found.filter(({ labels }) => isOurs(labels) && !own.has(labels['location'] ?? ''))
  if (foreign.length === 0) return undefined
  return `${deviceName}: ${store.name} has ${plural(foreign.length, 'series')} under its name of channels that it does not have: ${named(foreign)}; were they copied from another device, at a wrong address, or is the channel called otherwise by now?`
}

/** Series of this program under the name of a device that the configuration does not have. */
export async function describeUnownedSeries(
  { store, clock }: { readonly store: Store; readonly clock: Clock },
  { metrics, devices }: { readonly metrics: readonly string[]; readonly devices: readonly string[] },
  signal: AbortSignal,
): Promise<string | undefined> {
  const found = await store.listSeries({ metrics, window: allTime(clock) }, signal)
  const unowned = found.filter(({ labels }) => isOurs(labels) && !devices.includes(labels['device'] ?? ''))
  if (unowned.length === 0) return undefined
  return `${store.name} has ${plural(unowned.length, 'series')} of devices that the configuration does not have: ${named(unowned)}; are they of another configuration, or of a device under its former name?`
}

function allTime(clock: Clock) {
  return { fromMs: OLDEST_MS, untilMs: Math.ceil(clock.nowMs() / MINUTE_MS) * MINUTE_MS + MINUTE_MS }
}

function isOurs(labels: Labels): boolean {
  return DEVICE_TYPES.some((type) => type === labels['source']) && labels['location'] !== undefined
}

function named(series: readonly { readonly labels: Labels }[]): string {
  const names = series.slice(0, MAX_NAMED).map(({ labels }) => formatLabels(labels))
  return series.length > MAX_NAMED ? `${names.join(', ')} and ${series.length - MAX_NAMED} more` : names.join(', ')
}
