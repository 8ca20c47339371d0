import { at } from '../model/at.ts'
import { type ChannelCoverage, type Coverage, CoverState, type DayCoverage, type Gap } from '../model/house-views.ts'
import { emptyMinuteMap, runsOf } from '../model/minute-map.ts'
import { MINUTE_MS, type TimeWindow } from '../model/time-window.ts'
import { dayOf, dayStartMs, formatDay } from '../model/time-zone.ts'
import { hourEdges, ofDays, wallHours } from './calendar.ts'
import {
  coverBuckets,
  type CoverCounts,
  coveredChannel,
  coveredDevice,
  coverWindow,
  minuteStates,
  stateOf,
  toRuns,
} from './cover-days.ts'
import {
  cutColumn,
  type DeviceFacts,
  factsOf,
  type HouseBase,
  placeById,
  placesOf,
  storedUntilMs,
  today,
  expectedOf,
} from './house-base.ts'

const MAX_GAPS = 100
/** Days whose minutes are read to find where a gap begins and ends. */
const MAX_GAP_DAYS = 20

export async function showCoverage(base: HouseBase): Promise<Coverage> {
  const firstMs = base.days.firstMs() ?? base.clock.nowMs()
  const days = await base.days.sums({ fromMs: firstMs, untilMs: base.clock.nowMs() })
  const lanes = base.devices.map((facts) => {
    const places = placesOf(base, facts.name)
    const expected = expectedOf(base, facts, places)
    const firstDay = storedUntilMs(base, facts) === undefined ? today(base) : dayOf(base.zone, expected.fromMs)
    const edges = dayEdges(base, firstDay, today(base))
    return {
      facts,
      firstDay,
      edges,
      channelCount: places.length,
      counts: coverBuckets(days, edges, coveredDevice(base, facts)),
    }
  })
  const total = (of: (counts: CoverCounts) => number, weigh = false) =>
    lanes.reduce(
      (sum, { counts, channelCount }) =>
        sum + (weigh ? channelCount : 1) * counts.reduce((all, count) => all + of(count), 0),
      0,
    )
  const gaps = (await Promise.all(lanes.map((lane) => findGaps(base, lane)))).flat().sort((a, b) => b.fromMs - a.fromMs)
  const missingMinutes = total(({ missing }) => missing)
  const shown = gaps.slice(0, MAX_GAPS)
  const left = missingMinutes - shown.reduce((sum, { minutes }) => sum + minutes, 0)
  return {
    wantedMinutes: total(({ expected, unmeasured }) => expected - unmeasured, true),
    storedMinutes: total(({ stored }) => stored, true),
    missingMinutes,
    notLoadedMinutes: total(({ notLoaded }) => notLoaded),
    devices: lanes.map(({ facts, firstDay, counts }) => ({
      name: facts.name,
      firstDate: formatDay(firstDay),
      ...describeDays(counts),
    })),
    holes: shown,
    holesLeftOut: gaps.length - shown.length + (left > 0 ? 1 : 0),
  }
}

function dayEdges({ zone }: HouseBase, firstDay: number, lastDay: number): number[] {
  return Array.from({ length: Math.max(0, lastDay - firstDay + 1) + 1 }, (_, index) =>
    dayStartMs(zone, firstDay + index),
  )
}

function describeDays(counts: readonly CoverCounts[]) {
  return {
    days: toRuns(counts.map(stateOf)),
    missing: pairsOf(counts, 'missing'),
    unmeasured: pairsOf(counts, 'unmeasured'),
  }
}

/** The number of each day that has such minutes, and how many. */
function pairsOf(counts: readonly CoverCounts[], of: 'missing' | 'unmeasured'): number[] {
  return counts.flatMap((count, index) => (count[of] > 0 ? [index, count[of]] : []))
}

interface Lane {
  readonly facts: DeviceFacts
  readonly edges: readonly number[]
  readonly counts: readonly CoverCounts[]
}

