import { formatShard } from '../config/shard.ts'
import { formatSpan } from '../runtime/plural.ts'
import { surveyDevice, type DeviceSurvey } from '../sync/check/survey-device.ts'
import { exitCodeOfFailures, printJson, printText, valuesOf, withEachDevice, type Command } from './command.ts'
import { type Cells, formatTable } from './format-table.ts'
import { type HouseTimes, layoutOf } from './format-time.ts'

/** How far the store is with each device, and how the daemon is where one runs; what fails there counts in the exit code. */
export const statusCommand: Command = async (run) => {
  const { engine, options, signal } = run
  const outcomes = await withEachDevice(run, (queue) => queue.readOnly((context) => surveyDevice(context, signal)))
  const daemon = engine.daemon?.status()
  const { shard } = engine.config
  const work = engine.atWork?.()
  const isFailing = (name: string) => daemon?.devices.some((device) => device.name === name && device.failure) ?? false
  const { times } = layoutOf(options)
  const surveys = valuesOf(outcomes)
  printJson(run, {
    store: engine.store.name,
    ...(shard && { shard }),
    daemon: daemon ?? null,
    ...(work && { work }),
    devices: outcomes,
  })
  printText(run, [
    `store: ${engine.store.name}`,
    ...(shard ? [`shard: ${formatShard(shard)}`] : []),
    ...(work ? [work.text] : []),
    daemon ? `daemon: running since ${times.minute(daemon.startedAtMs)}` : 'daemon: none is running',
    ...(surveys.length > 0 ? formatTable(surveys, cellsWith(times), options) : []),
    ...surveys.flatMap(({ deviceName, problem }) => (problem === undefined || isFailing(deviceName) ? [] : [problem])),
    ...(daemon?.devices ?? []).flatMap(({ name, failure, history }) => [
      ...(failure ? [`${name}: failing since ${times.minute(failure.sinceMs)}: ${failure.message}`] : []),
      ...(history.state === 'loading'
        ? [`${name}: backfill: ${history.doneMinutes} of ${history.totalMinutes} minutes checked`]
        : []),
    ]),
  ])
  return exitCodeOfFailures(
    outcomes.map((outcome) => 'failure' in outcome || outcome.value.problem !== undefined || isFailing(outcome.name)),
  )
}

function cellsWith(times: HouseTimes): Cells<DeviceSurvey> {
  return {
    device: ({ deviceName }) => deviceName,
    channels: ({ channelCount }) => channelCount,
    stored: ({ seriesCount }) => seriesCount,
    'newest on device': ({ newestOnDeviceMs }) => times.minute(newestOnDeviceMs),
    'stored until': ({ storedUntilMs }) => times.minute(storedUntilMs),
    lag: ({ lagMs }) => formatSpan(lagMs),
    'missing in the look-back': ({ holeMinutes }) => `${holeMinutes} min`,
  }
}
