import { once } from 'node:events'
import { basename, resolve } from 'node:path'
import { DAY_MS } from '../model/time-window.ts'
import { startSimulator } from '../simulator/start-simulator.ts'
import { createLog } from './create-log.ts'
import { ExitCode } from './exit-codes.ts'
import { untilSignal } from './until-signal.ts'

export interface SimulateFlags {
  readonly card: readonly string[]
  readonly port: number
  readonly readMs: number
  readonly days: number
  readonly seed: number
  readonly clock?: number
}

/** Serves simulated devices until it is ended. */
export async function simulateCommand({ card, port, readMs, days, seed, clock }: SimulateFlags): Promise<number> {
  const { signal } = untilSignal()
  const midnightMs = Math.floor(Date.now() / DAY_MS) * DAY_MS
  const simulator = await startSimulator({
    ...(card.length > 0 ? { cards: card.map(readCard) } : { house: { seed, fromMs: midnightMs - days * DAY_MS } }),
    ...(clock !== undefined && { clockMs: clock }),
    basePort: port,
    readCostMs: readMs,
    log: createLog({ level: 'info', format: 'auto' }),
  })
  for (const { name, url } of simulator.devices) process.stdout.write(`${name}  ${url}\n`)
  await once(signal, 'abort')
  await simulator.close()
  return ExitCode.done
}

function readCard(flag: string): { name: string; folder: string } {
  const [, name, folder] = /^(?:([^=/]+)=)?(.+)$/.exec(flag) ?? []
  const path = resolve(folder ?? flag)
  return { name: name ?? basename(path), folder: path }
}
