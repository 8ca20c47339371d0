import type {
  ChannelCoverage,
  Consumers,
  Coverage,
  DayCoverage,
  Devices,
  DeviceState,
  Energy,
  EnergySums,
  Hours,
  HouseColumns,
  HouseNumbers,
  Job,
  LiveReadings,
  LoggedEvent,
  Now,
  Power,
  Span,
  Status,
  Timeline,
} from '../../src/dashboard/api/answers.ts'
import { addDays, dateText, DAY_MS, parseDate } from '../../src/dashboard/text/house-time.ts'
import {
  circuits,
  columns,
  COUNT,
  deviceOf,
  FROM_MS,
  GAP,
  house,
  MIN,
  minutes,
  time,
  UNTIL_MS,
  ZONE,
  type Minutes,
} from './fake-house.ts'

export const NOW_MS = UNTIL_MS + 2 * MIN
const indexOf = (ms: number) => Math.min(COUNT, Math.max(0, Math.round((ms - FROM_MS) / MIN)))
const on = (date: string) => time.instant(parseDate(date))
const local = (ms: number) => dateText(time.local(ms))

const history = { state: 'done', isPaused: false, doneMinutes: 1_650_000, totalMinutes: 1_650_000 } as const
const cycle = { endedAtMs: UNTIL_MS + 2_000, durationMs: 300, rowCount: 5, sampleCount: 70, lagMs: 12_000 }
export const DEVICES: readonly [DeviceState, DeviceState] = [
  {
    name: 'iwatt5',
    state: 'ok',
    storedUntilMs: UNTIL_MS,
    missingMinutes: 0,
    nextPassMs: UNTIL_MS + 5 * MIN,
    lastPass: cycle,
    history: {
      state: 'loading',
      isPaused: false,
      doneMinutes: 2_199_840,
      totalMinutes: 2_356_800,
      untilMs: Date.UTC(2025, 8, 28, 4),
      leftMs: 28 * MIN,
    },
  },
  {
    name: 'iwatt6',
    state: 'ok',
    storedUntilMs: UNTIL_MS,
    missingMinutes: 47,
    nextPassMs: UNTIL_MS + 5 * MIN,
    lastPass: { ...cycle, durationMs: 1_900 },
    history,
  },
]

export const STATUS: Status = {
  nowMs: NOW_MS,
  startedAtMs: NOW_MS - DAY_MS,
  version: '0.1.0',
  isDemo: false,
  timezone: ZONE,
  maxAgeMs: 15 * MIN,
  intervalMs: 5 * MIN,
  store: { name: 'VictoriaMetrics at https://vms-prod-lt.goepp.net', state: 'ok' },
  devices: DEVICES,
  sums: { state: 'ready', doneDays: 1651, totalDays: 1651 },
}

export const JOB: Job = {
  id: '3',
  kind: 'repair',
  device: 'iwatt6',
  state: 'running',
  startedAtMs: NOW_MS - 2 * MIN,
  fromMs: GAP.fromMs,
  untilMs: GAP.untilMs,
  doneMinutes: 29,
  totalMinutes: 47,
  confirmedUntilMs: GAP.fromMs + 29 * MIN,
  text: '',
}

export function timeline(count: number, { devices: known }: Status): Timeline {
  const fromMs = UNTIL_MS - count * MIN
  const before = Math.max(0, Math.round((GAP.fromMs - fromMs) / MIN))
  const holed = { runs: [1, before, 3, 47, 1, count - before - 47], missingMinutes: 47, missingFromMs: GAP.fromMs }
  const lanes = known.map(({ name, storedUntilMs, missingMinutes = 0 }) => {
    if (storedUntilMs === undefined) return { device: name, runs: [4, count], missingMinutes: 0 }
    const late = Math.round((UNTIL_MS - storedUntilMs) / MIN)
    const complete = { runs: [1, count - late, 5, late], missingMinutes: 0 }
    return { device: name, ...(missingMinutes > 0 ? holed : complete) }
  })
  return { fromMs, untilMs: UNTIL_MS, lanes }
}

