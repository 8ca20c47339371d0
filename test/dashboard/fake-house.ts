import type { House, HouseColumns } from '../../src/dashboard/api/answers.ts'
import { houseTime } from '../../src/dashboard/text/house-time.ts'

/** An invented house in New York: one sample per minute from 1 February to 27 March 2026, 13:40. */
export const MIN = 60_000
export const ZONE = 'America/New_York'
export const time = houseTime(ZONE)
export const FROM_MS = time.instant({ year: 2026, month: 2, day: 1 })
export const UNTIL_MS = time.instant({ year: 2026, month: 3, day: 27, hour: 13, minute: 40 })
export const GAP = {
  fromMs: time.instant({ year: 2026, month: 3, day: 27, hour: 9, minute: 12 }),
  untilMs: time.instant({ year: 2026, month: 3, day: 27, hour: 9, minute: 59 }),
}
export const COUNT = (UNTIL_MS - FROM_MS) / MIN

const GROUPS: readonly [string, string][] = [
  ['Heating and cooling', 'MinisplitGreatAndBlue MinisplitBedAndStudio Furnace OfficeHeat BathroomHeat'],
  ['Garage', 'Garage_1 Garage_2'],
  ['Kitchen and cold', 'EastWall Freezers Fridge Dishwasher'],
  ['Laundry', 'Dryer LaundryFoyerMaker Washer'],
  ['Work', 'Datacenter Office OGMaker'],
  ['Rooms', 'GreatroomSouthTV BlueAndBreeze StudioA StudioASouth Bedroom'],
]
const FIRST = new Set(
  'Mains_1 Mains_2 SolarA_1 SolarA_2 SolarB_1 SolarB_2 Garage_1 Garage_2 MinisplitGreatAndBlue MinisplitBedAndStudio EastWall BathroomHeat OfficeHeat Dryer'.split(
    ' ',
  ),
)
export const deviceOf = (id: string) => (FIRST.has(id) ? 'iwatt5' : 'iwatt6')

export const groups = GROUPS.map(([name, list]) => ({ name, channels: list.split(' ') }))
export const circuits = groups.flatMap(({ channels }) => channels)
const trunk = ['Mains_1', 'Mains_2', 'SolarA_1', 'SolarA_2', 'SolarB_1', 'SolarB_2']
export const house: House = {
  timezone: ZONE,
  wiring: 'ahead',
  isConfigured: true,
  hasMains: true,
  hasSolar: true,
  channels: [...trunk, ...circuits].map((id) => ({
    id,
    device: deviceOf(id),
    location: id,
    role: id.startsWith('Mains') ? 'mains' : id.startsWith('Solar') ? 'solar' : 'circuit',
    labels: labelsOf(id),
  })),
  groups,
  legs: [{ name: 'Garage', channels: ['Garage_1', 'Garage_2'] }],
  labelNames: ['hvac', 'pair', 'type'],
}

function labelsOf(id: string): Record<string, string> {
  const [, pair] = /^(Mains|SolarA|SolarB|Garage)_/.exec(id) ?? []
  if (pair !== undefined) return { pair, type: 'Trunk', ...(pair.startsWith('Solar') && { solar: 'Both' }) }
  return { type: 'Circuit', ...(GROUPS[0]![1].split(' ').includes(id) && { hvac: 'True' }) }
}

let seed = 27_032_026
function random(): number {
  seed = (seed + 0x6d2b79f5) | 0
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
}
const noise = (size: number) => (random() - 0.5) * 2 * size
const within = (t: number, from: number, until: number) => t >= from && t < until
const cycle = (i: number, period: number, duty: number, phase = 0) => ((i + phase) % period) / period < duty

/** Minute of the day, day, weekday and outside temperature decide. */
type Model = (at: { i: number; day: number; t: number; weekday: number; cold: number }) => number
const MODELS: Record<string, Model> = {
  MinisplitGreatAndBlue: ({ i, t, cold }) =>
    Math.max(22, (19 - cold) * 62 * (t > 1320 || t < 330 ? 0.6 : 1) * (0.75 + 0.25 * Math.sin(i / 23)) + noise(25)),
  MinisplitBedAndStudio: ({ i, t, cold }) =>
    Math.max(18, (18 - cold) * 44 * (t > 480 && t < 1080 ? 0.7 : 1) * (0.7 + 0.3 * Math.sin(i / 31 + 1)) + noise(18)),
  Furnace: ({ i, cold }) => (cycle(i, 52, Math.max(0.04, (9 - cold) * 0.045)) ? 432 + noise(9) : 4),
  OfficeHeat: ({ i, t, weekday }) => (weekday % 6 && within(t, 460, 700) && cycle(i, 34, 0.42) ? 1185 + noise(12) : 0),
  BathroomHeat: ({ i, t }) =>
    (within(t, 385, 445) && cycle(i, 20, 0.7)) || within(t, 1290, 1325) ? 996 + noise(8) : 0,
  Garage_1: ({ i, day, t }) =>
    day % 3 === 1 && within(t, 30, 265) ? 1660 + noise(15) : 24 + (cycle(i, 47, 0.3, 9) ? 96 : 0),
  Garage_2: ({ day, t }) =>
    day % 3 === 1 && within(t, 30, 265) ? 1652 + noise(15) : 11 + (within(t, 1020, 1090) ? 180 : 0),
  EastWall: ({ t }) =>
    38 + (within(t, 402, 412) || within(t, 1062, 1096) || within(t, 728, 735) ? 1320 + noise(60) : noise(4)),
  Freezers: ({ i }) => (cycle(i, 61, 0.46, 13) ? 168 + noise(6) : 7),
  Fridge: ({ i }) => (cycle(i, 44, 0.4, 3) ? 124 + noise(4) : 3),
  Dishwasher: ({ day, t }) =>
    day % 4 !== 2 && within(t, 1215, 1300) ? (cycle(t - 1215, 42, 0.38) ? 1195 : 62) + noise(6) : 1,
  Dryer: ({ i, weekday, t }) =>
    [0, 3, 6].includes(weekday) && within(t, 645, 715) ? (cycle(i, 9, 0.72) ? 5080 + noise(30) : 310) : 1,
  Washer: ({ weekday, t }) => ([0, 3, 6].includes(weekday) && within(t, 590, 640) ? 160 + Math.abs(noise(240)) : 2),
  LaundryFoyerMaker: () => 46 + noise(4),
  Datacenter: ({ t }) => 312 + noise(7) + (t > 120 && t < 160 ? 46 : 0),
  Office: ({ weekday, t }) => 42 + (weekday % 6 && within(t, 470, 1050) ? 128 + noise(14) : noise(2)),
  OGMaker: ({ day, t }) => 27 + (day % 5 === 0 && within(t, 840, 1020) ? 210 + noise(30) : noise(2)),
  GreatroomSouthTV: ({ t }) => 19 + (within(t, 1130, 1370) ? 176 + noise(12) : noise(1)),
  BlueAndBreeze: ({ t }) => 24 + (within(t, 1060, 1350) ? 118 + noise(6) : noise(2)),
  StudioA: ({ t }) => 31 + (within(t, 560, 760) ? 140 + noise(8) : noise(2)),
  StudioASouth: ({ t }) => 12 + (within(t, 560, 900) ? 66 + noise(4) : noise(1)),
  Bedroom: ({ t }) => 14 + (within(t, 390, 460) || within(t, 1290, 1400) ? 92 + noise(5) : noise(1)),
}

