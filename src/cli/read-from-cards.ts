import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { openCardDevice } from '../card/open-card-device.ts'
import type { CommandOutput } from '../model/daemon.ts'
import type { Device } from '../model/device.ts'
import { didYouMean } from '../model/nearest-name.ts'
import { DAY_MS } from '../model/time-window.ts'
import { systemClock } from '../runtime/clock.ts'
import { explain } from '../runtime/errors.ts'
import { type Log, silentLog } from '../runtime/log.ts'
import type { DeviceQueue } from '../sync/session/device-work.ts'
import type { SyncContext } from '../sync/session/session.ts'
import { createSyncMemory, memoryBeside, type SyncMemory } from '../sync/session/sync-memory.ts'
import type { Command, CommandRun } from './command.ts'
import { ExitCode, UsageError } from './exit-codes.ts'

/** A card is quick: the store is asked what it has, and whether it has got all, once in so much time. */
const CHUNK_MS = 366 * DAY_MS

/** The same command, with the cards in the place of their devices, which are not contacted. */
export async function readFromCards(
  run: CommandRun,
  pathByDevice: Readonly<Record<string, string>>,
  command: Command,
): Promise<number> {
  const { log, hasWarned } = logTo(run.output)
  const cards: Device[] = []
  let exitCode: number
  try {
    const queues: DeviceQueue[] = []
    for (const queue of run.queues) {
      const path = pathByDevice[queue.name] ?? ''
      const card = await openCardDevice({ name: queue.name, path }, { clock: systemClock, log })
      cards.push(card)
      queues.push(cardQueue(queue, card, log))
    }
    exitCode = await command({ ...run, queues })
  } finally {
    await Promise.all(cards.map((card) => card.close()))
  }
  return exitCode === ExitCode.done && run.options.strict && hasWarned() ? ExitCode.partly : exitCode
}

function cardQueue(queue: DeviceQueue, device: Device, log: Log): DeviceQueue {
  const withCard = (context: SyncContext, memory: SyncMemory): SyncContext => {
    const settings = { ...context.settings, chunkMs: Math.max(CHUNK_MS, context.settings.chunkMs) }
    return { ...context, device, settings, log, memory }
  }
  let memory: SyncMemory | undefined
  return {
    name: queue.name,
    run: (open, signal) =>
      queue.run((context) => {
        memory ??= memoryBeside(context.memory)
        return open(withCard(context, memory))
      }, signal),
    readOnly: (act) => queue.readOnly((context) => act(withCard(context, createSyncMemory()))),
  }
}

/** Whoever asked for the command learns what is found on the card, also when the daemon reads it. */
export function logTo({ log }: CommandOutput): { log: Log; hasWarned: () => boolean } {
  let warned = false
  return {
    hasWarned: () => warned,
    log: {
      debug() {},
      info: (message) => log('info', message),
      error: (message) => log('error', message),
      warn(message) {
        warned = true
        log('warn', message)
      },
    },
  }
}

interface CardChoice {
  /** The devices of the configuration. */
  readonly all: readonly string[]
  /** Those that the command names; none: any. */
  readonly named: readonly string[]
}

/** By device, the path of its card, from `[DEVICE=]PATH`. @throws UsageError for what is no card, or another device's. */
export async function readCardFlags(flags: readonly string[], choice: CardChoice): Promise<Record<string, string>> {
  const cards: Record<string, string> = {}
  for (const flag of flags) {
    const { name, path, isNamed } = readCardFlag(flag, choice)
    if (Object.hasOwn(cards, name)) throw new UsageError(`--from-card was given twice for ${name}`)
    cards[name] = resolve(path)
    const ownName = await readOwnName(name, resolve(path))
    if (!isNamed && ownName !== name && choice.all.includes(ownName))
      throw new UsageError(
        `--from-card ${path}: this card calls itself ${ownName}, which is another device of the configuration; nothing was done\n  if it is the card of ${name} all the same, name the device: --from-card ${name}=${path}`,
      )
  }
  const without = choice.named.filter((name) => !Object.hasOwn(cards, name))
  if (without.length > 0)
    throw new UsageError(
      `no card was given for ${without.join(', ')}\n  say where it is: ${without.map((name) => `--from-card ${name}=PATH`).join(' ')}`,
    )
  return cards
}

function readCardFlag(
  flag: string,
  { all, named }: CardChoice,
): { readonly name: string; readonly path: string; readonly isNamed: boolean } {
  const owner = all.find((name) => flag.startsWith(`${name}=`))
  const path = owner === undefined ? flag : flag.slice(owner.length + 1)
  if (path === '') throw new UsageError(`--from-card '${flag}' names no card; expected [DEVICE=]PATH`)
  const chosen = named.length === 0 ? all : named
  if (owner !== undefined) {
    if (chosen.includes(owner)) return { name: owner, path, isNamed: true }
    throw new UsageError(
      `--from-card ${flag}: ${owner} is not a device of this command, which names ${named.join(', ')}`,
    )
  }
  checkOwner(flag, all)
  const [only, ...others] = chosen
  if (only !== undefined && others.length === 0) return { name: only, path, isNamed: false }
  throw new UsageError(
    `--from-card ${flag}: the card of which device? It may be that of ${chosen.join(', ')}\n  name it: --from-card ${only}=${flag}`,
  )
}

/** A path may hold an equals sign too. */
function checkOwner(flag: string, all: readonly string[]): void {
  const [, owner] = /^([^/=]+)=/.exec(flag) ?? []
  if (owner === undefined || existsSync(flag)) return
  throw new UsageError(
    `--from-card ${flag}: no device ${owner}${didYouMean(owner, all)} in the configuration; it has: ${all.join(', ')}`,
  )
}

/** What the device of a card calls itself. */
async function readOwnName(name: string, path: string): Promise<string> {
  try {
    const card = await openCardDevice({ name, path }, { clock: systemClock, log: silentLog })
    const status = await card.status(new AbortController().signal)
    await card.close()
    return status.name
  } catch (error) {
    throw new UsageError(`--from-card: ${explain(error)}`)
  }
}