export function now({ devices: known }: Status): Now {
  const last = COUNT - 1
  const gone = new Set(known.filter(({ state }) => state === 'failing').map(({ name }) => name))
  const midnight = on(local(NOW_MS))
  const from = indexOf(midnight)
  const cut = (column: Minutes, start: number) => column.slice(start, COUNT)
  return {
    atMs: UNTIL_MS - MIN,
    watts: { ...numbersAt(last), ...(gone.size > 0 && { unmetered: null }) },
    channels: Object.fromEntries(
      [...minutes].map(([id, column]) => [id, gone.has(deviceOf(id)) ? null : (column[last] ?? null)]),
    ),
    hour: {
      fromMs: UNTIL_MS - 60 * MIN,
      stepMs: MIN,
      channels: Object.fromEntries(circuits.map((id) => [id, cut(minutes.get(id)!, COUNT - 60)])),
      unmetered: cut(columns.unmetered, COUNT - 60),
    },
    today: {
      fromMs: midnight,
      untilMs: UNTIL_MS,
      dayUntilMs: on(addDays(local(NOW_MS), 1)),
      stepMs: MIN,
      house: cut(columns.house, from),
      solar: cut(columns.solar, from),
      wattHours: sums(from, COUNT),
      missingMinutes: 47,
    },
  }
}

/** What the devices read at that time, with that much more in the dryer than in the newest minute. */
export function readings(atMs: number, moreW: number): LiveReadings {
  const numbers = numbersAt(COUNT - 1)
  const house = (numbers.house ?? 0) + moreW
  const solar = numbers.solar ?? 0
  const channels = (device: string) =>
    Object.fromEntries(
      [...minutes]
        .filter(([id]) => deviceOf(id) === device)
        .map(([id, column]) => [id, (column.at(-1) ?? 0) + (id === 'Dryer' ? moreW : 0)]),
    )
  return {
    intervalMs: 5_000,
    atMs,
    watts: {
      ...numbers,
      house,
      used: Math.min(house, solar),
      fromGrid: Math.max(0, house - solar),
      toGrid: Math.max(0, solar - house),
    },
    devices: DEVICES.map(({ name }) => ({ name, atMs, channels: channels(name) })),
  }
}

const numbersAt = (index: number): HouseNumbers => ({
  house: columns.house[index] ?? null,
  solar: columns.solar[index] ?? null,
  used: columns.used[index] ?? null,
  fromGrid: columns.fromGrid[index] ?? null,
  toGrid: columns.toGrid[index] ?? null,
  unmetered: columns.unmetered[index] ?? null,
})

function wattHours(column: Minutes, from: number, until: number): number | null {
  let [sum, count] = [0, 0]
  for (let index = from; index < until; index++) {
    const watts = column[index]
    if (watts == null) continue
    sum += watts
    count++
  }
  return count === 0 ? null : Math.round(sum / 60)
}

function sums(from: number, until: number): HouseNumbers {
  const of = (key: keyof HouseColumns) => wattHours(columns[key], from, until)
  return {
    house: of('house'),
    solar: of('solar'),
    used: of('used'),
    fromGrid: of('fromGrid'),
    toGrid: of('toGrid'),
    unmetered: of('unmetered'),
  }
}

function mean(column: Minutes, from: number, until: number): number | null {
  const known = column.slice(from, until).filter((watts) => watts !== null)
  return known.length === 0 ? null : Math.round(known.reduce((sum, watts) => sum + watts, 0) / known.length)
}

const STEPS = { minute: 1, '10m': 10, '30m': 30, '6h': 360, day: 1440 } as const

export function power(fromMs: number, untilMs: number, asked?: string): Power {
  const days = (untilMs - fromMs) / DAY_MS
  const step =
    (Object.keys(STEPS) as (keyof typeof STEPS)[]).find((name) => name === asked) ??
    (days <= 1.01 ? 'minute' : days <= 7.1 ? '10m' : days <= 31.1 ? '30m' : days <= 366.1 ? '6h' : 'day')
  const size = STEPS[step]
  const starts: number[] = []
  if (step === 'day' || step === '6h')
    for (let date = local(fromMs); on(date) < untilMs; date = addDays(date, 1))
      for (let hour = 0; hour < 24; hour += size / 60) starts.push(time.instant({ ...parseDate(date), hour }))
  else for (let ms = fromMs; ms < untilMs; ms += size * MIN) starts.push(ms)
  const edges = [...starts, untilMs].map(indexOf)
  const take = (column: Minutes) => starts.map((_, at) => mean(column, edges[at]!, edges[at + 1]!))
  const extreme = (column: Minutes, pick: (...values: number[]) => number) =>
    starts.map((_, at) => {
      const known = column.slice(edges[at], edges[at + 1]).filter((watts) => watts !== null)
      return known.length === 0 ? null : pick(...known)
    })
  const gone = starts.map(
    (_, at) =>
      minutes
        .get('Fridge')!
        .slice(edges[at], edges[at + 1])
        .filter((watts) => watts === null).length,
  )
  return {
    fromMs,
    untilMs,
    step,
    ...(step === 'day' || step === '6h' ? { startsMs: starts } : { stepMs: size * MIN }),
    house: {
      house: take(columns.house),
      solar: take(columns.solar),
      used: take(columns.used),
      fromGrid: take(columns.fromGrid),
      toGrid: take(columns.toGrid),
      unmetered: take(columns.unmetered),
    },
    ...(step !== 'minute' && {
      bands: {
        houseMin: extreme(columns.house, Math.min),
        houseMax: extreme(columns.house, Math.max),
        solarMin: extreme(columns.solar, Math.min),
        solarMax: extreme(columns.solar, Math.max),
      },
    }),
    channels:
      step === 'day' && asked === 'day' ? {} : Object.fromEntries(circuits.map((id) => [id, take(minutes.get(id)!)])),
    ...(gone.some((count) => count > 0) && { missing: { iwatt6: gone } }),
  }
}

