import type { CommandRequest } from '../model/collector.ts'
import { chooseDevices, optionsSchema, type Command, type CommandRun } from './command.ts'
import { UsageError } from './usage-error.ts'

/** @throws UsageError for a command or a device that does not exist. */
export async function carryOut(
  { command, options }: CommandRequest,
  { engine, output, signal }: Pick<CommandRun, 'engine' | 'output' | 'signal'>,
): Promise<number> {
  const parsed = optionsSchema.parse(options)
  const devices = chooseDevices(engine.config.devices, parsed.devices).map(({ name }) => name)
  const queues = engine.queues.filter(({ name }) => devices.includes(name))
  const act = await loadCommand(command)
  const run = { engine, queues, options: parsed, output, signal }
  if (parsed.cards === undefined) return act(run)
  return (await import('./read-from-cards.ts')).readFromCards(run, parsed.cards, act)
}

async function loadCommand(command: string): Promise<Command> {
  switch (command) {
    case 'sync':
      return (await import('./sync-command.ts')).syncCommand
    case 'load':
      return (await import('./load-command.ts')).loadCommand
    case 'migrate':
      return (await import('./migrate-command.ts')).migrateCommand
    case 'verify':
      return (await import('./verify-command.ts')).verifyCommand
    case 'check':
      return (await import('./check-command.ts')).checkCommand
    case 'channels':
      return (await import('./channels-command.ts')).channelsCommand
    case 'status':
      return (await import('./status-command.ts')).statusCommand
    case 'export':
      return (await import('./export-command.ts')).exportCommand
    default:
      throw new UsageError(`no command ${command}`)
  }
}
