import type { Channel } from '../model/channel.ts'
import type { DeviceChannel } from '../model/device.ts'
import { isAskable, isWattInput, measures } from '../sync/resolve-targets.ts'
import { withEachDevice, type Command } from './command.ts'
import { ExitCode } from './exit-codes.ts'
import { indented } from './format-table.ts'

/** What each device lists, and under which location it is kept. */
export const channelsCommand: Command = async (run) => {
  const { engine, options, output, signal } = run
  const outcomes = await withEachDevice(run, async (queue) => {
    const channels = await queue.look(({ device }) => device.listChannels(signal))
    const configured = engine.config.devices.find(({ name }) => name === queue.name)?.channels
    return channels.map((channel) => ({ ...channel, location: locationOf(channel, configured) }))
  })
  if (options.json) output.print(JSON.stringify(outcomes))
  for (const outcome of outcomes)
    if ('value' in outcome && !options.json) {
      output.print(`${outcome.name}:`)
      const rows = outcome.value.map(({ name, unit, kind, location }) => [name, unit, kind, location ?? '–'])
      for (const line of indented(['channel', 'unit', 'kind', 'kept as'], rows, options)) output.print(line)
    }
  const failed = outcomes.filter((outcome) => 'failure' in outcome).length
  if (failed === 0) return ExitCode.done
  return failed === outcomes.length ? ExitCode.failed : ExitCode.partly
}

function locationOf(listed: DeviceChannel, configured: readonly Channel[] | undefined): string | undefined {
  if (configured) return configured.find(({ name, unit }) => name === listed.name && measures(listed, unit))?.location
  return isWattInput(listed) && isAskable(listed) ? listed.name : undefined
}
