import { at, outOfRange } from '../model/at.ts'
import { HOUR_S, loadHour, type Load } from './house-load.ts'

/** Running sums of a load from the beginning of the house. */
export interface LoadSums {
  readonly wattHours: number
  readonly voltAmpereHours: number
}

/** The sums at any second. */
export type LoadEnergy = (timeS: number) => LoadSums

/**
 * The energy of a load up to any second: full hours are added up once and kept (16 bytes an hour), within an hour it
 * is a formula.
 */
export function createLoadEnergy(load: Load, options: { seed: number; stream: number; fromS: number }): LoadEnergy {
  const firstHour = Math.floor(options.fromS / HOUR_S)
  const real = [0]
  const apparent = [0]
  let hour = { index: -1, behaviour: loadHour(load, { ...options, hour: firstHour }) }
  let lastS = NaN
  let last: LoadSums = { wattHours: 0, voltAmpereHours: 0 }

  function moveTo(index: number): void {
    for (let done = real.length - 1; done < index; done++) {
      const behaviour = loadHour(load, { ...options, hour: firstHour + done })
      const energyWs = behaviour.energyWs(HOUR_S)
      real.push(at(real, done) + energyWs)
      apparent.push(at(apparent, done) + behaviour.apparentWs(HOUR_S, energyWs))
    }
    hour = { index, behaviour: loadHour(load, { ...options, hour: firstHour + index }) }
  }

  return (timeS) => {
    // Several channels ask for the same load at the same time.
    if (timeS === lastS) return last
    const index = Math.floor(timeS / HOUR_S) - firstHour
    if (index !== hour.index) moveTo(index)
    const secondS = timeS - (firstHour + index) * HOUR_S
    const energyWs = hour.behaviour.energyWs(secondS)
    const apparentWs = hour.behaviour.apparentWs(secondS, energyWs)
    lastS = timeS
    last = {
      wattHours: ((real[index] ?? outOfRange(real, index)) + energyWs) / HOUR_S,
      voltAmpereHours: ((apparent[index] ?? outOfRange(apparent, index)) + apparentWs) / HOUR_S,
    }
    return last
  }
}
