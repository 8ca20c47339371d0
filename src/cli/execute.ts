import type { CommandRequest } from '../model/daemon.ts'
import { chooseDevices, type CommandRun } from './command.ts'
import { COMMANDS } from './commands.ts'
import { UsageError } from './exit-codes.ts'

/** @throws UsageError for a command or a device that does not exist. */
export async function carryOut(
  { command, options }: CommandRequest,
  { engine, output, signal }: Pick<CommandRun, 'engine' | 'output' | 'signal'>,
): Promise<number> {
  const found = COMMANDS.get(command)
  if (!found) throw new UsageError(`no command ${command}`)
  const { options: asked, act } = await found.prepare(options)
  const devices = chooseDevices(engine.config.devices, asked.devices).map(({ name }) => name)
  const queues = engine.queues.filter(({ name }) => devices.includes(name))
  const run = { engine, queues, options: asked, output, signal }
  if (asked.cards === undefined) return act(run)
  return (await import('./read-from-cards.ts')).readFromCards(run, asked.cards, act)
}

/** For a process that stays: by the time that it is asked, an upgrade may have replaced the files. */
export async function loadCommands(): Promise<void> {
  await Promise.all([...[...COMMANDS.values()].map(({ load }) => load()), import('./read-from-cards.ts')])
}
