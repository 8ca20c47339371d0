import type * as z from 'zod'
import { askedSchema, type Command, type CommandOptions } from './command.ts'
import {
  cardFlags,
  channelFlags,
  commonFlags,
  deviceFlags,
  exportOptions,
  layoutFlags,
  loadFlags,
  migrateFlags,
  noFlags,
  outputFlags,
  resultFlags,
  spanFlags,
  verifyFlags,
} from './flags.ts'

/** A command over devices: carried out by the daemon where one runs, else here. */
export interface DeviceCommand {
  /** What `--help` says. */
  readonly text: string
  /** In the order of `--help`. */
  readonly flags: readonly z.ZodObject[]
  /** Whether it writes to the store, or for the device; left out: never, nor to the state folder. */
  readonly writes?: (options: Readonly<Record<string, unknown>>) => boolean
  /** What one that was stopped has not done, where that must not pass for done. */
  readonly unfinished?: string
  /** What it is asked with, read, and itself. @throws ZodError */
  prepare(options: unknown): Promise<{ readonly options: CommandOptions; readonly act: Command }>
  load(): Promise<unknown>
}

interface Declared<O> extends Pick<DeviceCommand, 'text' | 'writes' | 'unfinished'> {
  /** The flags of this command alone. */
  readonly own: { parse(options: unknown): O } & z.ZodObject
  /** Groups of flags that others have too. */
  readonly shared?: readonly z.ZodObject[]
  /** All of them, where their order is another one. */
  readonly flags?: readonly z.ZodObject[]
  load(): Promise<Command<O>>
}

function command<O extends object>({ own, shared = [], flags, load, ...told }: Declared<O>): DeviceCommand {
  return {
    ...told,
    load,
    flags: flags ?? [commonFlags, deviceFlags, resultFlags, ...shared, own],
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
    text: 'one pass over the newest minutes, for cron',
    own: noFlags,
    writes: () => true,
    load: async () => (await import('./sync-command.ts')).syncCommand,
  }),
  load: command({
    text: 'history: everything that is wanted and missing, in chunks; may be stopped and run again',
    shared: [spanFlags, cardFlags],
    own: loadFlags,
    writes: ({ dryRun }) => dryRun !== true,
    load: async () => (await import('./load-command.ts')).loadCommand,
  }),
  migrate: command({
    text: 'series that another program left in the store, minute by minute',
    shared: [spanFlags],
    own: migrateFlags,
    writes: ({ dryRun }) => dryRun !== true,
    load: async () => (await import('./migrate-command.ts')).migrateCommand,
  }),
  verify: command({
    text: 'device against store: what is missing, doubled or wrong; --repair fills what is missing',
    shared: [spanFlags, cardFlags],
    own: verifyFlags,
    writes: ({ repair, reloadSeries }) => repair === true || reloadSeries === true,
    unfinished: UNANSWERED,
    load: async () => (await import('./verify-command.ts')).verifyCommand,
  }),
  check: command({
    text: 'configuration, store and devices: GOOD, WARN or BAD a line, and what to do',
    own: noFlags,
    unfinished: UNANSWERED,
    load: async () => (await import('./check-command.ts')).checkCommand,
  }),
  channels: command({
    text: 'what the devices list, and under which location it is kept',
    own: noFlags,
    unfinished: UNANSWERED,
    load: async () => (await import('./channels-command.ts')).channelsCommand,
  }),
  status: command({
    text: 'how far the store is with each device',
    own: noFlags,
    unfinished: UNANSWERED,
    load: async () => (await import('./status-command.ts')).statusCommand,
  }),
  export: command({
    text: 'what the store has, as CSV, NDJSON or Parquet; no device is asked',
    flags: [commonFlags, spanFlags, deviceFlags, channelFlags, outputFlags, layoutFlags],
    own: exportOptions,
    unfinished: 'no file was left half written',
    load: async () => (await import('./export-command.ts')).exportCommand,
  }),
}

/** By name, in the order of `--help`. */
export const COMMANDS: ReadonlyMap<string, DeviceCommand> = new Map(Object.entries(list))
