import type { DeviceConfig } from '../config/config.ts'
import { DEFAULT_LABEL_RULES } from '../labels/default-rules.ts'
import { labelsFor } from '../labels/labels-for.ts'
import { didYouMean } from '../model/nearest-name.ts'
import { type Labels, seriesKey, type StoredSeries } from '../model/series.ts'
import { ceilToMinute, DAY_MS, floorToMinute, MINUTE_MS, splitWindow, type TimeWindow } from '../model/time-window.ts'
import { systemClock } from '../runtime/clock.ts'
import { plural } from '../runtime/plural.ts'
import { chooseDevices, type Command, type CommandRun } from './command.ts'
import { ExitCode, UsageError } from './exit-codes.ts'
import { exportFormat, mergeSeries } from './export-format.ts'
import type { ExportOptions } from './flags.ts'
import { layoutOf } from './format-time.ts'

type Run = CommandRun<ExportOptions>

/** So much at a time, that a slow reader makes nobody hold much more. */
const PIECE_CHARACTERS = 16_384
/** The newest sample that a store takes may be so far ahead. */
const AHEAD_MS = 2 * DAY_MS

/** What the store has, as text; no device is asked. */
export const exportCommand: Command<ExportOptions> = async (run) => {
  const { engine, options, output, signal } = run
  const ever = { fromMs: DAY_MS, untilMs: ceilToMinute(systemClock.nowMs() + AHEAD_MS) }
  const asked = within(ever, options)
  await engine.store.flush(signal)
  const devices = chooseDevices(engine.config, options.devices)
  const found = await findExported(run, { devices, asked, ever }).catch((error: unknown) => {
    if (!(error instanceof UsageError)) throw error
    output.log('error', error.message)
  })
  if (!found) return ExitCode.usage
  for (const labels of found.others)
    output.log('warn', `left out, because the rules under labels: give other labels: ${JSON.stringify(labels)}`)
  const window = await windowOf(run, found.series, asked)
  const series = found.series.map(({ labels }) => labels)
  const sampleCount = await writeExport(run, { series, window })
  if (sampleCount === 0) output.log('warn', `the store has nothing of these channels ${describeAsked(options)}`)
  else {
    const { times } = layoutOf(options)
    output.log('info', `${plural(sampleCount, 'sample')} of ${series.length} series, ${times.window(window)}`)
  }
  return ExitCode.done
}

/** A time that is out of a store's reach would make its answer empty. */
function within(ever: TimeWindow, { sinceMs = ever.fromMs, untilMs = ever.untilMs }: Run['options']): TimeWindow {
  const fromMs = Math.max(ever.fromMs, ceilToMinute(sinceMs))
  return { fromMs, untilMs: Math.max(fromMs + MINUTE_MS, Math.min(ever.untilMs, ceilToMinute(untilMs))) }
}

function describeAsked({ sinceMs, untilMs, ...options }: Run['options']): string {
  const { times } = layoutOf(options)
  const since = sinceMs === undefined ? [] : [`from ${times.minute(sinceMs)}`]
  const until = untilMs === undefined ? [] : [`before ${times.minute(untilMs)}`]
  return [...since, ...until].join(' and ') || 'at all'
}

interface Scope {
  readonly devices: readonly DeviceConfig[]
  readonly asked: TimeWindow
  /** All that the store may have. */
  readonly ever: TimeWindow
}

interface Exported {
  readonly series: readonly StoredSeries[]
  /** Of the same channels, under other labels than the rules give: left out. */
  readonly others: readonly Labels[]
}

/**
 * The series of the configured channels that have a sample in the window, in their order; of a device without
 * configured channels, all that the store has. @throws UsageError for a channel that no device has.
 */
