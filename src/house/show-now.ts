import { at } from '../model/at.ts'
import { CoverState, type Now, type Timeline, type Values } from '../model/house-views.ts'
import { floorToMinute, HOUR_MS, MINUTE_MS, type TimeWindow } from '../model/time-window.ts'
import {
  bucketsBetween,
  houseRecord,
  houseWattHours,
  sumBuckets,
  sumKnown,
  sumOfAll,
  toRounded,
} from './bucket-sums.ts'
import { ofDays } from './calendar.ts'
import { commonEndMs, minuteStates, toRuns } from './cover-days.ts'
import { cutColumn, type HouseBase, newestMs, storedUntilMs, today } from './house-base.ts'
import type { DayMinutes } from './rollups.ts'

export async function showNow(base: HouseBase): Promise<Now> {
  const { channels, circuits, mains } = base.days.plan()
  const untilMs = commonEndMs(base)
  const { fromMs, untilMs: dayUntilMs } = ofDays(base.zone, today(base), today(base) + 1)
  const hour = { fromMs: untilMs - HOUR_MS, untilMs }
  const soFar = { fromMs, untilMs: Math.min(dayUntilMs, Math.max(fromMs, newestMs(base) ?? 0)) }
  const minutes =
    untilMs > 0
      ? await base.days.minutes({ fromMs: Math.min(hour.fromMs, fromMs), untilMs: Math.max(untilMs, soFar.untilMs) })
      : []
  const sums = sumBuckets(await base.days.sums(soFar), bucketsBetween([soFar.fromMs, dayUntilMs]), circuits)
  const cut = (window: TimeWindow, pick: (day: DayMinutes) => Float64Array | undefined): Values =>
    toRounded(cutColumn(minutes, window, pick))
  const last = { fromMs: untilMs - MINUTE_MS, untilMs }
  const newest = (pick: (day: DayMinutes) => Float64Array | undefined) => at(cut(last, pick), 0)
  const states = base.devices.map(({ name }) => minuteStates(base, minutes, { device: name, window: soFar }))
  return {
    ...(untilMs > 0 && { atMs: last.fromMs }),
    watts: houseRecord((name) => newest((day) => day.house[name])),
    channels: Object.fromEntries(channels.map(({ id }, place) => [id, newest((day) => at(day.watts, place))])),
    hour: {
      fromMs: hour.fromMs,
      stepMs: MINUTE_MS,
      channels: Object.fromEntries(
        circuits.map((place) => [at(channels, place).id, cut(hour, (day) => at(day.watts, place))]),
      ),
      unmetered: cut(hour, (day) => day.house.unmetered),
    },
    today: {
      ...soFar,
      dayUntilMs,
      stepMs: MINUTE_MS,
      house: cut(soFar, (day) => day.house.house),
      solar: cut(soFar, (day) => day.house.solar),
      ...(mains.length === 0 && {
        circuits: sumKnown(circuits.map((place) => cut(soFar, (day) => at(day.watts, place)))),
        circuitsWattHours: at(sumOfAll(sums), 0),
      }),
      wattHours: houseWattHours(sums),
      missingMinutes: countAny(states, CoverState.missing),
    },
  }
}

/** The newest minute of each channel of a device. */
export async function newestWatts(
  base: HouseBase,
  device: string,
): Promise<{ atMs?: number; watts: Record<string, number | null> }> {
  const plan = base.days.plan()
  const facts = base.devices.find(({ name }) => name === device)
  const untilMs = facts && storedUntilMs(base, facts)
  if (untilMs === undefined) return { watts: {} }
  const window = { fromMs: untilMs - MINUTE_MS, untilMs }
  const minutes = await base.days.minutes(window)
  const watts = (plan.devices.get(device) ?? []).map((place) => {
    const column = cutColumn(minutes, window, (day) => day.watts[place])
    return [at(plan.channels, place).id, at(toRounded(column), 0)] as const
  })
  return { atMs: window.fromMs, watts: Object.fromEntries(watts) }
}

export async function showTimeline(base: HouseBase, minuteCount: number): Promise<Timeline> {
  const untilMs = floorToMinute(base.clock.nowMs())
  const window = { fromMs: untilMs - minuteCount * MINUTE_MS, untilMs }
  const minutes = await base.days.minutes(window)
  const lanes = base.devices.map(({ name }) => {
    const states = minuteStates(base, minutes, { device: name, window })
    const first = states.indexOf(CoverState.missing)
    return {
      device: name,
      runs: toRuns(states),
      missingMinutes: countAny([states], CoverState.missing),
      ...(first >= 0 && { missingFromMs: window.fromMs + first * MINUTE_MS }),
    }
  })
  return { ...window, lanes }
}

/** Minutes in which any is so. */
function countAny(all: readonly Uint8Array[], state: number): number {
  const [first] = all
  return first
    ? first.reduce((count, _, minute) => count + (all.some((states) => at(states, minute) === state) ? 1 : 0), 0)
    : 0
}
