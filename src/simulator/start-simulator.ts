import { type Card, openCard } from '../card/open-card.ts'
import { systemClock } from '../runtime/clock.ts'
import type { Log } from '../runtime/log.ts'
import { plainReply, toAnswer } from './device-answer.ts'
import { generateHouse, type HouseOptions } from './generate-house.ts'
import { createLoadSwitches, type LoadSwitches } from './load-switches.ts'
import { createPlainDevice, type DeviceSource, makeMac, type PlainDevice } from './plain-device.ts'
import { parseArguments } from './request-arguments.ts'
import { type DeviceServer, serveDevice } from './serve-device.ts'
import { HOUSE_LOADS } from './two-unit-house.ts'

export interface SimulatorOptions {
  /** The card folders to serve. */
  readonly cards?: readonly { readonly name: string; readonly folder: string }[]
  /** A made-up house to serve. */
  readonly house?: HouseOptions
  /** The first device's port, the next device has the next; left out or 0: any that are free. */
  readonly basePort?: number
  readonly readCostMs?: number
  /** What the clock of the devices shows when they start; left out: for a card the end of its log, else the time. */
  readonly clockMs?: number
  readonly log: Log
}

export interface RunningSimulator {
  readonly devices: readonly { readonly name: string; readonly url: string }[]
  close(): Promise<void>
}

/** What is left of the last interval of a card when its clock is not given. */
const AFTER_LAST_RECORD_MS = 3000

/** Serves cards or a house until it is closed; the clocks of the devices run. */
export async function startSimulator(options: SimulatorOptions): Promise<RunningSimulator> {
  const { basePort = 0, readCostMs = 0, clockMs = systemClock.nowMs(), log } = options
  const cards = (options.cards ?? []).map(({ name, folder }) => ({ name, card: openCard(folder) }))
  const devices: { readonly name: string; readonly url: string }[] = []
  const servers: DeviceServer[] = []

  async function serve(
    { name, switches }: { name: string; switches?: LoadSwitches },
    source: DeviceSource,
    startMs: number,
  ): Promise<void> {
    const offsetMs = startMs - systemClock.nowMs()
    const clock = { nowMs: () => systemClock.nowMs() + offsetMs }
    const device = createPlainDevice({ source, clock, readCostMs })
    const server = await serveDevice(switches ? withSwitches(device, switches, clock) : device, {
      port: basePort === 0 ? 0 : basePort + devices.length,
    })
    servers.push(server)
    devices.push({ name, url: server.url })
    log.info(`${name} answers at ${server.url}`, { device: name, url: server.url })
  }

  async function close(): Promise<void> {
    await Promise.all(servers.map((server) => server.close()))
    for (const { card } of cards) card.close()
  }

  try {
    for (const { name, card } of cards)
      await serve({ name }, cardSource(card), options.clockMs ?? afterLastRecord(card))
    if (options.house !== undefined) {
      const switches = createLoadSwitches()
      for (const [name, source] of generateHouse({ ...options.house, switches }))
        await serve({ name, switches }, source, clockMs)
    }
  } catch (error) {
    await close()
    throw error
  }
  return { devices, close }
}

/** No device has this: `/switch?load=Dryer&watts=2400` switches on a load of the house, with `watts=0` off again. */
function withSwitches(device: PlainDevice, switches: LoadSwitches, clock: { nowMs(): number }): PlainDevice {
  return {
    ...device,
    answer(request) {
      if (!request.url.startsWith('/switch?')) return device.answer(request)
      const { values } = parseArguments(request.url)
      const [load = '', watts] = [values.get('load'), Number(values.get('watts') ?? NaN)]
      const isKnown = SWITCHED.includes(load) && Number.isFinite(watts)
      if (isKnown) switches.set(load, watts, clock.nowMs())
      const text = isKnown ? `${load}: ${watts} W` : `load: one of ${SWITCHED.join(', ')}; watts: a number`
      return toAnswer(plainReply(isKnown ? 200 : 400, 'text/plain', `${text}\n`), { recordReads: 0, costMs: 0 })
    },
  }
}

const SWITCHED = HOUSE_LOADS.filter(({ shape }) => shape.kind !== 'line').map(({ name }) => name)

function afterLastRecord({ current, history }: Card): number {
  return Math.max(current.lastKeyS, history.lastKeyS) * 1000 + AFTER_LAST_RECORD_MS
}

/** The card of a real device: nothing is ever added to it. */
export function cardSource(card: Card): DeviceSource {
  return {
    configText: card.configText,
    mac: makeMac(card.configText),
    logsAt: () => ({ current: card.current, history: card.history }),
    restartMs: 0,
    isOn: () => true,
    noteBlocked() {},
    noteOff() {},
    noteNewCard() {},
    noteConnected() {},
  }
}