async function findExported(run: Run, scope: Scope): Promise<Exported> {
  const found: (Exported & { names: readonly string[] })[] = []
  for (const device of scope.devices) found.push(await findOfDevice(run, device, scope.asked))
  const names = new Set(found.flatMap((each) => each.names))
  const unknown = run.options.channel.filter((channel) => !names.has(channel))
  if (unknown.length > 0) await refuseUnknown(run, unknown, { ...scope, names })
  return { series: found.flatMap(({ series }) => series), others: found.flatMap(({ others }) => others) }
}

async function findOfDevice({ engine, options, signal }: Run, device: DeviceConfig, window: TimeWindow) {
  const { store, config } = engine
  const { channel: channels } = options
  const stored = await store.listSeries({ metrics: metricsOf(device, config), device: device.name, window }, signal)
  const byKey = new Map(stored.map((each) => [seriesKey(each.labels), each]))
  const { rules = DEFAULT_LABEL_RULES } = config
  // Each by its location or by its name on the device.
  const candidates = device.channels
    ? device.channels.map((channel) => ({
        labels: labelsFor(channel, { device: device.name, source: device.type, rules, labels: device.labels }),
        names: [channel.location, channel.name],
      }))
    : stored
        .map(({ labels }) => ({ labels, names: [labels['location'] ?? ''] }))
        .sort((a, b) => (placeOf(a.labels) < placeOf(b.labels) ? -1 : 1))
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

function placeOf({ __name__: metric, location }: Labels): string {
  return JSON.stringify([metric, location])
}

function metricsOf({ channels }: DeviceConfig, { metric }: { readonly metric: string }): string[] {
  return channels ? [...new Set(channels.map((channel) => channel.metric))] : [metric]
}

/** A channel that only has nothing in the window is not unknown. */
async function refuseUnknown(
  { engine, signal }: Run,
  channels: readonly string[],
  { devices, ever, names }: Scope & { readonly names: ReadonlySet<string> },
): Promise<void> {
  const { store, config } = engine
  const known = new Set(names)
  for (const device of devices.filter((each) => !each.channels)) {
    const query = { metrics: metricsOf(device, config), device: device.name, window: ever }
    for (const { labels } of await store.listSeries(query, signal)) known.add(labels['location'] ?? '')
  }
  const unknown = channels.find((channel) => !known.has(channel))
  if (unknown === undefined) return
  const there = [...known].sort()
  throw new UsageError(
    `no channel ${unknown}${didYouMean(unknown, there)}; there are: ${there.join(', ') || 'none in the store'}`,
  )
}

/** From the first to the last sample: before and after it there is nothing to ask for. */
async function windowOf({ engine, signal }: Run, series: readonly StoredSeries[], asked: TimeWindow) {
  const labels = series.map((each) => each.labels)
  const first = await engine.store.firstSamples(labels, asked, signal)
  const fromMs = Math.min(...first.map((sample) => sample?.atMs ?? Infinity))
  if (fromMs === Infinity) return { fromMs: asked.fromMs, untilMs: asked.fromMs }
  const lastMs = Math.max(...series.map(({ positionMs }) => positionMs))
  return { fromMs: floorToMinute(fromMs), untilMs: floorToMinute(lastMs) + MINUTE_MS }
}

async function writeExport(
  { engine, options, output, signal }: Run,
  { series, window }: { series: readonly Labels[]; window: TimeWindow },
): Promise<number> {
  const { store, config } = engine
  const format = exportFormat(series, options)
  const { times } = layoutOf(options)
  let sampleCount = 0
  let piece = format.head
  for (const chunk of splitWindow(window, config.chunkMs)) {
    for (const moment of mergeSeries(await store.readSamples(series, chunk, signal))) {
      piece += format.rows(moment)
      for (const value of moment.values) if (value !== undefined) sampleCount++
      if (piece.length < PIECE_CHARACTERS) continue
      await output.write(piece)
      piece = ''
    }
    const total = window.untilMs - window.fromMs
    const text = `${times.day(chunk.untilMs)}, ${plural(sampleCount, 'sample')}`
    output.progress({ name: 'export', done: chunk.untilMs - window.fromMs, total, text })
  }
  await output.write(piece)
  return sampleCount
}
