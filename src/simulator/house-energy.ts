import { HOUR_S, loadHour, type Load, type LoadHour } from './house-load.ts'

/** Running sums of a load from the beginning of the house, in watt-hours. */
export interface LoadEnergy {
  wattHours(timeS: number): number
  voltAmpereHours(timeS: number): number
}

/**
 * The energy of a load up to any second: whole hours are added up once and kept (16 bytes an hour), within an hour it
 * is a formula.
 */
export function createLoadEnergy(load: Load, options: { seed: number; stream: number; fromS: number }): LoadEnergy {
  const firstHour = Math.floor(options.fromS / HOUR_S)
  const real = [0]
  const apparent = [0]
  let cachedHour = -1
  let cached: LoadHour | undefined

  function hourAt(hour: number): LoadHour {
    if (cached === undefined || cachedHour !== hour) {
      cached = loadHour(load, { ...options, hour })
      cachedHour = hour
    }
    return cached
  }

  function extendTo(hour: number): void {
    for (let index = real.length - 1; index < hour - firstHour; index++) {
      const behaviour = loadHour(load, { ...options, hour: firstHour + index })
      real.push((real[index] ?? 0) + behaviour.energyWs(HOUR_S))
      apparent.push((apparent[index] ?? 0) + behaviour.apparentWs(HOUR_S))
    }
  }

  function sumAt(sums: readonly number[], timeS: number, within: (hour: LoadHour, secondS: number) => number): number {
    const hour = Math.floor(timeS / HOUR_S)
    extendTo(hour)
    return ((sums[hour - firstHour] ?? 0) + within(hourAt(hour), timeS - hour * HOUR_S)) / HOUR_S
  }

  return {
    wattHours: remembered((timeS) => sumAt(real, timeS, (hour, secondS) => hour.energyWs(secondS))),
    voltAmpereHours: remembered((timeS) => sumAt(apparent, timeS, (hour, secondS) => hour.apparentWs(secondS))),
  }
}

/** Several channels ask for the same load at the same time. */
function remembered(compute: (timeS: number) => number): (timeS: number) => number {
  let lastS = -1
  let last = 0
  return (timeS) => {
    if (timeS !== lastS) {
      last = compute(timeS)
      lastS = timeS
    }
    return last
  }
}
