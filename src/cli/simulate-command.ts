import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { CARD_PATHS } from '../card/open-card.ts'
import { findMachineZone } from '../config/machine-zone.ts'
import { DAY_MS } from '../model/time-window.ts'
import { hasCode } from '../runtime/errors.ts'
import { startSimulator } from '../simulator/start-simulator.ts'
import { createLog } from './create-log.ts'
import { ExitCode, UsageError, untilSignal } from './exit-codes.ts'
import type { SimulateFlags } from './flags.ts'

/** Serves simulated devices until it is ended. */
export async function simulateCommand({ card, port, readMs, days, seed, clock }: SimulateFlags): Promise<number> {
  const { signal } = untilSignal()
  const { timezone } = await findMachineZone(process.env)
  const midnightMs = Math.floor(Date.now() / DAY_MS) * DAY_MS
  const options = {
    ...(card.length > 0 ? { cards: card.map(readCard) } : { house: { seed, fromMs: midnightMs - days * DAY_MS } }),
    ...(clock !== undefined && { clockMs: clock }),
    basePort: port,
    readCostMs: readMs,
    log: createLog({ level: 'info', format: 'auto', zone: timezone }),
  }
  const simulator = await startSimulator(options).catch((error: unknown) => refuseAddress(error, port))
  for (const { name, url } of simulator.devices) process.stdout.write(`${name}  ${url}\n`)
  await once(signal, 'abort')
  await simulator.close()
  return ExitCode.done
}

/** The devices listen on this port and those that follow it. */
function refuseAddress(error: unknown, port: number): never {
  const taken = error instanceof Error && 'port' in error ? Number(error.port) : port
  const words = PORT_PROBLEMS.find(([code]) => hasCode(error, code))?.[1]
  if (words === undefined) throw error
  throw new Error(
    `port ${taken} cannot be used: ${words}\n  for other ports, from N on: --port N (0: any that are free)`,
    {
      cause: error,
    },
  )
}

const PORT_PROBLEMS = [
  ['EADDRINUSE', 'another program listens there'],
  ['EACCES', 'this user may not listen there'],
  ['ERR_SOCKET_BAD_PORT', 'ports end at 65535, and each device has one'],
] as const

function readCard(flag: string): { name: string; folder: string } {
  const [, name, folder] = /^(?:([^=/]+)=)?(.+)$/.exec(flag) ?? []
  const path = resolve(folder ?? flag)
  const problem = existsSync(join(path, CARD_PATHS.config)) ? undefined : `there is no ${CARD_PATHS.config}`
  if (problem !== undefined) throw new UsageError(`--card ${path} is no SD card of an IoTaWatt: ${problem}`)
  return { name: name ?? basename(path), folder: path }
}