interface Period {
  readonly date: string
  readonly starts: readonly number[]
  readonly untilMs: number
}

function period(span: Span, date: string): Period {
  const { year, month, day } = parseDate(date)
  const instant = (y: number, m: number, d: number, hour = 0) => time.instant({ year: y, month: m, day: d, hour })
  const list = (count: number, start: (index: number) => number) =>
    Array.from({ length: count }, (_, index) => start(index))
  switch (span) {
    case 'day': {
      const untilMs = instant(year, month, day + 1)
      const fromMs = instant(year, month, day)
      return { date, starts: list((untilMs - fromMs) / (60 * MIN), (hour) => fromMs + hour * 60 * MIN), untilMs }
    }
    case 'month': {
      const count = new Date(Date.UTC(year, month, 0)).getUTCDate()
      return {
        date: `${date.slice(0, 7)}-01`,
        starts: list(count, (at) => instant(year, month, at + 1)),
        untilMs: instant(year, month + 1, 1),
      }
    }
    case 'year':
      return {
        date: `${year}-01-01`,
        starts: list(12, (at) => instant(year, at + 1, 1)),
        untilMs: instant(year + 1, 1, 1),
      }
    case 'all':
      return { date: '2026-01-01', starts: [instant(2026, 1, 1)], untilMs: instant(2027, 1, 1) }
  }
}

function before(span: Span, date: string): string {
  const { year, month, day } = parseDate(date)
  if (span === 'day') return addDays(date, -1)
  return dateText(span === 'month' ? { year, month: month - 1, day: 1 } : { year: year - 1, month, day })
}

function sumsOf(from: number, until: number): EnergySums {
  const gone = columns.unmetered.slice(from, until).filter((watts) => watts === null).length
  return {
    wattHours: sums(from, until),
    missingMinutes: gone,
    lackingMinutes: { house: 0, solar: 0, used: 0, fromGrid: 0, toGrid: 0, unmetered: gone },
    isWhole: gone === 0,
  }
}

const WEEK_MS = 7 * DAY_MS
/** Spans before the first minute get the minutes of some weeks later. */
const shiftOf = (fromMs: number, untilMs: number) =>
  untilMs <= FROM_MS ? Math.ceil((FROM_MS - fromMs) / WEEK_MS) * WEEK_MS : 0

function edgesOf({ starts, untilMs }: Period): readonly number[] {
  const shiftMs = shiftOf(starts[0]!, untilMs)
  return [...starts, untilMs].map((ms) => indexOf(ms + shiftMs))
}

export function energy(span: Span, date = local(NOW_MS)): Energy {
  const shown = period(span, date)
  const { date: first, starts, untilMs } = shown
  const edges = edgesOf(shown)
  const take = (key: keyof HouseColumns) => starts.map((_, at) => wattHours(columns[key], edges[at]!, edges[at + 1]!))
  const earlier = period(span, before(span, first))
  const earlierEdges = edgesOf(earlier)
  const isSoFar = untilMs > NOW_MS
  const soFar = time.local(UNTIL_MS)
  const earlierUntil = isSoFar
    ? time.instant({ ...parseDate(earlier.date), day: soFar.day, hour: soFar.hour, minute: soFar.minute })
    : earlier.untilMs
  return {
    span,
    date: first,
    fromMs: starts[0]!,
    untilMs,
    isSoFar,
    ...(isSoFar && { soFarUntilMs: UNTIL_MS }),
    startsMs: starts,
    house: {
      house: take('house'),
      solar: take('solar'),
      used: take('used'),
      fromGrid: take('fromGrid'),
      toGrid: take('toGrid'),
      unmetered: take('unmetered'),
    },
    ...(isSoFar && {
      missing: starts.map((start, at) => (start <= GAP.fromMs && (starts[at + 1] ?? untilMs) > GAP.fromMs ? 47 : 0)),
    }),
    sums: sumsOf(edges[0]!, edges.at(-1)!),
    ...(earlierEdges.at(-1)! > 0 && {
      before: {
        fromMs: earlier.starts[0]!,
        untilMs: earlierUntil,
        house: earlier.starts.map((_, at) => wattHours(columns.house, earlierEdges[at]!, earlierEdges[at + 1]!)),
        sums: sumsOf(earlierEdges[0]!, isSoFar ? indexOf(earlierUntil) : earlierEdges.at(-1)!),
      },
    }),
  }
}