export type Minutes = readonly (number | null)[]
export const minutes = generate()
export const columns = houseColumns()

function generate(): ReadonlyMap<string, Minutes> {
  const made = new Map<string, (number | null)[]>([...trunk, ...circuits].map((id) => [id, []]))
  const put = (id: string, watts: number) => made.get(id)!.push(Math.round(watts))
  const days = Array.from({ length: 56 }, (_, day) => ({
    cloud:
      day === 54 ? 0.97 : Math.min(1, Math.max(0.12, 0.35 + 0.75 * Math.sin(day * 1.7) * random() + 0.5 * random())),
    chill: day === 54 ? 8 : -1 + day * 0.2 + noise(5),
  }))
  let shadow = 1
  for (let i = 0; i < COUNT; i++) {
    const ms = FROM_MS + i * MIN
    const { month, day: date, hour, minute, weekday } = time.local(ms)
    const t = hour * 60 + minute
    const day = (month - 2) * 28 + date - 1
    const { cloud, chill } = days[day]!
    const cold = chill + 4.5 * Math.sin(((t - 570) / 1440) * 2 * Math.PI)
    let sum = 0
    for (const [id, model] of Object.entries(MODELS)) {
      const watts = Math.round(Math.max(0, model({ i, day, t, weekday, cold })))
      const isGone = ms >= GAP.fromMs && ms < GAP.untilMs && deviceOf(id) === 'iwatt6'
      made.get(id)!.push(isGone ? null : watts)
      sum += watts
    }
    const load = sum + Math.round(92 + 22 * Math.sin(i / 97) + noise(9) + (within(t, 1080, 1320) ? 64 : 0))
    put('Mains_1', load * 0.546)
    put('Mains_2', load - Math.round(load * 0.546))
    const isSummer = time.abbreviation(ms) === 'EDT'
    const [up, down] = [402 - day * 1.4 + (isSummer ? 60 : 0), 1050 + day * 1.1 + (isSummer ? 60 : 0)]
    const x = (t - up) / (down - up)
    shadow = Math.min(
      1,
      Math.max(0.08, shadow + noise(1 - cloud > 0.1 ? 0.3 * (1 - cloud) + 0.05 : 0.02) + (cloud - shadow) * 0.06),
    )
    const sun = x > 0 && x < 1 ? Math.sin(x * Math.PI) ** 1.35 * shadow : 0
    const lean = x > 0 && x < 1 ? (0.5 - x) * 0.5 : 0
    const [a, b] = sun > 0 ? [2900 * sun * (1 + lean), 2350 * sun * (1 - lean)] : [-6, -5]
    put('SolarA_1', a / 2)
    put('SolarA_2', a / 2)
    put('SolarB_1', b / 2)
    put('SolarB_2', b / 2)
  }
  return made
}

function houseColumns(): HouseColumns {
  const sum = (ids: readonly string[], i: number) =>
    ids.reduce<number | null>((total, id) => {
      const watts = minutes.get(id)![i]!
      return total === null || watts === null ? null : total + watts
    }, 0)
  const rows = Array.from({ length: COUNT }, (_, i) => {
    const load = sum(['Mains_1', 'Mains_2'], i)!
    const solar = Math.max(0, sum(trunk.slice(2), i)!)
    const metered = sum(circuits, i)
    return {
      house: load,
      solar,
      used: Math.min(load, solar),
      fromGrid: Math.max(0, load - solar),
      toGrid: Math.max(0, solar - load),
      unmetered: metered === null ? null : load - metered,
    }
  })
  const column = (key: keyof HouseColumns) => rows.map((row) => row[key])
  return {
    house: column('house'),
    solar: column('solar'),
    used: column('used'),
    fromGrid: column('fromGrid'),
    toGrid: column('toGrid'),
    unmetered: column('unmetered'),
  }
}
