import { formatSpan } from '../runtime/plural.ts'
import { surveyDevice, type DeviceSurvey } from '../sync/check/survey-device.ts'
import { withEachDevice, type Command } from './command.ts'
import { ExitCode } from './exit-codes.ts'
import { formatTable } from './format-table.ts'
import { layoutOf, type Layout } from './format-time.ts'

/** How far the store is with each device, and how the daemon is where one runs; what fails there counts in the exit code. */
export const statusCommand: Command = async (run) => {
  const { engine, options, output, signal } = run
  const outcomes = await withEachDevice(run, (queue) => queue.readOnly((context) => surveyDevice(context, signal)))
  const daemon = engine.daemon?.status()
  const work = engine.atWork?.()
  const isFailing = (name: string) => daemon?.devices.some((device) => device.name === name && device.failure) ?? false
  const surveys = outcomes.flatMap((outcome) => ('value' in outcome ? [outcome.value] : []))
  const layout = layoutOf(options)
  const { times } = layout
  if (options.json)
    output.print(
      JSON.stringify({ store: engine.store.name, daemon: daemon ?? null, ...(work && { work }), devices: outcomes }),
    )
  else {
    output.print(`store: ${engine.store.name}`)
    if (work) output.print(work.text)
    output.print(daemon ? `daemon: running since ${times.minute(daemon.startedAtMs)}` : 'daemon: none is running')
    const rows = surveys.map((survey) => rowOf(survey, layout))
    if (rows.length > 0) for (const line of formatTable(HEAD, rows, options.columns)) output.print(line)
    for (const { deviceName, problem } of surveys)
      if (problem !== undefined && !isFailing(deviceName)) output.print(problem)
    for (const { name, failure, history } of daemon?.devices ?? []) {
      if (failure) output.print(`${name}: failing since ${times.minute(failure.sinceMs)}: ${failure.message}`)
      if (history.state === 'loading')
        output.print(`${name}: backfill: ${history.doneMinutes} of ${history.totalMinutes} minutes checked`)
    }
  }
  const failed = outcomes.filter(
    (outcome) => 'failure' in outcome || outcome.value.problem !== undefined || isFailing(outcome.name),
  ).length
  if (failed === 0) return ExitCode.done
  return failed === outcomes.length ? ExitCode.failed : ExitCode.partly
}

const HEAD = ['device', 'channels', 'stored', 'newest on device', 'stored until', 'lag', 'missing in the look-back']

function rowOf(survey: DeviceSurvey, { times }: Layout): string[] {
  return [
    survey.deviceName,
    `${survey.channelCount}`,
    `${survey.seriesCount}`,
    times.minute(survey.newestOnDeviceMs),
    times.minute(survey.storedUntilMs),
    formatSpan(survey.lagMs),
    `${survey.holeMinutes} min`,
  ]
}
