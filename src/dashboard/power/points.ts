import type { Power } from '../api/answers.ts'
import { clockText, dayText, type Formatter } from '../text/time.ts'

/** When each point begins. */
export function pointStarts({ fromMs, stepMs, startsMs, house }: Power): readonly number[] {
  return startsMs ?? house.house.map((_, index) => fromMs + index * (stepMs ?? 0))
}

/** `06:44` and `EDT, Fri 27 Mar`; of a point of a day, the day. */
export function pointTime(
  power: Power,
  at: number,
  { time }: Formatter,
): { readonly clock: string; readonly rest: string } {
  const ms = pointStarts(power)[at] ?? power.fromMs
  const local = time.local(ms)
  const year = time.local(power.untilMs).year
  if (power.step === 'day') return { clock: dayText(local, year), rest: 'mean of the day' }
  return { clock: clockText(local), rest: `${time.abbreviation(ms)}, ${dayText(local, year)}` }
}
