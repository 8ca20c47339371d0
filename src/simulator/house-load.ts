import { at, outOfRange } from '../model/at.ts'

/** What draws power in the house, or gives it. */
export type LoadShape =
  /** Always on, a little more in the evening. */
  | { readonly kind: 'steady'; readonly watts: number }
  /** A motor that runs for some minutes of every period. */
  | { readonly kind: 'cycle'; readonly watts: number; readonly periodMinutes: number; readonly onMinutes: number }
  /** Switched on now and then: `runsADay` times, within the given local hours. */
  | {
      readonly kind: 'runs'
      readonly watts: number
      readonly runsADay: number
      readonly fromHour: number
      readonly untilHour: number
      readonly minutes: readonly [number, number]
    }
  /** Works against cold, and `cools` also against heat. */
  | { readonly kind: 'climate'; readonly watts: number; readonly cools: boolean }
  /** Gives power by day; at night its electronics draw a little. */
  | { readonly kind: 'solar'; readonly watts: number }
  /** No load but the line itself: volts for watts, hertz for volt-amperes. */
  | { readonly kind: 'line'; readonly volts: number; readonly hertz: number }

export interface Load {
  readonly name: string
  readonly shape: LoadShape
  /** Drawn without a pause. */
  readonly idleWatts: number
  readonly powerFactor: number
}

/** How a load behaves within one hour: energy since the hour began, in watt-seconds, in closed form. */
interface LoadHour {
  energyWs(secondS: number): number
  /** The same for the apparent power, which is never negative; it follows from the energy. */
  apparentWs(secondS: number, energyWs: number): number
}

const HOUR_S = 3600

const LOCAL_OFFSET_HOURS = -5
const NIGHT_WATTS = 3

/** `hour` counts from 1970, `stream` tells the loads of a house apart. */
function loadHour(load: Load, { seed, stream, hour }: { seed: number; stream: number; hour: number }): LoadHour {
  const uniform = (salt: number) => hashUnit(seed, stream * 16 + salt, hour)
  if (load.shape.kind === 'line') return lineHour(load.shape, uniform)
  const shape = shapeEnergy(load.shape, { seed, hour, uniform })
  const idle = idleEnergy(load.idleWatts, uniform)
  const { powerFactor } = load
  if (load.shape.kind !== 'solar') {
    return {
      energyWs: (secondS) => shape(secondS) + idle(secondS),
      apparentWs: (_, energyWs) => energyWs / powerFactor,
    }
  }
  const standby = NIGHT_WATTS * (1 + 0.2 * uniform(9))
  return {
    energyWs: (secondS) => shape(secondS) - standby * secondS,
    apparentWs: (secondS, energyWs) => (energyWs + standby * secondS) / powerFactor + 2 * standby * secondS,
  }
}

function lineHour({ volts, hertz }: { volts: number; hertz: number }, uniform: (salt: number) => number): LoadHour {
  const sag = wave(0.01 * volts, { waves: 2 + Math.floor(4 * uniform(1)), phase: uniform(2) })
  const drift = wave(0.0003 * hertz, { waves: 7 + Math.floor(9 * uniform(3)), phase: uniform(4) })
  return {
    energyWs: (secondS) => volts * secondS + sag(secondS),
    apparentWs: (secondS) => hertz * secondS + drift(secondS),
  }
}

interface HourContext {
  readonly seed: number
  readonly hour: number
  uniform(salt: number): number
}

type Energy = (secondS: number) => number

/** Power that wavers in complete waves per hour, so that the hour's energy is known without adding up. */
function idleEnergy(watts: number, uniform: (salt: number) => number): Energy {
  if (watts === 0) return () => 0
  const slow = wave(0.25 * watts, { waves: 3 + Math.floor(5 * uniform(1)), phase: uniform(2) })
  const fast = wave(0.1 * watts, { waves: 17 + Math.floor(23 * uniform(3)), phase: uniform(4) })
  return (secondS) => watts * secondS + slow(secondS) + fast(secondS)
}

function wave(watts: number, { waves, phase }: { waves: number; phase: number }): Energy {
  const turn = (2 * Math.PI * waves) / HOUR_S
  const start = 2 * Math.PI * phase
  const atStart = Math.cos(start)
  return (secondS) => (watts / turn) * (atStart - Math.cos(start + turn * secondS))
}

function shapeEnergy(shape: Exclude<LoadShape, { kind: 'line' }>, context: HourContext): Energy {
  const { seed, hour, uniform } = context
  switch (shape.kind) {
    case 'steady':
      return ramp(shape.watts * evening(hour), shape.watts * evening(hour + 1))
    case 'cycle':
      return cycleEnergy(shape, context)
    case 'runs':
      return runEnergy(shape, context)
    case 'climate': {
      const need = (at: number) => shape.watts * climateNeed(temperature(seed, at), shape.cools)
      const waver = wave(0.2 * Math.min(need(hour), need(hour + 1)), { waves: 4, phase: uniform(5) })
      const base = ramp(need(hour), need(hour + 1))
      return (secondS) => base(secondS) + waver(secondS)
    }
    case 'solar': {
      const light = (at: number) => shape.watts * Math.max(0, sunHeight(at)) * sunshine(seed, at)
      return ramp(light(hour), light(hour + 1))
    }
  }
}

