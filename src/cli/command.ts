import * as z from 'zod'
import type { CommandOutput } from '../model/daemon.ts'
import { explain } from '../runtime/errors.ts'
import { LOAD_ORDERS } from '../sync/copy/anchor-series.ts'
import type { DeviceQueue } from '../sync/session/device-work.ts'
import type { Engine } from './engine.ts'
import { ExitCode, UsageError } from './exit-codes.ts'
import { TEXT_FORMATS } from './export-format.ts'

/** How values are compared: by the means of hours first, or all of them. */
export const VALUE_CHECKS = ['hours', 'all'] as const

export const optionsSchema = z.object({
  devices: z.array(z.string()).default([]),
  sinceMs: z.number().optional(),
  untilMs: z.number().optional(),
  json: z.boolean().default(false),
  strict: z.boolean().default(false),
  dryRun: z.boolean().default(false),
  yes: z.boolean().default(false),
  order: z.enum(LOAD_ORDERS).default('oldest-first'),
  values: z.enum(VALUE_CHECKS).optional(),
  repair: z.boolean().default(false),
  reloadSeries: z.boolean().default(false),
  maxDeviceLoad: z.number().gt(0).max(1).optional(),
  /** By device: the path of the card that is read in its place. */
  cards: z.record(z.string(), z.string()).optional(),
  channel: z.array(z.string()).default([]),
  format: z.enum(TEXT_FORMATS).default('csv'),
  timezone: z.string().optional(),
  wide: z.boolean().default(false),
  /** Of the house: times for people are those of its clocks. */
  zone: z.string().default('UTC'),
  /** How wide the terminal is that shows the answer. */
  columns: z.number().optional(),
  /** About the configuration that the command was given with. */
  warnings: z.array(z.string()).default([]),
})
export type CommandOptions = z.infer<typeof optionsSchema>

/** What a command is given: it runs in this process or inside the daemon, and cannot tell which. */
export interface CommandRun {
  readonly engine: Engine
  readonly queues: readonly DeviceQueue[]
  readonly options: CommandOptions
  readonly output: CommandOutput
  readonly signal: AbortSignal
}

export type Command = (run: CommandRun) => Promise<number>

export function chooseDevices<T extends { readonly name: string }>(
  all: readonly T[],
  names: readonly string[],
): readonly T[] {
  for (const name of names)
    if (!all.some((device) => device.name === name))
      throw new UsageError(
        `no device ${name} in the configuration; it has: ${all.map((device) => device.name).join(', ')}`,
      )
  return names.length === 0 ? all : all.filter(({ name }) => names.includes(name))
}

/** How it went with one device. */
export type Outcome<T> = { readonly name: string } & ({ readonly value: T } | { readonly failure: string })

/** Does the same with every device, side by side; one that fails does not stop the others. */
export async function withEachDevice<T>(
  { queues, output, signal }: CommandRun,
  act: (queue: DeviceQueue) => Promise<T>,
): Promise<Outcome<T>[]> {
  return Promise.all(
    queues.map(async (queue) => {
      try {
        return { name: queue.name, value: await act(queue) }
      } catch (error) {
        signal.throwIfAborted()
        const failure = explain(error)
        output.log('error', failure.startsWith(`${queue.name}: `) ? failure : `${queue.name}: ${failure}`)
        return { name: queue.name, failure }
      }
    }),
  )
}

interface Copied {
  readonly warnings: readonly string[]
  readonly failedChannels: readonly string[]
  readonly droppedMinutes?: number
  readonly isDoubtful?: boolean
  /** It counts as a device that failed. */
  readonly stoppedLog?: string
}

/** 0, 1 when every device failed, 3 when a device or a channel did, or warned and that counts. */
export function exitCodeOf(outcomes: readonly Outcome<Copied>[], { strict }: CommandOptions): number {
  const copied = outcomes.flatMap((outcome) =>
    'value' in outcome && outcome.value.stoppedLog === undefined ? [outcome.value] : [],
  )
  if (copied.length === 0) return ExitCode.failed
  const isPartly =
    copied.length < outcomes.length ||
    copied.some(
      ({ failedChannels, droppedMinutes = 0, isDoubtful = false, warnings }) =>
        failedChannels.length > 0 || droppedMinutes > 0 || isDoubtful || (strict && warnings.length > 0),
    )
  return isPartly ? ExitCode.partly : ExitCode.done
}
