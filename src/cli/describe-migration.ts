import type { Labels } from '../model/series.ts'
import { plural, formatSpan } from '../runtime/plural.ts'
import type { MigrationPlan } from '../sync/legacy/migrate/plan-migration.ts'
import { formatLabels } from '../sync/session/refuse-targets.ts'
import type { MigratedSeries, MigrationProgress, MigrationReport } from '../sync/legacy/migrate/run-migration.ts'
import type { CommandOptions, Outcome } from './command.ts'
import type { MigrateFlags } from './flags.ts'
import type { Engine } from './engine.ts'
import { formatTable, indented } from './format-table.ts'
import type { Layout } from './format-time.ts'

const PLAN_HEAD = ['channel', 'source', 'from', 'to', 'points', 'minutes there', 'missing']

export function describePlan({ deviceName, series, without }: MigrationPlan, layout: Layout): string[] {
  const { times } = layout
  const rows = series.map(({ target, source, pointCount, thereMinutes, missingMinutes }) => [
    target.channel.location,
    formatLabels(source),
    times.minute(target.expected.fromMs),
    times.minute(target.expected.untilMs),
    `${pointCount}`,
    `${thereMinutes}`,
    `${missingMinutes}`,
  ])
  return [
    `${deviceName}: ${series.length} series of another program`,
    ...(rows.length > 0 ? indented(PLAN_HEAD, rows, layout) : []),
    ...without.map(
      ({ channel, looked, near }) => `  ${channel.location}: the store has no ${describeExamined(looked, near)}`,
    ),
  ]
}

function describeExamined(looked: Labels, near: Labels | undefined): string {
  return near ? `${formatLabels(looked)}, but ${formatLabels(near)}` : formatLabels(looked)
}

export function describeNoSource({ config, store }: Engine, { sinceMs, untilMs }: CommandOptions): string {
  const { metric, labels } = config.migrate
  const time = sinceMs === undefined && untilMs === undefined ? '' : ' in that time'
  return `${store.name} has no series to migrate${time}: looked for ${formatLabels({ ...labels, __name__: metric })} of each channel\n  to look for others: set migrate: metric: and labels: in the configuration`
}

export function describeQuestion({ store }: Engine, missingMinutes: number): string {
  return `Write what is missing, at most ${plural(missingMinutes, 'minute')}, into ${store.name}? What is there stays as it is.`
}

/** For a bar, and for a log. */
export function describeChunk(
  name: string,
  { chunk, doneChunks, chunkCount, minuteCount, leftMs }: MigrationProgress,
  { times }: Layout,
): { text: string; line: string } {
  const [from, to] = [times.day(chunk.fromMs), times.day(chunk.untilMs)]
  const left = leftMs >= 1000 ? `, ${formatSpan(leftMs)} left` : ''
  const percent = Math.floor((100 * doneChunks) / Math.max(1, chunkCount))
  return {
    text: `${from}, ${plural(minuteCount, 'minute')}${left}`,
    line: `${name}: ${from} to ${to}: ${plural(minuteCount, 'minute')}, ${percent} %${left}`,
  }
}

export function describeEnd(
  outcomes: readonly Outcome<MigrationReport>[],
  options: CommandOptions & MigrateFlags,
): string[] {
  const { dryRun } = options
  const reports = outcomes.flatMap((outcome) => ('value' in outcome ? [outcome.value] : []))
  if (reports.length === 0) return []
  const head = [
    'device',
    'series',
    'points',
    'there before',
    dryRun ? 'to write' : 'written',
    'not in the source',
    'took',
  ]
  const rows = reports.map(({ deviceName, series, durationMs }) => [
    deviceName,
    `${series.length}`,
    ...[
      sumOf(series, ({ pointCount }) => pointCount),
      sumOf(series, ({ thereMinutes }) => thereMinutes),
      sumOf(series, ({ writtenMinutes }) => writtenMinutes),
      sumOf(series, ({ absentMinutes }) => absentMinutes),
    ].map(String),
    formatSpan(durationMs),
  ])
  return [
    ...formatTable(head, rows, options.columns),
    ...(dryRun ? ['nothing was written'] : reports.map(describeVerified)),
  ]
}

function describeVerified({ deviceName, series, droppedMinutes, lostPoints }: MigrationReport): string {
  const there = sumOf(series, ({ thereMinutes, writtenMinutes }) => thereMinutes + writtenMinutes)
  const points = sumOf(series, ({ pointCount }) => pointCount)
  const missing = droppedMinutes > 0 ? `${droppedMinutes} dropped by the store` : 'none missing that the source has'
  const source = lostPoints > 0 ? `has lost ${lostPoints} of its` : 'still has its'
  return `${deviceName}: counted again: ${plural(there, 'minute')} there, ${missing}; the source ${source} ${plural(points, 'point')}`
}

function sumOf(series: readonly MigratedSeries[], numberOf: (one: MigratedSeries) => number): number {
  return series.reduce((sum, one) => sum + numberOf(one), 0)
}

/** For programs: what was done, or what there is where nothing was. */
export function jsonOf(
  outcomes: readonly Outcome<MigrationReport | MigrationPlan>[],
  plans: ReadonlyMap<string, MigrationPlan>,
): unknown {
  return outcomes.map((outcome) => {
    if ('failure' in outcome) return outcome
    const { deviceName, series, warnings, failedChannels, ...more } = outcome.value
    const without = plans.get(outcome.name)?.without.map(({ channel }) => channel.location) ?? []
    const counts = 'durationMs' in more ? more : {}
    const flat = series.map(({ target, ...one }) => ({
      location: target.channel.location,
      ...target.expected,
      target: target.labels,
      ...one,
    }))
    return { name: deviceName, value: { deviceName, series: flat, without, warnings, failedChannels, ...counts } }
  })
}
