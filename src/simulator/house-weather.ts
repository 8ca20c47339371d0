import { hashUnit } from './house-random.ts'

const HOURS_A_DAY = 24
const DAYS_A_YEAR = 365.25
const LATITUDE = (44 * Math.PI) / 180
const OBLIQUITY = (23.44 * Math.PI) / 180
const CLOUD_STREAM = 900
const COLD_STREAM = 901
/** Noon at the house, in UTC: its clocks are five hours behind. */
const NOON_UTC_HOUR = 16.8

/** How high the sun stands at the beginning of an hour since 1970: 1 overhead, negative at night. */
export function sunHeight(hour: number): number {
  const day = hour / HOURS_A_DAY
  const declination = -OBLIQUITY * Math.cos((2 * Math.PI * ((day % DAYS_A_YEAR) + 10)) / DAYS_A_YEAR)
  const hourAngle = (2 * Math.PI * ((hour % HOURS_A_DAY) - NOON_UTC_HOUR)) / HOURS_A_DAY
  return Math.sin(LATITUDE) * Math.sin(declination) + Math.cos(LATITUDE) * Math.cos(declination) * Math.cos(hourAngle)
}

/** The share of the sunshine that clouds let through. */
export function sunshine(seed: number, hour: number): number {
  const dull = hashUnit(seed, CLOUD_STREAM, Math.floor(hour / HOURS_A_DAY))
  const passing = hashUnit(seed, CLOUD_STREAM + 10, hour)
  return dull < 0.3 ? 0.15 + 0.25 * passing : 0.75 + 0.25 * passing
}

/** °C outside: seasons, days and nights, warmer and colder days. */
export function temperature(seed: number, hour: number): number {
  const day = hour / HOURS_A_DAY
  const season = -Math.cos((2 * Math.PI * ((day % DAYS_A_YEAR) - 20)) / DAYS_A_YEAR)
  const daily = Math.cos((2 * Math.PI * ((hour % HOURS_A_DAY) - NOON_UTC_HOUR - 3)) / HOURS_A_DAY)
  const today = hashUnit(seed, COLD_STREAM, Math.floor(day))
  const tomorrow = hashUnit(seed, COLD_STREAM, Math.floor(day) + 1)
  const spell = today + (tomorrow - today) * (day % 1)
  return 8 + 14 * season + 4 * daily + 8 * (spell - 0.5)
}
