import { at } from '../model/at.ts'
import { createDayTables, DAY_MINUTES, type DayKind } from './day-table.ts'
import type { Period } from './tariff.ts'

/** A Wednesday, a Saturday, a Sunday, and a Wednesday that is a holiday. */
const TYPICAL = [
  { weekday: 3, isHoliday: false },
  { weekday: 6, isHoliday: false },
  { weekday: 0, isHoliday: false },
  { weekday: 3, isHoliday: true },
] as const

/** From a minute of the day until another, the period of each of the four days; undefined where none applies. */
export interface TypicalSpan {
  readonly fromMinute: number
  readonly untilMinute: number
  readonly periods: readonly (Period | undefined)[]
}

export interface Season {
  /** Numbers from 1 on. */
  readonly months: readonly number[]
  readonly spans: readonly TypicalSpan[]
}

/** What applies on the four days in the middle of each month, by months that are alike. */
export function typicalDays(periods: readonly Period[]): Season[] {
  const tableOf = createDayTables(periods)
  const seasons = new Map<string, { months: number[]; spans: TypicalSpan[] }>()
  for (let month = 1; month <= 12; month++) {
    const dayOf = ({ weekday, isHoliday }: Omit<DayKind, 'monthDay'>) => ({
      monthDay: month * 100 + 15,
      weekday,
      isHoliday,
    })
    const tables = TYPICAL.map((day) =>
      tableOf(dayOf(day), {
        ...dayOf({ weekday: (day.weekday + 6) % 7, isHoliday: false }),
        monthDay: month * 100 + 14,
      }),
    )
    const placesAt = (minute: number) => tables.map((table) => at(table, minute) >> 1)
    const edges = Array.from({ length: DAY_MINUTES }, (_, minute) => minute).filter(
      (minute) => minute === 0 || placesAt(minute).join() !== placesAt(minute - 1).join(),
    )
    const key = edges.map((minute) => `${minute}: ${placesAt(minute).join()}`).join('\n')
    const spans = edges.map((fromMinute, index) => ({
      fromMinute,
      untilMinute: edges[index + 1] ?? DAY_MINUTES,
      periods: placesAt(fromMinute).map((place) => periods[place]),
    }))
    seasons.set(key, { months: [...(seasons.get(key)?.months ?? []), month], spans })
  }
  return [...seasons.values()]
}
