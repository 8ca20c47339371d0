import { minuteCount } from '../model/time-window.ts'
import { type DeviceLoad, loadWork, type LoadReport } from '../sync/load/load-device.ts'
import { type LoadPlan, planWork } from '../sync/load/plan-load.ts'
import type { LoadPace } from '../sync/load/track-pace.ts'
import type { DeviceQueue } from '../sync/session/device-work.ts'
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
import {
  describeChunk,
  describePace,
  describePlans,
  describeQuestion,
  describeReports,
  type Loaded,
} from './describe-load.ts'
import { ExitCode } from './exit-codes.ts'
import type { LoadFlags } from './flags.ts'
import { layoutOf } from './format-time.ts'

/** Everything that is missing: prints what it will do, asks, does it, and prints what it did. */
export const loadCommand: Command<LoadFlags> = async (run) => {
  const { options, output } = run
  const planned = await planAll(run)
  const plans = valuesByName(planned)
  if (options.dryRun && options.json) output.print(JSON.stringify(planned, withoutChunks))
  printText(run, describePlans([...plans.values()], { ...layoutOf(options), order: options.order }))
  if (options.dryRun || plans.size === 0) return exitCodeOf(planned, options)
  if (!(await mayStart(run, [...plans.values()]))) {
    output.log('info', 'nothing was loaded')
    return ExitCode.done
  }
  const loaded = await loadAll(run, plans)
  const outcomes = planned.map((plan) => loaded.find(({ name }) => name === plan.name) ?? failureOf(plan))
  printJson(run, outcomes)
  printText(run, describeReports(valuesOf(outcomes), layoutOf(options)))
  return exitCodeOf(outcomes, options)
}

function planAll(run: CommandRun<LoadFlags>): Promise<Outcome<LoadPlan>[]> {
  const { options, output, signal } = run
  return withEachDevice(run, (queue) =>
    queue.run(
      (context) =>
        planWork(context, {
          ...scopeOf(options),
          signal,
          isDryRun: options.dryRun,
          onProgress: ({ doneMinutes: done, totalMinutes: total }) =>
            output.progress({ name: queue.name, done, total, text: 'looking what is missing' }),
        }),
      signal,
    ),
  )
}

/** They are only for the progress. */
function withoutChunks(key: string, value: unknown): unknown {
  return key === 'missingByChunk' ? undefined : value
}

async function mayStart({ options, output }: CommandRun<LoadFlags>, plans: readonly LoadPlan[]): Promise<boolean> {
  if (options.yes || plans.every(({ missingMinutes }) => missingMinutes === 0)) return true
  return (await output.ask(describeQuestion(plans), 'yes')) !== 'no'
}

async function loadAll(run: CommandRun<LoadFlags>, plans: ReadonlyMap<string, LoadPlan>): Promise<Outcome<Loaded>[]> {
  const opened: (() => Loaded)[] = []
  try {
    return await withEachOf(run, plans, async (queue, plan) => {
      const { thereMinutes } = plan
      const onOpen = ({ report }: Pick<DeviceLoad, 'report'>) => void opened.push(() => ({ ...report(), thereMinutes }))
      return { ...(await loadOne(run, queue, { plan, onOpen })), thereMinutes }
    })
  } catch (error) {
    // Only a stop is no outcome of a device.
    const reports = describeReports(
      opened.map((report) => report()),
      layoutOf(run.options),
    )
    if (reports.length > 0) printText(run, ['Copied so far:', ...reports])
    throw error
  }
}

interface Watch {
  readonly plan: LoadPlan
  readonly onOpen: (load: Pick<DeviceLoad, 'report'>) => void
}

function loadOne(run: CommandRun<LoadFlags>, queue: DeviceQueue, watch: Watch): Promise<LoadReport> {
  const { options, output, signal } = run
  const { name } = queue
  const layout = layoutOf(options)
  // All was looked through to plan it, and nothing of it is done yet.
  const { missingMinutes, window: planned } = watch.plan
  if (missingMinutes > 0) output.progress({ name, done: 0, total: missingMinutes, text: 'reading' })
  let pace: LoadPace | undefined
  const onPace = (next: LoadPace) => {
    pace = next
    const { doneMinutes: done, totalMinutes: total, remainingMs: leftMs } = next
    output.progress({ name, done, total, text: describePace(next, layout), ...(leftMs !== undefined && { leftMs }) })
  }
  return queue.run(
    (context) =>
      loadWork(context, {
        ...scopeOf(options),
        // What has closed since it was planned is for the next.
        untilMs: planned.untilMs,
        signal,
        order: options.order,
        countEnergy: true,
        watch: { ...watch, onPace },
        onProgress: (progress) => {
          if (!output.isWatched) output.log('info', describeChunk(progress, pace, layout))
          else if (progress.doneMinutes >= minuteCount(progress.window))
            output.progress({ name, done: 1, total: 1, text: 'counting what is there' })
        },
      }),
    signal,
  )
}

function scopeOf({ maxDeviceLoad, ...options }: CommandRun<LoadFlags>['options']) {
  return {
    refuseBeyondRetention: true,
    ...spanOf(options),
    ...(maxDeviceLoad !== undefined && { maxDeviceLoad }),
  }
}

function failureOf(outcome: Outcome<LoadPlan>): Outcome<Loaded> {
  return { name: outcome.name, failure: 'failure' in outcome ? outcome.failure : 'it was not loaded' }
}