/** Power that goes evenly from one value to another within the hour. */
function ramp(fromWatts: number, untilWatts: number): Energy {
  const slope = (untilWatts - fromWatts) / (2 * HOUR_S)
  return (secondS) => fromWatts * secondS + slope * secondS * secondS
}

function evening(hour: number): number {
  const local = localHour(hour)
  return 1 + 0.5 * Math.max(0, Math.sin((Math.PI * (local - 15)) / 9))
}

function climateNeed(celsius: number, cools: boolean): number {
  if (celsius < 15) return Math.min(1, (15 - celsius) / 25)
  return cools && celsius > 23 ? Math.min(1, (celsius - 23) / 12) : 0
}

function cycleEnergy(shape: Extract<LoadShape, { kind: 'cycle' }>, { uniform }: HourContext): Energy {
  const periodS = shape.periodMinutes * 60
  const onS = shape.onMinutes * 60 * (0.8 + 0.4 * uniform(6))
  return (secondS) => shape.watts * (Math.floor(secondS / periodS) * onS + Math.min(secondS % periodS, onS))
}

function runEnergy(shape: Extract<LoadShape, { kind: 'runs' }>, { hour, uniform }: HourContext): Energy {
  const local = localHour(hour)
  const hours = (shape.untilHour - shape.fromHour + 24) % 24 || 24
  const within = (local - shape.fromHour + 24) % 24 < hours
  if (!within || uniform(6) >= shape.runsADay / hours) return () => 0
  const [shortest, longest] = shape.minutes
  const lengthS = 60 * (shortest + (longest - shortest) * uniform(7))
  const startS = (HOUR_S - lengthS) * uniform(8)
  const watts = shape.watts * (0.85 + 0.3 * uniform(9))
  return (secondS) => watts * Math.min(Math.max(secondS - startS, 0), lengthS)
}

function localHour(hour: number): number {
  return (((hour + LOCAL_OFFSET_HOURS) % 24) + 24) % 24
}

const HOURS_A_DAY = 24
const DAYS_A_YEAR = 365.25
const LATITUDE = (44 * Math.PI) / 180
const OBLIQUITY = (23.44 * Math.PI) / 180
const CLOUD_STREAM = 900
const COLD_STREAM = 901
/** Noon at the house, in UTC: its clocks are five hours behind. */
const NOON_UTC_HOUR = 16.8

/** How high the sun stands at the beginning of an hour since 1970: 1 overhead, negative at night. */
function sunHeight(hour: number): number {
  const day = hour / HOURS_A_DAY
  const declination = -OBLIQUITY * Math.cos((2 * Math.PI * ((day % DAYS_A_YEAR) + 10)) / DAYS_A_YEAR)
  const hourAngle = (2 * Math.PI * ((hour % HOURS_A_DAY) - NOON_UTC_HOUR)) / HOURS_A_DAY
  return Math.sin(LATITUDE) * Math.sin(declination) + Math.cos(LATITUDE) * Math.cos(declination) * Math.cos(hourAngle)
}

/** The share of the sunshine that clouds let through. */
function sunshine(seed: number, hour: number): number {
  const dull = hashUnit(seed, CLOUD_STREAM, Math.floor(hour / HOURS_A_DAY))
  const passing = hashUnit(seed, CLOUD_STREAM + 10, hour)
  return dull < 0.3 ? 0.15 + 0.25 * passing : 0.75 + 0.25 * passing
}

/** °C outside: seasons, days and nights, warmer and colder days. */
function temperature(seed: number, hour: number): number {
  const day = hour / HOURS_A_DAY
  const season = -Math.cos((2 * Math.PI * ((day % DAYS_A_YEAR) - 20)) / DAYS_A_YEAR)
  const daily = Math.cos((2 * Math.PI * ((hour % HOURS_A_DAY) - NOON_UTC_HOUR - 3)) / HOURS_A_DAY)
  const today = hashUnit(seed, COLD_STREAM, Math.floor(day))
  const tomorrow = hashUnit(seed, COLD_STREAM, Math.floor(day) + 1)
  const spell = today + (tomorrow - today) * (day % 1)
  return 8 + 14 * season + 4 * daily + 8 * (spell - 0.5)
}

/** A number in [0, 1) that depends on nothing but these three: the same house every time, from any place in time. */
function hashUnit(seed: number, stream: number, index: number): number {
  let mixed =
    Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(stream + 1, 0xc2b2ae35) ^ Math.imul(index + 1, 0x27d4eb2f)
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d)
  mixed = Math.imul(mixed ^ (mixed >>> 12), 0x297a2d39)
  mixed ^= mixed >>> 15
  return (mixed >>> 0) / 4_294_967_296
}

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
