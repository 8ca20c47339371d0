import { type ReloadedSeries, reloadWork } from '../sync/legacy/reload/reload-work.ts'
import type { DeviceQueue } from '../sync/session/device-work.ts'
import { type VerifyReport, verifyWork } from '../sync/verify/verify-device.ts'
import {
  type Command,
  type CommandRun,
  exitCodeOf,
  type Outcome,
  printJson,
  printText,
  spanOf,
  valuesOf,
  withEachDevice,
  withEachOf,
} from './command.ts'
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

type Run = CommandRun<VerifyFlags>

interface Verified extends VerifyReport {
  readonly reloaded?: readonly ReloadedSeries[]
}

/** Compares device and store: what is missing, duplicate or wrong; and fixes it, where that is asked for. */
export const verifyCommand: Command<VerifyFlags> = async (run) => {
  const { options, engine } = run
  const { cannotDelete } = engine.store
  if (options.reloadSeries && cannotDelete !== undefined)
    throw new UsageError(`--reload-series deletes series, and ${engine.store.name} is not asked to: ${cannotDelete}`)
  const verified: Outcome<Verified>[] = await withEachDevice(run, (queue) => verify(run, queue))
  const outcomes = options.reloadSeries ? await reloadDamaged(run, verified) : verified
  if (!outcomes) return ExitCode.usage
  printJson(run, outcomes.map(asJson))
  const exitCode = exitCodeOf(outcomes, options)
  return exitCode === ExitCode.done && valuesOf(outcomes).some((report) => isDifferent(report, run))
    ? ExitCode.different
    : exitCode
}

/** What was asked to be fixed, and is not; else whatever differs. */
function isDifferent({ channels }: Verified, { options: { repair, reloadSeries } }: Run): boolean {
  return channels.some(
    ({ tally }) => tally.missing > 0 || ((!repair || reloadSeries) && tally.doubled + tally.wrong > 0),
  )
}

/** Looks, and prints what it finds. `before`: what it found before series were rewritten. */
async function verify(run: Run, queue: DeviceQueue, before?: VerifyReport): Promise<VerifyReport> {
  const { options, output, signal, engine } = run
  const values = before ? undefined : options.values
  let saidTenths = 0
  const report = await queue.run(
    (context) =>
      verifyWork(context, {
        ...spanOf({ ...options, ...(before && { untilMs: before.window.untilMs }) }),
        intervalMs: engine.config.intervalMs,
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
  printText(run, describeVerification(report, { ...layoutOf(options), repair: options.repair }))
  return report
}

/** Rewrites what is duplicate, wrong or of an earlier program, and looks again; undefined when nobody could be asked. */
async function reloadDamaged(run: Run, verified: Outcome<Verified>[]): Promise<Outcome<Verified>[] | undefined> {
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
  const damagedByName = new Map(damaged.map((report) => [report.deviceName, report]))
  const reloaded = await withEachOf(run, damagedByName, async (queue, before) => {
    const series = await reload(run, queue, damagedKeys(before))
    printText(run, describeReloaded(queue.name, series))
    return { ...(await verify(run, queue, before)), reloaded: series }
  })
  return verified.map((outcome) => reloaded.find(({ name }) => name === outcome.name) ?? outcome)
}

function reload(run: Run, queue: DeviceQueue, keys: readonly string[]): Promise<readonly ReloadedSeries[]> {
  const { output, signal, options } = run
  return queue.run(
    (context) =>
      reloadWork(context, {
        ...spanOf(options),
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

function asJson(outcome: Outcome<Verified>): unknown {
  if (!('value' in outcome)) return outcome
  const { reloaded } = outcome.value
  return { name: outcome.name, value: { ...verificationAsJson(outcome.value), ...(reloaded && { reloaded }) } }
}
