import type * as z from 'zod'
import type { CommandRequest } from '../model/daemon.ts'
import { askedSchema, chooseDevices, type Command, type CommandOptions, type CommandRun } from './command.ts'
import { UsageError } from './exit-codes.ts'
import * as flags from './flags.ts'

/** A command over devices: executed by the daemon where one runs, else here. */
export interface DeviceCommand {
  /** What `--help` says. */
  readonly text: string
  /** In the order of `--help`. */
  readonly flags: readonly z.ZodObject[]
  /** Whether it writes to the store, or for the device; left out: never, nor to the state folder. */
  readonly writes?: (options: Readonly<Record<string, unknown>>) => boolean
  /** What one that was stopped has not done, where that must not be taken for done. */
  readonly unfinished?: string
  /** What it is asked with, read, and itself. @throws ZodError */
  prepare(options: unknown): Promise<{ readonly options: CommandOptions; readonly act: Command }>
  load(): Promise<unknown>
}

interface Declared<Own> extends Pick<DeviceCommand, 'text' | 'writes' | 'unfinished'> {
  /** The flags of this command alone. */
  readonly own: { parse(options: unknown): Own } & z.ZodObject
  /** All groups of its flags, in the order of `--help`; left out: those of every command over devices, and its own. */
  readonly groups?: readonly z.ZodObject[]
  load(): Promise<Command<Own>>
}

const EXPORT_GROUPS = [
  flags.commonFlags,
  flags.spanFlags,
  flags.deviceFlags,
  flags.channelFlags,
  flags.outputFlags,
  flags.layoutFlags,
]
const GROUPS = [flags.commonFlags, flags.deviceFlags, flags.resultFlags]

function command<Own extends object>({ own, groups = [...GROUPS, own], load, ...told }: Declared<Own>): DeviceCommand {
  return {
    ...told,
    flags: groups,
    load,
    async prepare(given) {
      const options = { ...askedSchema.parse(given), ...own.parse(given) }
      const act = await load()
      return { options, act: (run) => act({ ...run, options }) }
    },
  }
}

const UNANSWERED = 'not everything was looked at'

const list: Readonly<Record<string, DeviceCommand>> = {
  sync: command({
    text: 'copies the newest minutes once, for cron',
    own: flags.noFlags,
    writes: () => true,
    load: async () => (await import('./sync-command.ts')).syncCommand,
  }),
  load: command({
    text: 'backfills everything that is missing, in chunks; may be stopped and run again',
    own: flags.loadFlags,
    groups: [...GROUPS, flags.spanFlags, flags.cardFlags, flags.loadFlags],
    writes: ({ dryRun }) => dryRun !== true,
    load: async () => (await import('./load-command.ts')).loadCommand,
  }),
  migrate: command({
    text: 'turns series that another program left in the store into minutes',
    own: flags.migrateFlags,
    groups: [...GROUPS, flags.spanFlags, flags.migrateFlags],
    writes: ({ dryRun }) => dryRun !== true,
    load: async () => (await import('./migrate-command.ts')).migrateCommand,
  }),
  verify: command({
    text: 'compares device and store: what is missing, duplicate or wrong; --repair fills what is missing',
    own: flags.verifyFlags,
    groups: [...GROUPS, flags.spanFlags, flags.cardFlags, flags.verifyFlags],
    writes: ({ repair, reloadSeries }) => repair === true || reloadSeries === true,
    unfinished: UNANSWERED,
    load: async () => (await import('./verify-command.ts')).verifyCommand,
  }),
  check: command({
    text: 'checks configuration, store and devices: one line each, GOOD, WARN or BAD, and what to do',
    own: flags.checkFlags,
    unfinished: UNANSWERED,
    load: async () => (await import('./check-command.ts')).checkCommand,
  }),
  channels: command({
    text: 'the channels that the devices list, and the locations under which they are stored',
    own: flags.noFlags,
    unfinished: UNANSWERED,
    load: async () => (await import('./channels-command.ts')).channelsCommand,
  }),
  status: command({
    text: 'how far each device is copied',
    own: flags.noFlags,
    unfinished: UNANSWERED,
    load: async () => (await import('./status-command.ts')).statusCommand,
  }),
  export: command({
    text: 'writes what the store has as CSV, NDJSON or Parquet; contacts no device',
    groups: EXPORT_GROUPS,
    own: flags.exportOptions,
    unfinished: 'no file was left half written',
    load: async () => (await import('./export-command.ts')).exportCommand,
  }),
  bill: command({
    text: 'what energy cost, or would have cost, by the tariffs of the configuration; contacts no device',
    groups: [flags.commonFlags, flags.resultFlags.pick({ json: true }), flags.billFlags],
    own: flags.billFlags,
    load: async () => (await import('./bill-command.ts')).billCommand,
  }),
}

/** By name, in the order of `--help`. */
export const COMMANDS: ReadonlyMap<string, DeviceCommand> = new Map(Object.entries(list))

/** @throws UsageError for a command or a device that does not exist. */
export async function execute(
  { command, options }: CommandRequest,
  { engine, output, signal }: Pick<CommandRun, 'engine' | 'output' | 'signal'>,
): Promise<number> {
  const found = COMMANDS.get(command)
  if (!found) throw new UsageError(`no command ${command}`)
  const { options: asked, act } = await found.prepare(options)
  const devices = chooseDevices(engine.config, asked.devices).map(({ name }) => name)
  const queues = engine.queues.filter(({ name }) => devices.includes(name))
  const run = { engine, queues, options: asked, output, signal }
  if (asked.cards === undefined) return act(run)
  return (await import('./read-from-cards.ts')).readFromCards(run, asked.cards, act)
}

/** For a process that stays: by the time that it is asked, an upgrade may have replaced the files. */
export async function loadCommands(): Promise<void> {
  await Promise.all([...[...COMMANDS.values()].map(({ load }) => load()), import('./read-from-cards.ts')])
}
