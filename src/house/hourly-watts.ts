import { at } from '../model/at.ts'

/** Mean watts of one hour after the other, from a full hour on; null where nothing is known. */
export type Hours = readonly (number | null)[]

const DAY = 24
/** Standby takes some watts, also of an inverter. */
const STANDBY_WATTS = 30
const MIN_PEAK_WATTS = 100

/**
 * Whether it rises and falls once a day, every day, over 7 to 17 hours, and rests in between: in any zone, and of either
 * sign. What a timer switches has steep sides.
 */
export function followsSun(hours: Hours): boolean {
  const days = fullDays(hours)
  if (days.length < 2) return false
  const byHour = Array.from({ length: DAY }, (_, hour) => days.map((day) => Math.abs(at(day, hour))))
  const profile = byHour.map(mean)
  const peak = Math.max(...profile)
  if (peak < MIN_PEAK_WATTS) return false
  const rest = Math.max(STANDBY_WATTS, peak * 0.03)
  const isUp = byHour.map((values) => Math.max(...values) > rest)
  const sunrises = [...isUp.keys()].filter((hour) => isUp[hour] && !isUp[(hour + DAY - 1) % DAY])
  const [sunrise] = sunrises
  const length = isUp.filter(Boolean).length
  if (sunrise === undefined || sunrises.length > 1 || length < 7 || length > 17) return false
  const arc = Array.from({ length }, (_, hour) => at(profile, (sunrise + hour) % DAY))
  // A dull day is as long as a bright one, while it cools longer on a hot day.
  const longDays = days.filter((day) => day.filter((watts) => Math.abs(watts) > rest).length >= length - 2)
  const all = days.flat()
  return (
    mean([...arc.slice(0, 2), ...arc.slice(-2)]) <= peak / 2 &&
    longDays.length >= days.length * 0.8 &&
    Math.abs(sum(all)) >= 0.9 * sum(all.map(Math.abs))
  )
}

/** Whether it takes power also in its quietest six hours of the day: nothing that the sun drives does. */
export function worksAtNight(hours: Hours): boolean {
  const days = fullDays(hours)
  if (days.length === 0) return false
  const profile = Array.from({ length: DAY }, (_, hour) => mean(days.map((day) => Math.abs(at(day, hour)))))
  const quietest = profile.toSorted((a, b) => a - b).slice(0, 6)
  return mean(quietest) > Math.max(STANDBY_WATTS, mean(profile) / 5)
}

function fullDays(hours: Hours): number[][] {
  const days = Array.from({ length: Math.floor(hours.length / DAY) }, (_, day) =>
    hours.slice(day * DAY, (day + 1) * DAY).flatMap((watts) => watts ?? []),
  )
  return days.filter((day) => day.length === DAY)
}

/** Hour by hour; null where one of them is. */
export function sumHours(parts: readonly Hours[]): Hours {
  const length = Math.max(0, ...parts.map((part) => part.length))
  return Array.from({ length }, (_, hour) => {
    const values = parts.map((part) => part[hour] ?? null)
    return values.reduce<number | null>((total, value) => (total === null || value === null ? null : total + value), 0)
  })
}

export function absolute(hours: Hours): Hours {
  return hours.map((watts) => (watts === null ? null : Math.abs(watts)))
}

export function meanWatts(hours: Hours): number {
  return mean(hours.flatMap((watts) => watts ?? []).map(Math.abs))
}

/** The hours of which all are known. */
export function knownTogether(a: Hours, b: Hours): (readonly [number, number])[] {
  return a.flatMap((watts, hour) => {
    const other = b[hour]
    return watts === null || other === null || other === undefined ? [] : [[watts, other] as const]
  })
}

/**
 * How much `effect` changes with each watt by which `cause` does, and how closely: from one hour to the next, or from a
 * day to the next at the same hour, which leaves out all that each day has alike. `error` is that of the slope.
 */
export function follow(
  effect: Hours,
  cause: Hours,
  per: 'hour' | 'day' = 'hour',
): { readonly slope: number; readonly correlation: number; readonly error: number } {
  const lag = per === 'hour' ? 1 : DAY
  const steps = knownTogether(changes(effect, lag), changes(cause, lag))
  const product = sum(steps.map(([a, b]) => a * b))
  const ofEffect = sum(steps.map(([a]) => a * a))
  const ofCause = sum(steps.map(([, b]) => b * b))
  if (ofEffect === 0 || ofCause === 0) return { slope: 0, correlation: 0, error: Infinity }
  const correlation = product / Math.sqrt(ofEffect * ofCause)
  const error = Math.sqrt(((1 - Math.min(1, correlation ** 2)) * ofEffect) / ofCause / steps.length)
  return { slope: product / ofCause, correlation, error }
}

/** How much it wavers from one hour to the next. */
export function waver(hours: Hours): number {
  return Math.sqrt(mean(changes(hours, 1).flatMap((step) => (step === null ? [] : step * step))))
}

function changes(hours: Hours, lag: number): Hours {
  return hours.slice(lag).map((watts, hour) => {
    const before = hours[hour]
    return watts === null || before === null || before === undefined ? null : watts - before
  })
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : sum(values) / values.length
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
