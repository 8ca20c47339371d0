import { formatWindow, minuteCount, type TimeWindow } from '../model/time-window.ts'
import { formatSpan } from '../sync/describe-pass.ts'
import { historyWork } from '../sync/history-work.ts'
import type { LoadProgress, LoadReport } from '../sync/load-history.ts'
import { exitCodeOf, withEachDevice, type Command } from './command.ts'
import { formatTable } from './format-table.ts'

/** Everything that is wanted and missing, oldest first. */
export const loadCommand: Command = async (run) => {
  const { options, output, signal } = run
  const { sinceMs, untilMs } = options
  const outcomes = await withEachDevice(run, (queue) =>
    queue.run(
      (context) =>
        historyWork(context, {
          signal,
          refuseBeyondRetention: true,
          onStart: (whole) => output.log('info', describeStart(queue.name, whole)),
          onProgress: (progress) => output.log('info', describeChunk(progress)),
          ...(sinceMs !== undefined && { sinceMs }),
          ...(untilMs !== undefined && { untilMs }),
        }),
      signal,
    ),
  )
  const reports = outcomes.flatMap((outcome) => ('value' in outcome ? [outcome.value] : []))
  if (options.json) output.print(JSON.stringify(outcomes))
  else if (reports.length > 0) for (const line of formatTable(HEAD, reports.map(rowOf))) output.print(line)
  return exitCodeOf(outcomes, options)
}

const HEAD = ['device', 'from', 'to', 'minutes', 'rows read', 'samples written', 'not on the device', 'took']

function rowOf({ deviceName, window, rowCount, sampleCount, absentMinutes, durationMs }: LoadReport): string[] {
  const minutes = minuteCount(window)
  const [from = '', to = ''] = [window.fromMs, window.untilMs].map((ms) => new Date(ms).toISOString().slice(0, 16))
  return [
    deviceName,
    from,
    to,
    `${minutes}`,
    `${rowCount}`,
    `${sampleCount}`,
    `${absentMinutes} min`,
    formatSpan(durationMs),
  ]
}

function describeStart(name: string, whole: TimeWindow): string {
  return `${name}: ${minuteCount(whole)} minutes, ${formatWindow(whole)}: what the store lacks of them is copied, oldest first`
}

function describeChunk({ deviceName, chunk, whole, doneMinutes, rowCount, sampleCount }: LoadProgress): string {
  const [from, to] = [chunk.fromMs, chunk.untilMs].map((ms) => new Date(ms).toISOString().slice(0, 10))
  const percent = Math.floor((100 * doneMinutes) / Math.max(1, minuteCount(whole)))
  return `${deviceName}: ${from} to ${to}: ${rowCount} rows, ${sampleCount} samples, ${percent} %`
}
