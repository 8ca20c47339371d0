import { at } from '../model/at.ts'
import { CoverState, HouseError, type Power, type PowerQuery, type Step, type Values } from '../model/house-views.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS, type TimeWindow } from '../model/time-window.ts'
import { dayOf, type TimeZone } from '../model/time-zone.ts'
import { bucketsBetween, houseRecord, roundWatts, sumBuckets, bandsBetween, toMeans, toRounded } from './bucket-sums.ts'
import { coverBuckets, minuteStates, coveredDevice } from './cover-days.ts'
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
  const anyOf = (counts: Columns['missing']) => {
    const some = [...counts].filter(([, own]) => own.some((count) => count > 0))
    return some.length > 0 ? Object.fromEntries(some) : undefined
  }
  const [missing, unmeasured] = [anyOf(columns.missing), anyOf(columns.unmeasured)]
  return {
    ...complete,
    step,
    ...(stepMs === undefined ? { startsMs: edges.slice(0, -1) } : { stepMs }),
    house: columns.house,
    ...(columns.bands && { bands: columns.bands }),
    channels: named(columns.channels),
    ...(missing && { missing }),
    ...(unmeasured && { unmeasured }),
  }
}

const STEP_MS = { minute: MINUTE_MS, '10m': 10 * MINUTE_MS, '30m': 30 * MINUTE_MS } as const

/** What a point of a window is. */
function chooseStep({ fromMs, untilMs }: TimeWindow): Step {
  const lengthMs = untilMs - fromMs
  if (lengthMs <= 25 * HOUR_MS) return 'minute'
  if (lengthMs <= 7 * DAY_MS + HOUR_MS) return '10m'
  if (lengthMs <= 31 * DAY_MS + HOUR_MS) return '30m'
  return lengthMs <= 366 * DAY_MS + HOUR_MS ? '6h' : 'day'
}

/** The starts of the points of a window, and the end of the last one. */
function pointEdges(zone: TimeZone, window: TimeWindow, step: Step): { edges: number[]; stepMs?: number } {
  if (step !== '6h' && step !== 'day') {
    const stepMs = STEP_MS[step]
    const phaseMs = zone.offsetMs(window.fromMs) % (30 * MINUTE_MS)
    const firstMs = Math.floor((window.fromMs + phaseMs) / stepMs) * stepMs - phaseMs
    const count = Math.ceil((window.untilMs - firstMs) / stepMs)
    return { edges: Array.from({ length: count + 1 }, (_, index) => firstMs + index * stepMs), stepMs }
  }
  const [first, last] = [dayOf(zone, window.fromMs), dayOf(zone, window.untilMs - 1)]
  const hours = step === 'day' ? [0] : [0, 6, 12, 18]
  const edges: number[] = []
  for (let day = first; day <= last + 1; day++)
    for (const hour of hours) edges.push(zone.instantMs(day * DAY_MS + hour * HOUR_MS))
  const from = edges.findLastIndex((edge) => edge <= window.fromMs)
  const until = edges.findIndex((edge) => edge >= window.untilMs)
  return { edges: edges.slice(Math.max(0, from), until + 1) }
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
  readonly unmeasured: ReadonlyMap<string, readonly number[]>
}

async function fromMinutes(base: HouseBase, { places, window, stepMs }: Points & { stepMs: number }): Promise<Columns> {
  const days = await base.days.minutes(window)
  const size = stepMs / MINUTE_MS
  const cut = (pick: (day: DayMinutes) => Float64Array | undefined) => cutColumn(days, window, pick)
  const house = cut((day) => day.house.house)
  const solar = cut((day) => day.house.solar)
  const states = base.devices.map(({ name }) => [name, minuteStates(base, days, { device: name, window })] as const)
  const counted = (...those: readonly CoverState[]) =>
    new Map(
      states.map(([name, own]) => [
        name,
        fold(own.length, size, (from, until) => countStates(own.subarray(from, until), those)),
      ]),
    )
  return {
    house: houseRecord((name) =>
      foldWatts(
        cut((day) => day.house[name]),
        size,
        mean,
      ),
    ),
    ...(size > 1 && {
      bands: {
        houseMin: foldWatts(house, size, least),
        houseMax: foldWatts(house, size, most),
        solarMin: foldWatts(solar, size, least),
        solarMax: foldWatts(solar, size, most),
      },
    }),
    channels: places.map((place) =>
      foldWatts(
        cut((day) => at(day.watts, place)),
        size,
        mean,
      ),
    ),
    missing: counted(CoverState.missing, CoverState.notLoaded),
    unmeasured: counted(CoverState.unmeasured),
  }
}

/** One value for so many neighbouring minutes each. */
function fold<T>(length: number, size: number, of: (from: number, until: number) => T): T[] {
  return Array.from({ length: Math.ceil(length / size) }, (_, point) => of(point * size, (point + 1) * size))
}

/** Of those minutes that are known. */
function foldWatts(minutes: Float64Array, size: number, of: (known: Float64Array) => number): Values {
  if (size === 1) return toRounded(minutes)
  return fold(minutes.length, size, (from, until) => {
    const known = minutes.subarray(from, until).filter((watts) => !Number.isNaN(watts))
    return known.length > 0 ? roundWatts(of(known)) : null
  })
}

const mean = (known: Float64Array) => known.reduce((sum, watts) => sum + watts, 0) / known.length
const least = (known: Float64Array) => Math.min(...known)
const most = (known: Float64Array) => Math.max(...known)

function countStates(states: Uint8Array, those: readonly number[]): number {
  return states.filter((state) => those.includes(state)).length
}

async function fromSums(base: HouseBase, { edges, places, window }: Points): Promise<Columns> {
  const days = await base.days.sums(window)
  const sums = sumBuckets(days, bucketsBetween(edges), places)
  const counts = base.devices.map(
    (facts) => [facts.name, coverBuckets(days, edges, coveredDevice(base, facts))] as const,
  )
  const bands = bandsBetween(days, bucketsBetween(edges))
  return {
    house: houseRecord((name) => toMeans(sums.house[name], roundWatts)),
    bands: {
      houseMin: toRounded(bands.houseMin),
      houseMax: toRounded(bands.houseMax),
      solarMin: toRounded(bands.solarMin),
      solarMax: toRounded(bands.solarMax),
    },
    channels: sums.channels.map((channel) => toMeans(channel, roundWatts)),
    missing: new Map(counts.map(([name, own]) => [name, own.map((count) => count.missing + count.notLoaded)])),
    unmeasured: new Map(counts.map(([name, own]) => [name, own.map((count) => count.unmeasured)])),
  }
}
