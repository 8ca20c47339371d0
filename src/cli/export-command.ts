import type { Labels, StoredSeries } from '../model/series.ts'
import { ceilToMinute, DAY_MS, floorToMinute, MINUTE_MS, splitWindow, type TimeWindow } from '../model/time-window.ts'
import { systemClock } from '../runtime/clock.ts'
import { plural } from '../runtime/plural.ts'
import { chooseDevices, type Command, type CommandRun } from './command.ts'
import { ExitCode, UsageError } from './exit-codes.ts'
import { exportFormat, mergeSeries } from './export-format.ts'
import { findExported } from './find-exported.ts'
import type { ExportOptions } from './flags.ts'
import { layoutOf } from './format-time.ts'

/** So much at a time, that a slow reader makes nobody hold much more. */
const PIECE_CHARACTERS = 16_384
/** The newest sample that a store takes may be so far ahead. */
const AHEAD_MS = 2 * DAY_MS

/** What the store has, as text; no device is asked. */
export const exportCommand: Command<ExportOptions> = async (run) => {
  const { engine, options, output, signal } = run
  const ever = { fromMs: DAY_MS, untilMs: ceilToMinute(systemClock.nowMs() + AHEAD_MS) }
  const asked = within(ever, options)
  const { store, config } = engine
  await store.flush(signal)
  const devices = chooseDevices(config.devices, options.devices)
  const question = { store, config, devices, channels: options.channel, window: asked, ever }
  const found = await findExported(question, signal).catch((error: unknown) => {
    if (!(error instanceof UsageError)) throw error
    output.log('error', error.message)
  })
  if (!found) return ExitCode.usage
  for (const labels of found.others)
    output.log('warn', `left out, because the rules under labels: give other labels: ${JSON.stringify(labels)}`)
  const { times } = layoutOf(options)
  const window = await windowOf(run, found.series, asked)
  const sampleCount = await writeSamples(run, { series: found.series.map(({ labels }) => labels), window })
  output.log(
    sampleCount === 0 ? 'warn' : 'info',
    sampleCount === 0
      ? `the store has nothing of these channels ${describeAsked(options)}`
      : `${plural(sampleCount, 'sample')} of ${found.series.length} series, ${times.window(window)}`,
  )
  return ExitCode.done
}

/** A time that is out of a store's reach would make its answer empty. */
function within(
  ever: TimeWindow,
  { sinceMs = ever.fromMs, untilMs = ever.untilMs }: CommandRun<ExportOptions>['options'],
): TimeWindow {
  const fromMs = Math.max(ever.fromMs, ceilToMinute(sinceMs))
  return { fromMs, untilMs: Math.max(fromMs + MINUTE_MS, Math.min(ever.untilMs, ceilToMinute(untilMs))) }
}

function describeAsked({ sinceMs, untilMs, ...options }: CommandRun<ExportOptions>['options']): string {
  const { times } = layoutOf(options)
  const since = sinceMs === undefined ? [] : [`from ${times.minute(sinceMs)}`]
  const until = untilMs === undefined ? [] : [`before ${times.minute(untilMs)}`]
  return [...since, ...until].join(' and ') || 'at all'
}

/** From the first to the last sample: before and after it there is nothing to ask for. */
async function windowOf(
  { engine, signal }: CommandRun<ExportOptions>,
  series: readonly StoredSeries[],
  asked: TimeWindow,
): Promise<TimeWindow> {
  const labels = series.map((each) => each.labels)
  const first = await engine.store.firstSamples(labels, asked, signal)
  const fromMs = Math.min(...first.map((sample) => sample?.atMs ?? Infinity))
  if (fromMs === Infinity) return { fromMs: asked.fromMs, untilMs: asked.fromMs }
  const lastMs = Math.max(...series.map(({ positionMs }) => positionMs))
  return { fromMs: floorToMinute(fromMs), untilMs: floorToMinute(lastMs) + MINUTE_MS }
}

async function writeSamples(
  { engine, options, output, signal }: CommandRun<ExportOptions>,
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
