import { type Card, openCard } from '../card/open-card.ts'
import { systemClock } from '../runtime/clock.ts'
import type { Log } from '../runtime/log.ts'
import { type DeviceSource, makeMac } from './device-source.ts'
import { generateHouse, type HouseOptions } from './generate-house.ts'
import { type ServedDevice, serveSimulatedDevice } from './serve-device.ts'
import { createSimulatedDevice } from './simulated-device.ts'

export interface SimulatorOptions {
  /** The card folders to serve; left out: a made-up house. */
  readonly cards?: readonly { readonly name: string; readonly folder: string }[]
  readonly house?: HouseOptions
  readonly host?: string
  /** The first device's port, the next device has the next; left out or 0: any that are free. */
  readonly basePort?: number
  readonly readCostMs?: number
  /** What the clock of the devices shows when they start; left out: for a card the end of its log, else the time. */
  readonly clockMs?: number
  readonly log: Log
}

export interface RunningSimulator {
  readonly devices: readonly { readonly name: string; readonly url: string; readonly served: ServedDevice }[]
  close(): Promise<void>
}

interface NamedSource {
  readonly name: string
  readonly source: DeviceSource
  readonly clockMs: number
}

/** What is left of the last interval of a card when its clock is not given. */
const AFTER_LAST_RECORD_MS = 3000

/** Serves cards or a house until it is closed; the clocks of the devices run. */
export async function startSimulator(options: SimulatorOptions): Promise<RunningSimulator> {
  const { basePort = 0, host = '127.0.0.1', readCostMs = 0, log } = options
  const cards = (options.cards ?? []).map(({ name, folder }) => ({ name, card: openCard(folder) }))
  const sources = options.cards === undefined ? houseSources(options) : cards.map(cardOf(options))
  const devices: { name: string; url: string; served: ServedDevice }[] = []

  async function close(): Promise<void> {
    await Promise.all(devices.map(({ served }) => served.close()))
    for (const { card } of cards) card.close()
  }

  try {
    for (const [index, { name, source, clockMs }] of sources.entries()) {
      const offsetMs = clockMs - systemClock.nowMs()
      const clock = { nowMs: () => systemClock.nowMs() + offsetMs }
      const device = createSimulatedDevice({ source, clock, readCostMs })
      const served = await serveSimulatedDevice(device, { host, port: basePort === 0 ? 0 : basePort + index })
      devices.push({ name, url: served.url, served })
      log.info(`${name} answers at ${served.url}`, { device: name, url: served.url })
    }
  } catch (error) {
    await close()
    throw error
  }
  return { devices, close }
}

function houseSources({ house, clockMs }: SimulatorOptions): readonly NamedSource[] {
  if (house === undefined) throw new Error('neither a card nor a house to simulate was given')
  const startMs = clockMs ?? systemClock.nowMs()
  return Array.from(generateHouse(house), ([name, source]) => ({ name, source, clockMs: startMs }))
}

function cardOf({ clockMs }: SimulatorOptions): (named: { name: string; card: Card }) => NamedSource {
  return ({ name, card }) => {
    const endMs = Math.max(card.current.lastKeyS, card.history.lastKeyS) * 1000
    return { name, source: cardSource(card), clockMs: clockMs ?? endMs + AFTER_LAST_RECORD_MS }
  }
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
