import * as z from 'zod'
import { formatShard, type Shard } from '../config/shard.ts'
import type { CommandOutput } from '../model/daemon.ts'
import { explain } from '../runtime/errors.ts'
import type { DeviceQueue } from '../sync/session/device-work.ts'
import type { Engine } from './engine.ts'
import { ExitCode, UsageError } from './exit-codes.ts'
import { resultFlags } from './flags.ts'

/** What every command over devices is asked with, beside its own flags. */
export const askedSchema = z.object({
  ...resultFlags.shape,
  devices: z.array(z.string()).default([]),
  sinceMs: z.number().optional(),
  untilMs: z.number().optional(),
  /** By device: the path of the card that is read in its place. */
  cards: z.record(z.string(), z.string()).optional(),
  /** Of the house: times for people are those of its clocks. */
  zone: z.string().default('UTC'),
  /** How wide the terminal is that shows the answer. */
  columns: z.number().optional(),
  /** About the configuration that the command was given with. */
  warnings: z.array(z.string()).default([]),
})
export type CommandOptions = z.infer<typeof askedSchema>

/** What a command is given: it runs in this process or inside the daemon, and cannot tell which. `Own`: its flags. */
export interface CommandRun<Own = unknown> {
  readonly engine: Engine
  readonly queues: readonly DeviceQueue[]
  readonly options: CommandOptions & Own
  readonly output: CommandOutput
  readonly signal: AbortSignal
}

export type Command<Own = unknown> = (run: CommandRun<Own>) => Promise<number>

export function chooseDevices<T extends { readonly name: string }>(
  { devices: all, shard }: { readonly devices: readonly T[]; readonly shard?: Shard | undefined },
  names: readonly string[],
): readonly T[] {
  const where = shard ? `shard ${formatShard(shard)}` : 'the configuration'
  for (const name of names)
    if (!all.some((device) => device.name === name))
      throw new UsageError(
        `no device ${name} in ${where}; it has: ${all.map((device) => device.name).join(', ') || 'none'}`,
      )
  return names.length === 0 ? all : all.filter(({ name }) => names.includes(name))
}

/** How it went with one device. */
export type Outcome<T> = { readonly name: string } & ({ readonly value: T } | { readonly failure: string })

/** Does the same with every device, side by side; one that fails does not stop the others. */
export function withEachDevice<T>(run: CommandRun, act: (queue: DeviceQueue) => Promise<T>): Promise<Outcome<T>[]> {
  return Promise.all(run.queues.map((queue) => outcomeOf(queue, run, act)))
}

/** The same with those devices that have a part in it. */
export function withEachOf<P, T>(
  run: CommandRun,
  parts: ReadonlyMap<string, P>,
  act: (queue: DeviceQueue, part: P) => Promise<T>,
): Promise<Outcome<T>[]> {
  const acts = run.queues.flatMap((queue) => {
    const part = parts.get(queue.name)
    return part === undefined ? [] : [outcomeOf(queue, run, () => act(queue, part))]
  })
  return Promise.all(acts)
}

async function outcomeOf<T>(
  queue: DeviceQueue,
  { output, signal }: CommandRun,
  act: (queue: DeviceQueue) => Promise<T>,
): Promise<Outcome<T>> {
  const { name } = queue
  try {
    return { name, value: await act(queue) }
  } catch (error) {
    signal.throwIfAborted()
    const failure = explain(error)
    output.log('error', failure.startsWith(`${name}: `) ? failure : `${name}: ${failure}`)
    return { name, failure }
  }
}

export function valuesOf<T>(outcomes: readonly Outcome<T>[]): T[] {
  return outcomes.flatMap((outcome) => ('value' in outcome ? [outcome.value] : []))
}

export function valuesByName<T>(outcomes: readonly Outcome<T>[]): Map<string, T> {
  return new Map(outcomes.flatMap((outcome) => ('value' in outcome ? [[outcome.name, outcome.value]] : [])))
}

/** The time that was asked for. */
export function spanOf({ sinceMs, untilMs }: CommandOptions) {
  return { ...(sinceMs !== undefined && { sinceMs }), ...(untilMs !== undefined && { untilMs }) }
}

/** For a person: a program that asked for JSON gets nothing else. */
export function printText({ options, output }: CommandRun, lines: readonly string[]): void {
  if (!options.json) for (const line of lines) output.print(line)
}

/** For a program that asked for it. */
export function printJson({ options, output }: CommandRun, answer: unknown): void {
  if (options.json) output.print(JSON.stringify(answer))
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
export function exitCodeOf(outcomes: readonly Outcome<Copied>[], { strict }: Pick<CommandOptions, 'strict'>): number {
  const copied = outcomes.flatMap((outcome) =>
    'value' in outcome && outcome.value.stoppedLog === undefined ? [outcome.value] : [],
  )
  // A shard may have no device.
  if (copied.length === 0 && outcomes.length > 0) return ExitCode.failed
  const isPartly =
    copied.length < outcomes.length ||
    copied.some(
      ({ failedChannels, droppedMinutes = 0, isDoubtful = false, warnings }) =>
        failedChannels.length > 0 || droppedMinutes > 0 || isDoubtful || (strict && warnings.length > 0),
    )
  return isPartly ? ExitCode.partly : ExitCode.done
}

/** By device, whether it failed: 0 when none did, 1 when all did, else 3. */
export function exitCodeOfFailures(failures: readonly boolean[]): number {
  const count = failures.filter(Boolean).length
  if (count === 0) return ExitCode.done
  return count === failures.length ? ExitCode.failed : ExitCode.partly
}
