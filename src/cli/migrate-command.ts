import type { Labels } from '../model/series.ts'
import { formatSpan, plural } from '../runtime/plural.ts'
import { planMigrationWork, type MigrationPlan, refuseSharedSources } from '../sync/legacy/migrate/plan-migration.ts'
import { type MigrationProgress, type MigrationReport, migrationWork } from '../sync/legacy/migrate/run-migration.ts'
import { formatLabels } from '../sync/session/refuse-targets.ts'
import {
  type Command,
  type CommandRun,
  exitCodeOf,
  type Outcome,
  printJson,
  printText,
  spanOf,
  valuesByName,
  valuesOf,
  withEachDevice,
  withEachOf,
} from './command.ts'
import { ExitCode } from './exit-codes.ts'
import type { MigrateFlags } from './flags.ts'
import { formatTable, indented } from './format-table.ts'
import { type Layout, layoutOf } from './format-time.ts'

type Run = CommandRun<MigrateFlags>

/** Series that another program left in the store become series of the channels, where these have nothing. */
export const migrateCommand: Command<MigrateFlags> = async (run) => {
  const { options, output, signal } = run
  const planned = await makePlans(run)
  const plans = valuesByName(planned)
  printText(
    run,
    [...plans.values()].flatMap((plan) => describePlan(plan, layoutOf(options))),
  )
  for (const { warnings } of plans.values()) for (const warning of warnings) output.log('warn', warning)

  const series = [...plans.values()].flatMap((plan) => plan.series)
  if (series.length === 0) {
    printJson(run, jsonOf(planned, plans))
    if (plans.size > 0) output.log('error', describeNoSource(run))
    return ExitCode.failed
  }
  const missing = sumOf(series, ({ missingMinutes }) => missingMinutes)
  const mustAsk = missing > 0 && !options.dryRun && !options.yes
  if (mustAsk && (await output.ask(describeQuestion(run, missing))) === 'no') {
    output.print('nothing was written')
    return ExitCode.done
  }
  const migrated = await withEachOf(run, plans, (queue, plan) => {
    const onProgress = (progress: MigrationProgress) => showProgress(run, queue.name, progress)
    return queue.run(
      (context) => migrationWork(context, plan, { signal, isDryRun: options.dryRun, onProgress }),
      signal,
    )
  })
  const outcomes = [...migrated, ...planned.flatMap((outcome) => ('failure' in outcome ? [outcome] : []))]
  printJson(run, jsonOf(outcomes, plans))
  printText(run, describeEnd(valuesOf(outcomes), options))
  return exitCodeOf(outcomes, options)
}

async function makePlans(run: Run): Promise<Outcome<MigrationPlan>[]> {
  const { engine, queues, options, output, signal } = run
  const { devices, migrate: template } = engine.config
  const planned = await withEachDevice(run, (queue) =>
    queue.run(
      (context) =>
        planMigrationWork(context, {
          signal,
          template,
          onProgress: (done, total) =>
            output.progress({ name: queue.name, done, total, text: 'looking at what is there' }),
          ...spanOf(options),
        }),
      signal,
    ),
  )
  const others = devices
    .filter(({ name }) => !queues.some((queue) => queue.name === name))
    .flatMap(({ name, channels = [] }) => channels.map((channel) => ({ deviceName: name, channel })))
  const refused = refuseSharedSources(valuesOf(planned), others, template)
  return planned.map((outcome) => {
    const value = refused.find(({ deviceName }) => deviceName === outcome.name)
    return value ? { name: outcome.name, value } : outcome
  })
}

function describePlan({ deviceName, series, without }: MigrationPlan, layout: Layout): string[] {
  const { minute } = layout.times
  const lines = indented(
    series,
    {
      channel: ({ target }) => target.channel.location,
      source: ({ source }) => formatLabels(source),
      from: ({ target }) => minute(target.expected.fromMs),
      to: ({ target }) => minute(target.expected.untilMs),
      points: ({ pointCount }) => pointCount,
      'minutes there': ({ thereMinutes }) => thereMinutes,
      missing: ({ missingMinutes }) => missingMinutes,
    },
    layout,
  )
  return [
    `${deviceName}: ${series.length} series of another program`,
    ...(series.length > 0 ? lines : []),
    ...without.map(
      ({ channel, looked, near }) => `  ${channel.location}: the store has no ${describeExamined(looked, near)}`,
    ),
  ]
}

function describeExamined(looked: Labels, near: Labels | undefined): string {
  return near ? `${formatLabels(looked)}, but ${formatLabels(near)}` : formatLabels(looked)
}

function describeNoSource({ engine, options }: Run): string {
  const { metric, labels } = engine.config.migrate
  const time = options.sinceMs === undefined && options.untilMs === undefined ? '' : ' in that time'
  return `${engine.store.name} has no series to migrate${time}: looked for ${formatLabels({ ...labels, __name__: metric })} of each channel\n  to look for others: set migrate: metric: and labels: in the configuration`
}

function describeQuestion({ engine }: Run, missingMinutes: number): string {
  return `Write what is missing, at most ${plural(missingMinutes, 'minute')}, into ${engine.store.name}? What is there stays as it is.`
}

function showProgress({ output, options }: Run, name: string, progress: MigrationProgress): void {
  const { chunk, doneChunks: done, chunkCount: total, minuteCount, leftMs } = progress
  const { day } = layoutOf(options).times
  const left = leftMs >= 1000 ? `, ${formatSpan(leftMs)} left` : ''
  const [from, minutes] = [day(chunk.fromMs), plural(minuteCount, 'minute')]
  output.progress({ name, done, total, text: `${from}, ${minutes}${left}`, leftMs })
  if (output.isWatched || minuteCount === 0) return
  const percent = Math.floor((100 * done) / Math.max(1, total))
  output.log('info', `${name}: ${from} to ${day(chunk.untilMs)}: ${minutes}, ${percent} %${left}`)
}

function describeEnd(reports: readonly MigrationReport[], { dryRun, ...layout }: Run['options']): string[] {
  if (reports.length === 0) return []
  const lines = formatTable(
    reports,
    {
      device: ({ deviceName }) => deviceName,
      series: ({ series }) => series.length,
      points: ({ series }) => sumOf(series, ({ pointCount }) => pointCount),
      'there before': ({ series }) => sumOf(series, ({ thereMinutes }) => thereMinutes),
      [dryRun ? 'to write' : 'written']: ({ series }) => sumOf(series, ({ writtenMinutes }) => writtenMinutes),
      'not in the source': ({ series }) => sumOf(series, ({ absentMinutes }) => absentMinutes),
      took: ({ durationMs }) => formatSpan(durationMs),
    },
    layout,
  )
  return [...lines, ...(dryRun ? ['nothing was written'] : reports.map(describeVerified))]
}

function describeVerified({ deviceName, series, droppedMinutes, lostPoints }: MigrationReport): string {
  const there = sumOf(series, ({ thereMinutes, writtenMinutes }) => thereMinutes + writtenMinutes)
  const points = sumOf(series, ({ pointCount }) => pointCount)
  const missing = droppedMinutes > 0 ? `${droppedMinutes} dropped by the store` : 'none missing that the source has'
  const source = lostPoints > 0 ? `has lost ${lostPoints} of its` : 'still has its'
  return `${deviceName}: counted again: ${plural(there, 'minute')} there, ${missing}; the source ${source} ${plural(points, 'point')}`
}

function sumOf<T>(series: readonly T[], numberOf: (one: T) => number): number {
  return series.reduce((sum, one) => sum + numberOf(one), 0)
}

/** What was done, or what there is where nothing was. */
function jsonOf(
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
