import { openCardDevice } from '../card/open-card-device.ts'
import type { CommandOutput } from '../model/daemon.ts'
import type { Device } from '../model/device.ts'
import { DAY_MS } from '../model/time-window.ts'
import { systemClock } from '../runtime/clock.ts'
import type { Log } from '../runtime/log.ts'
import type { DeviceQueue } from '../sync/session/device-work.ts'
import type { SyncContext } from '../sync/session/session.ts'
import { createSyncMemory, memoryBeside, type SyncMemory } from '../sync/session/sync-memory.ts'
import type { Command, CommandRun } from './command.ts'
import { ExitCode } from './exit-codes.ts'

/** A card is quick: the store is asked what it has, and whether it has got all, once in so much time. */
const CHUNK_MS = 98 * DAY_MS

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
