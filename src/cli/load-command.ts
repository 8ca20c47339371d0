import { minuteCount } from '../model/time-window.ts'
import { type DeviceLoad, loadWork, type LoadReport } from '../sync/load/load-device.ts'
import { type LoadPlan, planWork } from '../sync/load/plan-load.ts'
import type { LoadPace } from '../sync/load/track-pace.ts'
import type { DeviceQueue } from '../sync/session/device-work.ts'
import { type Command, type CommandRun, exitCodeOf, type Outcome, withEachDevice } from './command.ts'
import {
  describeChunk,
  describePace,
  describePlans,
  describeQuestion,
  describeReports,
  describeStopped,
  type Loaded,
} from './describe-load.ts'
import { ExitCode } from './exit-codes.ts'
import type { LoadFlags } from './flags.ts'
import { layoutOf } from './format-time.ts'

/** Everything that is missing: prints what it will do, asks, does it, and prints what it did. */
export const loadCommand: Command<LoadFlags> = async (run) => {
  const { options, output } = run
  const planned = await planAll(run)
  const plans = valuesOf(planned)
  if (options.dryRun && options.json) output.print(JSON.stringify(planned, withoutChunks))
  else if (!options.json)
    for (const line of describePlans(plans, { ...layoutOf(options), order: options.order })) output.print(line)
  if (options.dryRun || plans.length === 0) return exitCodeOf(planned, options)
  if (!(await mayStart(run, plans))) {
    output.log('info', 'nothing was loaded')
    return ExitCode.done
  }
  const loaded = await loadAll(run, plans)
  const outcomes = planned.map((plan) => loaded.find(({ name }) => name === plan.name) ?? failureOf(plan))
  if (options.json) output.print(JSON.stringify(outcomes))
  else for (const line of describeReports(valuesOf(outcomes), layoutOf(options))) output.print(line)
  return exitCodeOf(outcomes, options)
}

function planAll(run: CommandRun<LoadFlags>): Promise<Outcome<LoadPlan>[]> {
  const { options, output, signal } = run
  return withEachDevice(run, (queue) =>
    queue.run(
      (context) =>
        planWork(context, {
          ...scopeOf(run),
          signal,
          isDryRun: options.dryRun,
          ...(options.maxDeviceLoad !== undefined && { maxDeviceLoad: options.maxDeviceLoad }),
          onProgress: ({ doneMinutes, totalMinutes }) =>
            output.progress({
              name: queue.name,
              done: doneMinutes,
              total: totalMinutes,
              text: 'looking what is missing',
            }),
        }),
      signal,
    ),
  )
}

async function mayStart({ options, output }: CommandRun<LoadFlags>, plans: readonly LoadPlan[]): Promise<boolean> {
  if (options.yes || plans.every(({ missingMinutes }) => missingMinutes === 0)) return true
  return (await output.ask(describeQuestion(plans), 'yes')) !== 'no'
}

async function loadAll(run: CommandRun<LoadFlags>, plans: readonly LoadPlan[]): Promise<Outcome<Loaded>[]> {
  const queues = run.queues.filter(({ name }) => plans.some(({ deviceName }) => deviceName === name))
  const reports: (() => Loaded)[] = []
  try {
    return await withEachDevice({ ...run, queues }, async (queue) => {
      const plan = plans.find(({ deviceName }) => deviceName === queue.name)
      if (!plan) throw new Error(`${queue.name}: nothing was planned`)
      const { thereMinutes } = plan
      const onOpen: Watch['onOpen'] = ({ report }) => reports.push(() => ({ ...report(), thereMinutes }))
      return { ...(await loadOne(run, queue, { plan, onOpen })), thereMinutes }
    })
  } catch (error) {
    // Only a stop is no outcome of a device.
    if (!run.options.json)
      for (const line of describeStopped(
        reports.map((report) => report()),
        layoutOf(run.options),
      ))
        run.output.print(line)
    throw error
  }
}

interface Watch {
  readonly plan: LoadPlan
  readonly onOpen: (load: Pick<DeviceLoad, 'report'>) => void
}

function loadOne(run: CommandRun<LoadFlags>, queue: DeviceQueue, watch: Watch): Promise<LoadReport> {
  const { options, output, signal } = run
  const layout = layoutOf(options)
  // All was looked through to plan it, and nothing of it is done yet.
  const { missingMinutes } = watch.plan
  if (missingMinutes > 0) output.progress({ name: queue.name, done: 0, total: missingMinutes, text: 'reading' })
  let pace: LoadPace | undefined
  const onPace = (next: LoadPace) => {
    pace = next
    const { doneMinutes: done, totalMinutes: total, remainingMs: leftMs } = next
    const text = describePace(next, layout)
    output.progress({ name: queue.name, done, total, text, ...(leftMs !== undefined && { leftMs }) })
  }
  return queue.run(
    (context) =>
      loadWork(context, {
        ...scopeOf(run),
        // What has closed since it was planned is for the next.
        untilMs: watch.plan.window.untilMs,
        signal,
        order: options.order,
        countEnergy: true,
        watch: { ...watch, onPace },
        ...(options.maxDeviceLoad !== undefined && { maxDeviceLoad: options.maxDeviceLoad }),
        onProgress: (progress) => {
          const { doneMinutes, window } = progress
          if (!output.isWatched) output.log('info', describeChunk(progress, pace, layout))
          else if (doneMinutes >= minuteCount(window))
            output.progress({ name: queue.name, done: 1, total: 1, text: 'counting what is there' })
        },
      }),
    signal,
  )
}

function scopeOf({ options: { sinceMs, untilMs } }: CommandRun<LoadFlags>) {
  return {
    refuseBeyondRetention: true,
    ...(sinceMs !== undefined && { sinceMs }),
    ...(untilMs !== undefined && { untilMs }),
  }
}

/** They are only for the progress. */
function withoutChunks(key: string, value: unknown): unknown {
  return key === 'missingByChunk' ? undefined : value
}

function valuesOf<T>(outcomes: readonly Outcome<T>[]): T[] {
  return outcomes.flatMap((outcome) => ('value' in outcome ? [outcome.value] : []))
}

function failureOf(outcome: Outcome<LoadPlan>): Outcome<Loaded> {
  return { name: outcome.name, failure: 'failure' in outcome ? outcome.failure : 'it was not loaded' }
}
