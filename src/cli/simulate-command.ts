import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { CARD_PATHS } from '../card/open-card.ts'
import { DAY_MS } from '../model/time-window.ts'
import { startSimulator } from '../simulator/start-simulator.ts'
import { createLog } from './create-log.ts'
import { ExitCode } from './exit-codes.ts'
import { untilSignal } from './until-signal.ts'
import { UsageError } from './usage-error.ts'

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
  const problem = existsSync(join(path, CARD_PATHS.config)) ? undefined : `there is no ${CARD_PATHS.config}`
  if (problem !== undefined) throw new UsageError(`--card ${path} is no SD card of an IoTaWatt: ${problem}`)
  return { name: name ?? basename(path), folder: path }
}
