import type { Config, DeviceConfig } from '../config/config.ts'
import { DEFAULT_LABEL_RULES } from '../labels/default-rules.ts'
import { labelsFor } from '../labels/labels-for.ts'
import { didYouMean } from '../model/nearest-name.ts'
import { type Labels, seriesKey, type StoredSeries } from '../model/series.ts'
import type { Store } from '../model/store.ts'
import type { TimeWindow } from '../model/time-window.ts'
import { UsageError } from './exit-codes.ts'

export interface ExportQuestion {
  readonly store: Store
  readonly config: Config
  readonly devices: readonly DeviceConfig[]
  /** Locations, or names on the device; none: all. */
  readonly channels: readonly string[]
  readonly window: TimeWindow
  /** All that the store may have. */
  readonly ever: TimeWindow
}

export interface Exported {
  readonly series: readonly StoredSeries[]
  /** Of the same channels, under other labels than the rules give: left out. */
  readonly others: readonly Labels[]
}

/**
 * The series of the configured channels that have a sample in the window, in their order; of a device without
 * configured channels, all that the store has. @throws UsageError for a channel that no device has.
 */
export async function findExported(question: ExportQuestion, signal: AbortSignal): Promise<Exported> {
  const found: (Exported & { names: readonly string[] })[] = []
  for (const device of question.devices) found.push(await findOfDevice(question, device, signal))
  const names = new Set(found.flatMap((each) => each.names))
  const missing = question.channels.filter((channel) => !names.has(channel))
  if (missing.length > 0) await refuseUnknown(question, { names, missing }, signal)
  return { series: found.flatMap(({ series }) => series), others: found.flatMap(({ others }) => others) }
}

async function findOfDevice(question: ExportQuestion, device: DeviceConfig, signal: AbortSignal) {
  const { store, config, channels, window } = question
  const stored = await store.listSeries({ metrics: metricsOf(device, config), device: device.name, window }, signal)
  const byKey = new Map(stored.map((each) => [seriesKey(each.labels), each]))
  const candidates = device.channels
    ? configured(device, config)
    : stored.map(({ labels }) => asListed(labels)).sort(byPlace)
  const expected = candidates.filter(
    ({ names }) => channels.length === 0 || names.some((name) => channels.includes(name)),
  )
  const keys = new Set(expected.map(({ labels }) => seriesKey(labels)))
  const places = new Set(expected.map(({ labels }) => placeOf(labels)))
  return {
    names: candidates.flatMap(({ names }) => names),
    series: [...keys].flatMap((key) => byKey.get(key) ?? []),
    others: stored
      .map(({ labels }) => labels)
      .filter((labels) => places.has(placeOf(labels)) && !keys.has(seriesKey(labels))),
  }
}

interface Candidate {
  readonly labels: Labels
  readonly names: readonly string[]
}

function configured(device: DeviceConfig, { rules = DEFAULT_LABEL_RULES }: Config): Candidate[] {
  return (device.channels ?? []).map((channel) => ({
    labels: labelsFor(channel, { device: device.name, source: device.type, rules }),
    names: [channel.location, channel.name],
  }))
}

function asListed(labels: Labels): Candidate {
  return { labels, names: [labels['location'] ?? ''] }
}

function byPlace(a: Candidate, b: Candidate): number {
  return placeOf(a.labels) < placeOf(b.labels) ? -1 : 1
}

function placeOf({ __name__: metric, location }: Labels): string {
  return JSON.stringify([metric, location])
}

function metricsOf({ channels }: DeviceConfig, { metric }: Config): string[] {
  return channels ? [...new Set(channels.map((channel) => channel.metric))] : [metric]
}

/** A channel that only has nothing in the window is not unknown. */
async function refuseUnknown(
  { store, config, devices, ever }: ExportQuestion,
  { names, missing }: { names: ReadonlySet<string>; missing: readonly string[] },
  signal: AbortSignal,
): Promise<void> {
  const known = new Set(names)
  for (const device of devices.filter(({ channels }) => !channels)) {
    const query = { metrics: metricsOf(device, config), device: device.name, window: ever }
    for (const { labels } of await store.listSeries(query, signal)) known.add(labels['location'] ?? '')
  }
  const unknown = missing.find((channel) => !known.has(channel))
  if (unknown === undefined) return
  const there = [...known].sort()
  throw new UsageError(
    `no channel ${unknown}${didYouMean(unknown, there)}; there are: ${there.join(', ') || 'none in the store'}`,
  )
}