export function consumers(span: Span, date?: string): Consumers {
  const bars = energy(span, date)
  const shiftMs = shiftOf(bars.fromMs, bars.untilMs)
  const [from, until] = [indexOf(bars.fromMs + shiftMs), indexOf(bars.untilMs + shiftMs)]
  const shiftBeforeMs = bars.before ? shiftOf(bars.before.fromMs, bars.before.untilMs) : 0
  const earlier = bars.before && [bars.before.fromMs, bars.before.untilMs].map((ms) => indexOf(ms + shiftBeforeMs))
  const one = (id: string, column: Minutes) => ({
    id,
    wattHours: wattHours(column, from, until),
    ...(earlier && { beforeWattHours: wattHours(column, earlier[0]!, earlier[1]!) }),
    ...(deviceOf(id) === 'iwatt6' && { missingMinutes: until === COUNT ? 47 : 0 }),
    hours: hoursOf(column, from, until),
  })
  return {
    span,
    date: bars.date,
    fromMs: bars.fromMs,
    untilMs: bars.untilMs,
    houseWattHours: bars.sums.wattHours.house,
    consumers: [...circuits.map((id) => one(id, minutes.get(id)!)), one('unmetered', columns.unmetered)],
  }
}

/** The hour of the house's clock, of each minute. */
const HOURS = Uint8Array.from({ length: COUNT }, (_, index) => time.local(FROM_MS + index * MIN).hour)

function hoursOf(column: Minutes, from: number, until: number): readonly (number | null)[] {
  const totals = Array.from({ length: 24 }, () => ({ sum: 0, count: 0 }))
  for (let index = from; index < until; index++) {
    const watts = column[index]
    if (watts == null) continue
    const slot = totals[HOURS[index]!]!
    slot.sum += watts
    slot.count++
  }
  return totals.map(({ sum, count }) => (count === 0 ? null : Math.round(sum / count)))
}

export function hours(span: Span, asked?: string): Hours {
  const { date, fromMs, untilMs } = energy(span, asked)
  const days = []
  const shiftMs = shiftOf(fromMs, untilMs)
  for (
    let day = local(shiftMs > 0 ? fromMs : Math.max(fromMs, FROM_MS));
    on(day) < Math.min(untilMs, UNTIL_MS);
    day = addDays(day, 1)
  ) {
    const startMs = on(day)
    const count = (on(addDays(day, 1)) - startMs) / (60 * MIN)
    const starts = Array.from({ length: count }, (_, hour) => startMs + hour * 60 * MIN)
    const watts = starts.map((ms) => mean(columns.house, indexOf(ms + shiftMs), indexOf(ms + shiftMs + 60 * MIN)))
    days.push({
      date: day,
      fromMs: startMs,
      watts,
      ...(count !== 24 && { wallHours: starts.map((ms) => time.local(ms).hour) }),
    })
  }
  return { span, date, fromMs, untilMs, days }
}

export function coverage(job?: Job): Coverage {
  return {
    wantedMinutes: 56_000_000,
    storedMinutes: 53_816_000,
    missingMinutes: 239,
    notLoadedMinutes: 156_960,
    devices: [
      {
        name: 'iwatt5',
        firstDate: '2021-09-18',
        days: [1, 133, 0, 1, 1, 327, 0, 2, 1, 229, 3, 1, 1, 325, 0, 2, 1, 451, 4, 109, 2, 17, 1, 55],
        missing: [692, 192],
      },
      {
        name: 'iwatt6',
        firstDate: '2023-02-05',
        days: [1, 513, 0, 2, 1, 228, 0, 1, 1, 402, 3, 1],
        missing: [1146, 47],
      },
    ],
    holes: [
      {
        device: 'iwatt6',
        ...GAP,
        minutes: 47,
        channels: circuits.filter((id) => deviceOf(id) === 'iwatt6'),
        ...(job && { job }),
      },
      {
        device: 'iwatt5',
        fromMs: time.instant({ year: 2023, month: 8, day: 11, hour: 2, minute: 48 }),
        untilMs: time.instant({ year: 2023, month: 8, day: 11, hour: 6 }),
        minutes: 192,
        channels: house.channels.filter(({ device }) => device === 'iwatt5').map(({ id }) => id),
      },
    ],
    holesLeftOut: 0,
  }
}

