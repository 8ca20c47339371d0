import type { DeviceQueue } from '../sync/session/device-work.ts'
import { reloadWork, type ReloadedSeries } from '../sync/legacy/reload/reload-work.ts'
import { verifyWork, type VerifyReport } from '../sync/verify/verify-device.ts'
import { exitCodeOf, withEachDevice, type Command, type CommandRun, type Outcome } from './command.ts'
import {
  describeDamaged,
  describeReloadQuestion,
  describeReloaded,
  describeVerification,
  verificationAsJson,
} from './describe-verify.ts'
import { ExitCode, UsageError } from './exit-codes.ts'
import type { VerifyFlags } from './flags.ts'
import { layoutOf } from './format-time.ts'

interface Verified extends VerifyReport {
  readonly reloaded?: readonly ReloadedSeries[]
}

/** Compares device and store: what is missing, duplicate or wrong; and fixes it, where that is asked for. */
export const verifyCommand: Command<VerifyFlags> = async (run) => {
  const { options, output, engine } = run
  const { cannotDelete } = engine.store
  if (options.reloadSeries && cannotDelete !== undefined)
    throw new UsageError(`--reload-series deletes series, and ${engine.store.name} is not asked to: ${cannotDelete}`)
  const verified: Outcome<Verified>[] = await withEachDevice(run, async (queue) => {
    const report = await verify(run, queue, { values: options.values })
    print(run, describeVerification(report, { ...layoutOf(options), repair: options.repair }))
    return report
  })
  const outcomes = options.reloadSeries ? await reloadDamaged(run, verified) : verified
  if (!outcomes) return ExitCode.usage
  if (options.json) output.print(JSON.stringify(outcomes.map(asJson)))
  const exitCode = exitCodeOf(outcomes, options)
  return exitCode === ExitCode.done && valuesOf(outcomes).some((report) => isDifferent(report, run))
    ? ExitCode.different
    : exitCode
}

/** What was asked to be fixed, and is not; else whatever differs. */
function isDifferent({ channels }: Verified, { options: { repair, reloadSeries } }: CommandRun<VerifyFlags>): boolean {
  return channels.some(
    ({ tally }) => tally.missing > 0 || ((!repair || reloadSeries) && tally.doubled + tally.wrong > 0),
  )
}

function verify(
  run: CommandRun<VerifyFlags>,
  queue: DeviceQueue,
  { values, untilMs }: { values?: CommandRun<VerifyFlags>['options']['values']; untilMs?: number },
): Promise<VerifyReport> {
  const { options, output, signal } = run
  let saidTenths = 0
  return queue.run(
    (context) =>
      verifyWork(context, {
        ...(options.sinceMs !== undefined && { sinceMs: options.sinceMs }),
        ...(options.untilMs !== undefined && { untilMs: options.untilMs }),
        intervalMs: run.engine.config.intervalMs,
        ...(untilMs !== undefined && { untilMs }),
        signal,
        repair: options.repair,
        ...(values && { values: values === 'all' ? 'minutes' : 'hours' }),
        onProgress: ({ doneMinutes: done, totalMinutes: total }) => {
          output.progress({ name: queue.name, done, total, text: `${done} of ${total} min looked through` })
          const tenths = Math.floor((10 * done) / Math.max(1, total))
          if (output.isWatched || tenths <= saidTenths) return
          saidTenths = tenths
          output.log('info', `${queue.name}: ${10 * tenths} % looked through`)
        },
      }),
    signal,
  )
}

/** Rewrites what is duplicate, wrong or of an earlier program, and looks again; undefined when nobody could be asked. */
async function reloadDamaged(
  run: CommandRun<VerifyFlags>,
  verified: Outcome<Verified>[],
): Promise<Outcome<Verified>[] | undefined> {
  const { options, output } = run
  const damaged = valuesOf(verified).filter((report) => damagedKeys(report).length > 0)
  if (damaged.length === 0) {
    output.log('info', 'there is no series that has to be rewritten')
    return verified
  }
  for (const report of damaged) output.log('info', describeDamaged(report))
  const answer = options.yes ? 'yes' : await output.ask(describeReloadQuestion(run.engine), 'no')
  if (answer === 'nobody')
    output.log('error', 'nothing was changed: series are deleted only with --yes where nobody can be asked')
  if (answer === 'no') output.log('info', 'nothing was deleted or rewritten')
  if (answer !== 'yes') return answer === 'nobody' ? undefined : verified
  const queues = run.queues.filter(({ name }) => damaged.some(({ deviceName }) => deviceName === name))
  const reloaded = await withEachDevice({ ...run, queues }, async (queue) => {
    const before = damaged.find(({ deviceName }) => deviceName === queue.name)
    if (!before) throw new Error(`${queue.name}: nothing was verified`)
    const series = await reload(run, queue, damagedKeys(before))
    print(run, describeReloaded(queue.name, series))
    const report = { ...(await verify(run, queue, before.window)), reloaded: series }
    print(run, describeVerification(report, { ...layoutOf(options), repair: options.repair }))
    return report
  })
  return verified.map((outcome) => reloaded.find(({ name }) => name === outcome.name) ?? outcome)
}

function reload(
  run: CommandRun<VerifyFlags>,
  queue: DeviceQueue,
  keys: readonly string[],
): Promise<readonly ReloadedSeries[]> {
  const { output, signal, options } = run
  return queue.run(
    (context) =>
      reloadWork(context, {
        ...(options.sinceMs !== undefined && { sinceMs: options.sinceMs }),
        ...(options.untilMs !== undefined && { untilMs: options.untilMs }),
        signal,
        keys,
        onProgress: ({ doneMinutes: done, totalMinutes: total }) =>
          output.progress({ name: queue.name, done, total, text: `${done} of ${total} min read` }),
      }),
    signal,
  )
}

function damagedKeys({ channels }: VerifyReport): string[] {
  return channels.filter(({ tally }) => tally.doubled + tally.wrong + tally.legacy > 0).map(({ key }) => key)
}

function print({ options, output }: CommandRun<VerifyFlags>, lines: readonly string[]): void {
  if (!options.json) for (const line of lines) output.print(line)
}

function asJson(outcome: Outcome<Verified>): unknown {
  if (!('value' in outcome)) return outcome
  const { reloaded } = outcome.value
  return { name: outcome.name, value: { ...verificationAsJson(outcome.value), ...(reloaded && { reloaded }) } }
}

function valuesOf<T>(outcomes: readonly Outcome<T>[]): T[] {
  return outcomes.flatMap((outcome) => ('value' in outcome ? [outcome.value] : []))
}
