import type { CommandRequest } from '../model/daemon.ts'
import { chooseDevices, type Command, type CommandRun, optionsSchema } from './command.ts'
import { UsageError } from './exit-codes.ts'

/** @throws UsageError for a command or a device that does not exist. */
export async function execute(
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

const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  sync: async () => (await import('./sync-command.ts')).syncCommand,
  load: async () => (await import('./load-command.ts')).loadCommand,
  migrate: async () => (await import('./migrate-command.ts')).migrateCommand,
  verify: async () => (await import('./verify-command.ts')).verifyCommand,
  check: async () => (await import('./check-command.ts')).checkCommand,
  channels: async () => (await import('./channels-command.ts')).channelsCommand,
  status: async () => (await import('./status-command.ts')).statusCommand,
  export: async () => (await import('./export-command.ts')).exportCommand,
}

async function loadCommand(command: string): Promise<Command> {
  const load = Object.hasOwn(COMMANDS, command) ? COMMANDS[command] : undefined
  if (!load) throw new UsageError(`no command ${command}`)
  return load()
}

/** For a process that stays: by the time that it is asked, an upgrade may have replaced the files. */
export async function loadCommands(): Promise<void> {
  await Promise.all([...Object.values(COMMANDS).map((load) => load()), import('./read-from-cards.ts')])
}