export const COVERAGE = coverage()

export function channelCoverage(device: string, until: string, days: number): ChannelCoverage {
  const dates = Array.from({ length: days }, (_, index) => addDays(until, index + 1 - days))
  const gap = device === 'iwatt6' ? dates.indexOf('2026-03-27') : dates.indexOf('2023-08-11')
  const runs = gap < 0 ? [1, days] : [1, gap, 3, 1, 1, days - gap - 1]
  return {
    device,
    dates,
    channels: house.channels
      .filter((channel) => channel.device === device)
      .map(({ id }) => ({ id, days: runs, missing: gap < 0 ? [] : [gap, device === 'iwatt6' ? 47 : 192] })),
  }
}

export function dayCoverage(device: string, date: string): DayCoverage {
  const fromMs = on(date)
  const untilMs = on(addDays(date, 1))
  const length = (untilMs - fromMs) / MIN
  const wall = Array.from({ length: length / 60 }, (_, hour) => time.local(fromMs + hour * 60 * MIN).hour)
  const isToday = date === local(NOW_MS)
  const runs = isToday ? (device === 'iwatt6' ? [1, 552, 3, 47, 1, 221, 5, 620] : [1, 820, 5, 620]) : [1, length]
  return { device, date, fromMs, untilMs, runs, ...(wall.length !== 24 && { wallHours: wall }) }
}

export function devices(status: Status): Devices {
  const load = (share: number, swing: number) =>
    Array.from({ length: 60 }, (_, at) => Math.round(1000 * share * (1 + swing * Math.sin(at * 2.4))))
  const more = [
    {
      url: 'http://iwatt5.goepp.net',
      clockAheadMs: -400,
      startedAtMs: NOW_MS - 292 * 60 * MIN,
      share: 0.11,
      since: Date.UTC(2021, 8, 18, 4),
    },
    {
      url: 'http://iwatt6.goepp.net',
      clockAheadMs: -71_000,
      startedAtMs: NOW_MS - 956 * 60 * MIN,
      share: 0.03,
      since: Date.UTC(2023, 1, 5, 5),
    },
  ]
  return {
    devices: status.devices.map((device, index) => {
      const { url, clockAheadMs, startedAtMs, share, since } = more[index % more.length]!
      return {
        ...device,
        url,
        version: '02_08_04',
        clockAheadMs,
        startedAtMs,
        log: { fromMs: since, untilMs: UNTIL_MS },
        ...(device.storedUntilMs !== undefined && { stored: { fromMs: since, untilMs: device.storedUntilMs } }),
        load: { allowedShare: 0.25, share, minutes: load(share, 0.4) },
        channels: { configured: 14, listed: 14, missing: [] },
        ...(index === 1 && {
          lastFailure: {
            message: 'the store did not answer within 30 s. The sync ended there and 47 minutes were left out.',
            sinceMs: GAP.fromMs,
          },
        }),
      }
    }),
    store: {
      ...status.store,
      clockAheadMs: 100,
      seriesCount: 28,
      writeMs: 41,
      readMs: 18,
      retainsFromMs: Date.UTC(1926, 3, 1),
    },
  }
}

const event = (id: number, at: { hour: number; minute?: number }, of: string, text: string): LoggedEvent => ({
  id,
  atMs: time.instant({ year: 2026, month: 3, day: 27, ...at }),
  of,
  level: 'info',
  text,
})
export const EVENTS = [
  event(6, { hour: 13, minute: 38 }, 'iwatt6', 'Repair of 09:12 to 09:59 started, asked for here.'),
  event(5, { hour: 13, minute: 35 }, 'iwatt5', 'Backfill: 21 to 27 Sep 2025 copied and confirmed, 141,120 samples.'),
  event(
    4,
    { hour: 10, minute: 2 },
    'store',
    'Flushed after its restart; the tail of both devices was counted again: complete, but for the gap of iwatt6.',
  ),
  event(3, { hour: 9, minute: 59 }, 'iwatt6', 'Sync done. 47 minutes before it are missing.'),
  event(
    2,
    { hour: 9, minute: 12 },
    'store',
    'Did not answer within 30 s. Nothing was written, nothing counts as stored.',
  ),
  event(1, { hour: 2 }, 'iwatt5', 'Daily audit: 30 days, 14 channels, complete.'),
]
