import { at } from '../model/at.ts'
import { HouseError, type PowerQuery, type Power, type Values } from '../model/house-views.ts'
import { MINUTE_MS, type TimeWindow } from '../model/time-window.ts'
import { bucketsBetween, houseRecord, sumBuckets, toWatts, toRounded, roundWatts } from './bucket-sums.ts'
import { chooseStep, pointEdges } from './calendar.ts'
import { coverBuckets, coverDevice } from './cover-days.ts'
import { coveredDevice } from './covered.ts'
import { cutColumn, type HouseBase, placesById } from './house-base.ts'
import type { DayMinutes } from './rollups.ts'

const MAX_POINTS = 1500

export async function showPower(
  base: HouseBase,
  { window, step = chooseStep(window), channels }: PowerQuery,
): Promise<Power> {
  if (window.untilMs <= window.fromMs) throw new HouseError('invalid', 'until lies before from')
  const { edges, stepMs } = pointEdges(base.zone, window, step)
  const pointCount = edges.length - 1
  if (pointCount > MAX_POINTS)
    throw new HouseError(
      'invalid',
      `${pointCount} points are more than ${MAX_POINTS}; choose a coarser step, or a shorter span`,
    )
  const plan = base.days.plan()
  const places = channels ? placesById(base, channels) : plan.shown
  const complete = { fromMs: at(edges, 0), untilMs: at(edges, pointCount) }
  const points = { edges, places, window: complete }
  const columns =
    stepMs !== undefined && stepMs < 30 * MINUTE_MS
      ? await fromMinutes(base, { ...points, stepMs })
      : await fromSums(base, points)
  const named = (values: readonly Values[]) =>
    Object.fromEntries(places.map((place, index) => [at(plan.channels, place).id, at(values, index)]))
  const missing = [...columns.missing].filter(([, counts]) => counts.some((count) => count > 0))
  return {
    ...complete,
    step,
    ...(stepMs === undefined ? { startsMs: edges.slice(0, -1) } : { stepMs }),
    house: columns.house,
    ...(columns.bands && { bands: columns.bands }),
    channels: named(columns.channels),
    ...(missing.length > 0 && { missing: Object.fromEntries(missing) }),
  }
}

interface Points {
  readonly edges: readonly number[]
  readonly places: readonly number[]
  readonly window: TimeWindow
}

type Columns = Pick<Power, 'house' | 'bands'> & {
  readonly channels: readonly Values[]
  /** By device. */
  readonly missing: ReadonlyMap<string, readonly number[]>
}

async function fromMinutes(base: HouseBase, { places, window, stepMs }: Points & { stepMs: number }): Promise<Columns> {
  const days = await base.days.minutes(window)
  const size = stepMs / MINUTE_MS
  const cut = (pick: (day: DayMinutes) => Float32Array | undefined) => cutColumn(days, window, pick)
  const house = cut((day) => day.house.house)
  const solar = cut((day) => day.house.solar)
  const missing = base.devices.map(({ name }) => {
    const states = coverDevice(base, days, { device: name, window })
    return [name, foldMinutes(states, size, (state) => (state === 3 || state === 4 ? 1 : 0))] as const
  })
  return {
    house: houseRecord((name) =>
      meanOf(
        cut((day) => day.house[name]),
        size,
      ),
    ),
    ...(size > 1 && {
      bands: {
        houseMin: extremeOf(house, size, Math.min),
        houseMax: extremeOf(house, size, Math.max),
        solarMin: extremeOf(solar, size, Math.min),
        solarMax: extremeOf(solar, size, Math.max),
      },
    }),
    channels: places.map((place) =>
      meanOf(
        cut((day) => at(day.watts, place)),
        size,
      ),
    ),
    missing: new Map(missing),
  }
}

/** Means of so many minutes each, of those that are known. */
function meanOf(minutes: Float32Array, size: number): Values {
  if (size === 1) return toRounded(minutes)
  const means: (number | null)[] = []
  for (let start = 0; start < minutes.length; start += size) {
    let [sum, count] = [0, 0]
    for (const value of minutes.subarray(start, start + size))
      if (!Number.isNaN(value)) {
        sum += value
        count++
      }
    means.push(count > 0 ? roundWatts(sum / count) : null)
  }
  return means
}

function extremeOf(minutes: Float32Array, size: number, choose: (...values: number[]) => number): Values {
  const values: (number | null)[] = []
  for (let start = 0; start < minutes.length; start += size) {
    const known = minutes.subarray(start, start + size).filter((value) => !Number.isNaN(value))
    values.push(known.length > 0 ? roundWatts(choose(...known)) : null)
  }
  return values
}

function foldMinutes(states: Uint8Array, size: number, weigh: (state: number) => number): number[] {
  const sums: number[] = []
  for (let start = 0; start < states.length; start += size)
    sums.push(states.subarray(start, start + size).reduce((sum, state) => sum + weigh(state), 0))
  return sums
}

async function fromSums(base: HouseBase, { edges, places, window }: Points): Promise<Columns> {
  const days = await base.days.sums(window)
  const sums = sumBuckets(days, bucketsBetween(edges), places)
  const missing = base.devices.map((facts) => {
    const counts = coverBuckets(days, edges, coveredDevice(base, facts))
    return [facts.name, counts.map((count) => count.missing + count.notLoaded)] as const
  })
  const { bands } = sums
  return {
    house: houseRecord((name) => toWatts(sums.house[name], sums.houseMinutes[name])),
    bands: {
      houseMin: toRounded(bands.houseMin),
      houseMax: toRounded(bands.houseMax),
      solarMin: toRounded(bands.solarMin),
      solarMax: toRounded(bands.solarMax),
    },
    channels: places.map((_, index) => toWatts(at(sums.wattHours, index), at(sums.minutes, index))),
    missing: new Map(missing),
  }
}
