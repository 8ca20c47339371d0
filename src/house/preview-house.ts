import { at } from '../model/at.ts'
import type { HouseSettings, HouseView, Now } from '../model/house-views.ts'
import type { TimeWindow } from '../model/time-window.ts'
import { openTimeZone } from '../model/time-zone.ts'
import { BIN_MS, numberDays, sumDay } from './day-sums.ts'
import { cutColumn, type HouseBase } from './house-base.ts'
import { type HousePlan, houseView, planHouse } from './house-plan.ts'
import { houseMinutes, type MinuteBlock } from './minute-block.ts'
import type { DayMinutes } from './rollups.ts'
import { showNow } from './show-now.ts'

export interface HousePreview {
  readonly house: HouseView
  readonly now: Now
}

/** The house with other settings, of the minutes that Now reads anyway: nothing of it is kept. */
export async function previewHouse(base: HouseBase, settings: HouseSettings): Promise<HousePreview> {
  const { channels, shown } = base.days.plan()
  const plan = planHouse(
    settings,
    shown.map((place) => at(channels, place).series),
  )
  const zone = openTimeZone(settings.timezone)
  const minutes = async (window: TimeWindow) =>
    (await base.days.minutes(window)).map((day) => ({ ...day, house: houseMinutes(plan, day) }))
  const days = {
    ...base.days,
    plan: () => plan,
    minutes,
    /** Another zone may have days that begin at another quarter of an hour. */
    async sums(window: TimeWindow) {
      const { daysOf, startOf } = numberDays(window.fromMs % BIN_MS)
      const numbers = daysOf(window)
      const read = await minutes({ fromMs: startOf(at(numbers, 0)), untilMs: window.untilMs })
      return numbers.map((day) => {
        const part = { fromMs: startOf(day), untilMs: Math.min(startOf(day + 1), window.untilMs) }
        return sumDay(plan, cutDays(plan, read, part), { ...part, zone })
      })
    },
  }
  return {
    house: houseView(plan),
    now: await showNow({ ...base, days, zone }),
  }
}

function cutDays(plan: HousePlan, days: readonly DayMinutes[], window: TimeWindow): MinuteBlock {
  const watts = plan.channels.map((_, place) => cutColumn(days, window, (day) => day.watts[place]))
  return {
    window,
    watts,
    legacy: watts.map(() => new Uint8Array(0)),
    counts: watts.map((column) => column.filter((value) => !Number.isNaN(value)).length),
    sums: watts.map(() => 0),
  }
}