/** Runs of missing minutes, of the newest days that have any. */
async function findGaps(base: HouseBase, { facts, edges, counts }: Lane): Promise<Gap[]> {
  const indexes = counts.flatMap(({ missing }, index) => (missing > 0 ? [index] : [])).slice(-MAX_GAP_DAYS)
  const gaps: Gap[] = []
  for (const index of indexes) {
    const window = { fromMs: at(edges, index), untilMs: at(edges, index + 1) }
    for (const gap of await gapsOf(base, facts, window)) {
      const last = gaps.at(-1)
      if (last?.untilMs !== gap.fromMs) gaps.push(gap)
      else
        gaps[gaps.length - 1] = {
          ...last,
          untilMs: gap.untilMs,
          minutes: last.minutes + gap.minutes,
          channels: [...new Set([...last.channels, ...gap.channels])],
        }
    }
  }
  return gaps
}

async function gapsOf(base: HouseBase, { name }: DeviceFacts, window: TimeWindow): Promise<Gap[]> {
  const minutes = await base.days.minutes(window)
  const states = minuteStates(base, minutes, { device: name, window })
  const map = emptyMinuteMap(window)
  states.forEach((state, minute) => {
    if (state === CoverState.missing) map.flags[minute] = 1
  })
  const { channels } = base.days.plan()
  const columns = placesOf(base, name).map((place) => ({
    id: at(channels, place).id,
    watts: cutColumn(minutes, window, (day) => at(day.watts, place)),
  }))
  return runsOf(map).map(({ fromMs, untilMs }) => {
    const [from, until] = [(fromMs - window.fromMs) / MINUTE_MS, (untilMs - window.fromMs) / MINUTE_MS]
    const missing = columns.filter(({ watts }) => watts.subarray(from, until).some(Number.isNaN))
    return { device: name, fromMs, untilMs, minutes: until - from, channels: missing.map(({ id }) => id) }
  })
}

export async function showChannelCoverage(
  base: HouseBase,
  { device, lastDay = today(base), dayCount }: { device: string; lastDay?: number; dayCount: number },
): Promise<ChannelCoverage> {
  factsOf(base, device)
  const edges = dayEdges(base, lastDay - dayCount + 1, lastDay)
  const days = await base.days.sums({ fromMs: at(edges, 0), untilMs: at(edges, edges.length - 1) })
  const { channels } = base.days.plan()
  return {
    device,
    dates: Array.from({ length: dayCount }, (_, index) => formatDay(lastDay - dayCount + 1 + index)),
    channels: placesOf(base, device).map((place) => ({
      id: at(channels, place).id,
      ...describeDays(coverBuckets(days, edges, coveredChannel(base, place))),
    })),
  }
}

export async function showDayCoverage(
  base: HouseBase,
  { device, day = today(base), channel }: { device: string; day?: number; channel?: string },
): Promise<DayCoverage> {
  factsOf(base, device)
  const { fromMs, untilMs } = ofDays(base.zone, day, day + 1)
  const window = { fromMs, untilMs }
  const places = channel === undefined ? placesOf(base, device) : [placeById(base, channel)]
  const states = minuteStates(base, await base.days.minutes(window), { device, window, places })
  const hours = wallHours(base.zone, hourEdges(base.zone, window))
  return {
    device,
    ...(channel !== undefined && { channel }),
    date: formatDay(day),
    ...window,
    runs: toRuns(states),
    ...(hours && { wallHours: hours }),
  }
}

/** By half hours that are kept, so that it costs next to nothing. */
export function countMissing(base: HouseBase, device: string, sinceMs: number): number {
  const covered = coveredDevice(base, factsOf(base, device))
  const { fromMs, untilMs } = covered.expected
  const window = { fromMs: Math.max(sinceMs, fromMs), untilMs }
  const days = base.days.kept(window)
  return days.length === 0 ? 0 : coverWindow(days, window, covered).missing
}
