import { planMigrationWork, type MigrationPlan, refuseSharedSources } from '../sync/legacy/migrate/plan-migration.ts'
import { migrationWork, type MigrationProgress } from '../sync/legacy/migrate/run-migration.ts'
import { exitCodeOf, withEachDevice, type Command, type CommandRun, type Outcome } from './command.ts'
import {
  describeChunk,
  describeEnd,
  describeNoSource,
  describePlan,
  describeQuestion,
  jsonOf,
} from './describe-migration.ts'
import { ExitCode } from './exit-codes.ts'
import type { MigrateFlags } from './flags.ts'
import { layoutOf } from './format-time.ts'

/** Series that another program left in the store become series of the channels, where these have nothing. */
export const migrateCommand: Command<MigrateFlags> = async (run) => {
  const { engine, options, output, signal } = run
  const planned = await makePlans(run)
  const plans = new Map(planned.flatMap((outcome) => ('value' in outcome ? [[outcome.name, outcome.value]] : [])))
  if (!options.json)
    for (const line of [...plans.values()].flatMap((plan) => describePlan(plan, layoutOf(options)))) output.print(line)
  for (const { warnings } of plans.values()) for (const warning of warnings) output.log('warn', warning)

  const series = [...plans.values()].flatMap((plan) => plan.series)
  if (series.length === 0) {
    if (options.json) output.print(JSON.stringify(jsonOf(planned, plans)))
    if (plans.size > 0) output.log('error', describeNoSource(engine, options))
    return ExitCode.failed
  }
  const missing = series.reduce((sum, { missingMinutes }) => sum + missingMinutes, 0)
  const mustAsk = missing > 0 && !options.dryRun && !options.yes
  if (mustAsk && (await output.ask(describeQuestion(engine, missing))) === 'no') {
    output.print('nothing was written')
    return ExitCode.done
  }
  const queues = run.queues.filter(({ name }) => plans.has(name))
  const migrated = await withEachDevice({ ...run, queues }, (queue) => {
    const plan = plans.get(queue.name)
    if (!plan) throw new RangeError(`there is no plan for ${queue.name}`)
    const onProgress = (progress: MigrationProgress) => showProgress(run, queue.name, progress)
    return queue.run(
      (context) => migrationWork(context, plan, { signal, isDryRun: options.dryRun, onProgress }),
      signal,
    )
  })
  const outcomes = [...migrated, ...planned.flatMap((outcome) => ('failure' in outcome ? [outcome] : []))]
  if (options.json) output.print(JSON.stringify(jsonOf(outcomes, plans)))
  else for (const line of describeEnd(outcomes, options)) output.print(line)
  return exitCodeOf(outcomes, options)
}

async function makePlans(run: CommandRun<MigrateFlags>): Promise<Outcome<MigrationPlan>[]> {
  const { engine, queues, options, output, signal } = run
  const template = engine.config.migrate
  const { sinceMs, untilMs } = options
  const planned = await withEachDevice(run, (queue) =>
    queue.run(
      (context) =>
        planMigrationWork(context, {
          signal,
          template,
          onProgress: (done, total) =>
            output.progress({ name: queue.name, done, total, text: 'looking at what is there' }),
          ...(sinceMs !== undefined && { sinceMs }),
          ...(untilMs !== undefined && { untilMs }),
        }),
      signal,
    ),
  )
  const plans = planned.flatMap((outcome) => ('value' in outcome ? [outcome.value] : []))
  const others = engine.config.devices
    .filter(({ name }) => !queues.some((queue) => queue.name === name))
    .flatMap(({ name, channels = [] }) => channels.map((channel) => ({ deviceName: name, channel })))
  const refused = refuseSharedSources(plans, others, template)
  return planned.map((outcome) => {
    const value = refused.find(({ deviceName }) => deviceName === outcome.name)
    return value ? { name: outcome.name, value } : outcome
  })
}

function showProgress({ output, options }: CommandRun<MigrateFlags>, name: string, progress: MigrationProgress): void {
  const { text, line } = describeChunk(name, progress, layoutOf(options))
  const { doneChunks: done, chunkCount: total, leftMs } = progress
  output.progress({ name, done, total, text, leftMs })
  if (!output.isWatched && progress.minuteCount > 0) output.log('info', line)
}
