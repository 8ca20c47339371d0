import { openCardDevice } from '../card/open-card-device.ts'
import type { CommandOutput } from '../model/collector.ts'
import type { Device } from '../model/device.ts'
import { DAY_MS } from '../model/time-window.ts'
import { systemClock } from '../runtime/clock.ts'
import type { Log } from '../runtime/log.ts'
import type { DeviceQueue } from '../sync/device-work.ts'
import type { SyncContext } from '../sync/session.ts'
import { createSyncMemory } from '../sync/sync-memory.ts'
import type { Command, CommandRun } from './command.ts'

/** A card is quick: the store is asked what it has, and whether it has got all, once in so much time. */
const CHUNK_MS = 98 * DAY_MS

/** The same command, with the cards in the place of their devices, which are not contacted. */
export async function readFromCards(
  run: CommandRun,
  pathByDevice: Readonly<Record<string, string>>,
  command: Command,
): Promise<number> {
  const log = logTo(run.output)
  const cards: Device[] = []
  try {
    const queues: DeviceQueue[] = []
    for (const queue of run.queues) {
      const card = await openCardDevice(
        { name: queue.name, path: pathByDevice[queue.name] ?? '' },
        { clock: systemClock, log },
      )
      cards.push(card)
      queues.push(cardQueue(queue, card, log))
    }
    return await command({ ...run, queues })
  } finally {
    await Promise.all(cards.map((card) => card.close()))
  }
}

/** What is remembered of the device is not true of its card, and the other way round. */
function cardQueue(queue: DeviceQueue, device: Device, log: Log): DeviceQueue {
  const withCard = (context: SyncContext): SyncContext => {
    const settings = { ...context.settings, chunkMs: Math.max(CHUNK_MS, context.settings.chunkMs) }
    return { ...context, device, settings, log, memory: createSyncMemory() }
  }
  return {
    name: queue.name,
    run: (open, signal) => queue.run((context) => open(withCard(context)), signal),
    look: (act) => queue.look((context) => act(withCard(context))),
  }
}

/** Whoever asked for the command learns what is found on the card, also when the daemon reads it. */
function logTo({ log }: CommandOutput): Log {
  return {
    debug: () => {},
    info: (message) => log('info', message),
    warn: (message) => log('warn', message),
    error: (message) => log('error', message),
  }
}
