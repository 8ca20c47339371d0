import { at } from '../model/at.ts'
import { DAY_MS, type TimeWindow } from '../model/time-window.ts'
import { type DeviceSource, makeMac } from './plain-device.ts'
import { createLoadEnergy, type Load, type LoadEnergy } from './house-load.ts'
import { houseSource } from './house-source.ts'
import type { LoadSwitches } from './load-switches.ts'
import { HOUSE_LOADS, type HouseUnit, TWO_UNITS } from './two-unit-house.ts'

export interface HouseOptions {
  /** The same seed is the same house, minute for minute. */
  readonly seed?: number
  /** When the units were installed. */
  readonly fromMs: number
  /** Left out: the logs go on growing with the clock. */
  readonly untilMs?: number
  /** Left out: the two units of the original system. */
  readonly units?: readonly HouseUnit[]
  /** When a unit was installed, where that is another time. */
  readonly installedMs?: Readonly<Record<string, number>>
  /** When a unit has no power. */
  readonly outages?: Readonly<Record<string, readonly TimeWindow[]>>
  /** How far the 5 s logs go back. */
  readonly currentLogMs?: number
  /** How long a unit is away when it restarts. */
  readonly restartMs?: number
  readonly switches?: LoadSwitches
}

/** The units of a house, by their name. */
export type House = ReadonlyMap<string, DeviceSource>

const RESTART_MS = 10_000
const CURRENT_LOG_DAYS = 3
const LATER_STREAM = 1000

/** A house with circuits, weather and solar panels. Nothing is kept but 16 bytes an hour and load. */
export function generateHouse(options: HouseOptions): House {
  const { seed = 1, units = TWO_UNITS, currentLogMs = CURRENT_LOG_DAYS * DAY_MS, restartMs = RESTART_MS } = options
  const installed = units.map(({ name }) => options.installedMs?.[name] ?? options.fromMs)
  const fromS = Math.floor(Math.min(options.fromMs, ...installed) / 1000)
  const energies = new Map<string, LoadEnergy>(
    HOUSE_LOADS.map((load, stream) => [load.name, createLoadEnergy(load, { seed, stream, fromS })]),
  )
  let later = LATER_STREAM

  function energyOf(load: string): LoadEnergy {
    const energy = energies.get(load)
    if (energy === undefined) throw new Error(`the house has no load called ${load}`)
    return options.switches === undefined ? energy : withSwitch(energy, load, options.switches)
  }

  return new Map(
    units.map((unit, index) => [
      unit.name,
      houseSource({
        unit,
        mac: makeMac(`${seed} ${unit.name}`),
        energyOf,
        newEnergy: (name) => createLoadEnergy(laterLoad(name), { seed, stream: later++, fromS }),
        fromMs: at(installed, index),
        untilMs: options.untilMs,
        outages: options.outages?.[unit.name] ?? [],
        currentLogMs,
        restartMs,
      }),
    ]),
  )
}

function withSwitch(energy: LoadEnergy, load: string, switches: LoadSwitches): LoadEnergy {
  return (timeS) => {
    const { wattHours, voltAmpereHours } = energy(timeS)
    const more = switches.wattHours(load, timeS)
    return { wattHours: wattHours + more, voltAmpereHours: voltAmpereHours + more }
  }
}

function laterLoad(name: string): Load {
  return {
    name,
    idleWatts: 5,
    powerFactor: 0.9,
    shape: { kind: 'cycle', watts: 400, periodMinutes: 20, onMinutes: 9 },
  }
}
