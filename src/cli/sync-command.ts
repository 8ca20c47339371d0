import { singleStep } from '../sync/session/device-work.ts'
import { describeCycle, syncDevice } from '../sync/tail/sync-device.ts'
import { type Command, exitCodeOf, printJson, withEachDevice } from './command.ts'

/** One sync of the tail of each device. */
export const syncCommand: Command = async (run) => {
  const { options, output, signal } = run
  const outcomes = await withEachDevice(run, async (queue) => {
    const report = await queue.run(
      (context) => singleStep(() => syncDevice(context, { signal, countMissing: true, durable: true })),
      signal,
    )
    output.log('info', describeCycle(report))
    if (report.stoppedLog !== undefined) output.log('error', report.stoppedLog)
    return report
  })
  printJson(run, outcomes)
  return exitCodeOf(outcomes, options)
}
