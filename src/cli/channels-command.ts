import type { Channel } from '../model/channel.ts'
import type { CommandOutput } from '../model/daemon.ts'
import type { DeviceChannel } from '../model/device.ts'
import { explain } from '../runtime/errors.ts'
import { isAskable, isWattInput, measures } from '../sync/session/resolve-targets.ts'
import type { SyncContext } from '../sync/session/session.ts'
import { SyncError } from '../sync/session/sync-error.ts'
import { exitCodeOfFailures, printJson, printText, withEachDevice, type Command } from './command.ts'
import { type Cells, indented } from './format-table.ts'

/** What each device lists, and under which location it is kept. */
export const channelsCommand: Command = async (run) => {
  const { engine, options, output, signal } = run
  const problems = new Map<string, string>()
  const listed = await withEachDevice(run, async (queue) => {
    const channels = await queue.readOnly(({ device }) => device.listChannels(signal))
    const problem = await queue.readOnly((context) => findIdentityProblem(context, output, signal))
    if (problem !== undefined) problems.set(queue.name, problem)
    const configured = engine.config.devices.find(({ name }) => name === queue.name)?.channels
    return channels.map((channel) => ({ ...channel, location: locationOf(channel, configured) }))
  })
  const outcomes = listed.map((outcome) => {
    const problem = problems.get(outcome.name)
    return { ...outcome, ...(problem !== undefined && { problem }) }
  })
  printJson(run, outcomes)
  for (const outcome of outcomes)
    if ('value' in outcome) printText(run, [`${outcome.name}:`, ...indented(outcome.value, CELLS, options)])
  for (const problem of problems.values()) output.log('error', problem)
  return exitCodeOfFailures(outcomes.map((outcome) => 'failure' in outcome || 'problem' in outcome))
}

const CELLS: Cells<DeviceChannel & { readonly location: string | undefined }> = {
  channel: ({ name }) => name,
  unit: ({ unit }) => unit,
  kind: ({ kind }) => kind,
  'kept as': ({ location }) => location ?? '–',
}

/** Whether it is another device than the one that is meant. */
async function findIdentityProblem(
  { device, settings, identities }: SyncContext,
  { log }: CommandOutput,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const warnings = await identities?.judge(settings.deviceName, await device.status(signal), signal)
    for (const warning of warnings ?? []) log('warn', warning)
    return undefined
  } catch (error) {
    signal.throwIfAborted()
    return error instanceof SyncError ? explain(error) : undefined
  }
}

function locationOf(listed: DeviceChannel, configured: readonly Channel[] | undefined): string | undefined {
  if (configured) return configured.find(({ name, unit }) => name === listed.name && measures(listed, unit))?.location
  return isWattInput(listed) && isAskable(listed) ? listed.name : undefined
}
