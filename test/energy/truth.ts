/** What the Energy view has to show, from exported samples alone: nothing here is shared with the program. */

export const COLUMNS = ['house', 'solar', 'used', 'fromGrid', 'toGrid', 'unmetered'] as const
export type Column = (typeof COLUMNS)[number]
export type Span = 'day' | 'month' | 'year' | 'all'
type Known = number | null

export interface TruthOptions {
  readonly csv: string
  readonly zone: string
  readonly wiring: 'ahead' | 'behind'
  readonly mains: readonly string[]
  readonly solar: readonly string[]
  readonly circuits: readonly string[]
  /** What the devices have measured, up to now. */
  readonly measured: readonly { readonly fromMs: number; readonly untilMs: number }[]
}

interface Wall {
  /** `2026-03-08T13:40` of the wall clock, with the hours that its zone is off. */
  readonly local: string
  readonly offset: string
}

interface Minute extends Wall {
  readonly atMs: number
  readonly columns: Readonly<Record<Column, number | undefined>>
  readonly circuits: Readonly<Record<string, number | undefined>>
  readonly isComplete: boolean
}

export type ComparedTruth = {
  readonly wattHours: number
  readonly beforeWattHours: number
  readonly hours?: number
  readonly days?: number
} | null

export interface BarTruth extends Readonly<Record<Column, Known>> {
  readonly label: string
  readonly unmeasured: number
  readonly missing: number
}

export interface PeriodTruth {
  /** Of its time, so far, minutes in which the devices were off; and whether its start lies before all that there is. */
  readonly unmeasured: number
  readonly beginsLate: boolean
  readonly sums: Readonly<Record<Column, Known>>
  readonly circuits: Known
  readonly columnMissing: Readonly<Record<Column, number>>
  readonly missing: number
}

export interface ConsumerTruth {
  readonly id: string
  readonly wattHours: Known
  readonly before: Known
  readonly compared: ComparedTruth
  readonly hours: readonly Known[]
  readonly missing: number
}

export interface SpanTruth extends PeriodTruth {
  /** Watts of the greatest minute, when it was, and the three circuits that used most in it. */
  readonly peak: { readonly atMs: number; readonly watts: number; readonly circuits: readonly [string, number][] }
  /** Watts, and of how many minutes. */
  readonly baseLoad: { readonly watts: number; readonly minutes: number } | undefined
  readonly bars: readonly BarTruth[]
  /** Of the bars, what the house had in the period before. */
  readonly marks: readonly Known[]
  /** The same, no further than to the same time. */
  readonly marksSoFar: readonly Known[]
  readonly before: PeriodTruth | undefined
  readonly compared: Readonly<Record<Column, ComparedTruth>>
  readonly consumers: readonly ConsumerTruth[]
  /** By day: mean watts of each hour that it has. */
  readonly hours: ReadonlyMap<string, readonly Known[]>
}

const LENGTH = { day: 10, month: 7, year: 4, all: 0 } as const

/** The truth of the span of a day, such as `2026-03-08`, so far as it is measured. */
export function truthOf(options: TruthOptions): (span: Span, date: string) => SpanTruth {
  const minutes = minutesOf(options)
  const outages = outagesOf(options)
  const first = minutes[0]?.local ?? ''
  const { circuits } = options
  const newest = minutes.at(-1)?.local ?? ''
  return (span, date) => {
    const length = LENGTH[span]
    const prefix = date.slice(0, length)
    const here = minutes.filter(({ local }) => local.startsWith(prefix))
    const prefixBefore = span === 'all' ? undefined : stepBack(prefix)
    const all = minutes.filter(({ local }) => prefixBefore !== undefined && local.startsWith(prefixBefore))
    const isSoFar = newest.startsWith(prefix) && span !== 'all'
    // The last minute is of it.
    const cut = all.filter(({ local }) => !isSoFar || local.slice(length) <= newest.slice(length))
    const before = all.some(({ columns }) => COLUMNS.some((name) => columns[name] !== undefined)) ? cut : undefined
    const sideOf = (own: string, known: readonly Minute[], isCut: boolean): Side => ({
      minutes: known,
      outages: outages.filter(
        ({ local }) => local.startsWith(own) && !(isCut && local.slice(length) > newest.slice(length)),
      ),
      beginsLate: span !== 'all' && first > `${own}${'0000-01-01T00:00'.slice(own.length)}`,
    })
    const sides = { here: sideOf(prefix, here, false), before: sideOf(prefixBefore ?? '-', cut, isSoFar) }
    const periodWith = ({ minutes: own, outages: off, beginsLate }: Side) => ({
      ...periodOf(own),
      unmeasured: off.length,
      beginsLate,
    })
    const compare = (of: (minute: Minute) => number | undefined) =>
      before === undefined ? null : comparedOf(span, of, sides.here, sides.before)
    const offBars = groupBy(sides.here.outages, (minute) => barOf(span, minute))
    const names = barNames(options, span, prefix, minutes)
    const barsOf = (from: readonly Minute[]) => groupBy(from, (minute) => barOf(span, minute))
    const bars = barsOf(here)
    const namesBefore = prefixBefore === undefined ? [] : barNames(options, span, prefixBefore, minutes)
    const marksOf = (minutesBefore: readonly Minute[]) => {
      const barsBefore = barsOf(minutesBefore)
      return names.map((_, index) => {
        const expected = span === 'day' ? sameHour(names, index, namesBefore) : namesBefore[index]
        return before === undefined || expected === undefined ? null : sumOf(barsBefore.get(expected) ?? [], 'house')
      })
    }
    return {
      ...periodWith(sides.here),
      peak: peakOf(here),
      baseLoad: baseLoadOf(here),
      compared: Object.fromEntries(
        COLUMNS.map((name) => [name, compare(({ columns }) => columns[name])]),
      ) as SpanTruth['compared'],
      bars: names.map((label) => {
        const own = bars.get(label) ?? []
        return {
          label,
          ...sumsOf(own),
          missing: own.filter(({ isComplete }) => !isComplete).length,
          unmeasured: offBars.get(label)?.length ?? 0,
        }
      }),
      marks: marksOf(all),
      marksSoFar: marksOf(before ?? []),
      before: before && periodWith(sides.before),
      consumers: [...circuits, 'unmetered'].map((id) => consumerOf(id, { here, before, compare })),
      hours: new Map(
        [...groupBy(here, ({ local }) => local.slice(0, 10))].map(([day, own]) => {
          const byHour = groupBy(own, (minute) => barOf('day', minute))
          return [day, barNames(options, 'day', day, minutes).map((name) => meanOf(byHour.get(name) ?? [], houseOf))]
        }),
      ),
    }
  }
}

function peakOf(minutes: readonly Minute[]): SpanTruth['peak'] {
  const wattsOf = (minute: Minute) => 60 * (minute.columns.house ?? -Infinity)
  const [first, ...others] = minutes
  if (first === undefined) throw new Error('a span without minutes has no peak')
  const most = others.reduce((best, minute) => (wattsOf(minute) > wattsOf(best) ? minute : best), first)
  const circuits = Object.entries(most.circuits).map(([id, wattHours = 0]): [string, number] => [id, 60 * wattHours])
  return { atMs: most.atMs, watts: wattsOf(most), circuits: circuits.sort((a, b) => b[1] - a[1]).slice(0, 3) }
}

/** The value at the 5th of 100 places, of all minutes of nights in order. */
function baseLoadOf(minutes: readonly Minute[]): SpanTruth['baseLoad'] {
  const nights = minutes.filter(({ local }) => local.slice(11, 13) < '05')
  const known = nights.flatMap(({ columns: { house } }) => (house === undefined ? [] : [60 * house]))
  known.sort((a, b) => a - b)
  const watts = known.find((_, index) => (index + 1) / known.length >= 0.05)
  return watts === undefined ? undefined : { watts, minutes: known.length }
}

const houseOf = ({ columns }: Minute) => columns.house

interface Both {
  readonly here: readonly Minute[]
  readonly before: readonly Minute[] | undefined
  readonly compare: (of: (minute: Minute) => number | undefined) => ComparedTruth
}

function consumerOf(id: string, { here, before, compare }: Both): ConsumerTruth {
  const of = ({ columns, circuits }: Minute) => (id === 'unmetered' ? columns.unmetered : circuits[id])
  const hours = groupBy(here, ({ local }) => local.slice(11, 13))
  return {
    id,
    wattHours: total(here.map(of)),
    before: before ? total(before.map(of)) : null,
    compared: compare(of),
    hours: Array.from({ length: 24 }, (_, hour) => meanOf(hours.get(String(hour).padStart(2, '0')) ?? [], of)),
    missing: here.filter((minute) => of(minute) === undefined).length,
  }
}

/** Minutes between those that were measured. */
function outagesOf({ zone, measured }: TruthOptions): readonly Wall[] {
  const wall = wallClock(zone)
  const outages: Wall[] = []
  measured.slice(1).forEach(({ fromMs }, index) => {
    for (let atMs = measured[index]?.untilMs ?? fromMs; atMs < fromMs; atMs += 60_000) outages.push(wall(atMs))
  })
  return outages
}

/** Like with like: all of both where 99 % of both is known, else the hours or days of which that is so. */
function comparedOf(span: Span, of: (minute: Minute) => number | undefined, here: Side, before: Side): ComparedTruth {
  const totals = [here, before].map(({ minutes, outages, beginsLate }) => {
    const known = minutes.map(of).filter((value) => value !== undefined)
    const isComplete = !beginsLate && known.length > 0 && known.length >= 0.99 * (minutes.length + outages.length)
    return { isWhole: isComplete, sum: known.reduce((sum, value) => sum + value, 0) }
  })
  const [now, ago] = totals
  if (now?.isWhole && ago?.isWhole) return { wattHours: now.sum, beforeWattHours: ago.sum }
  const [mine, theirs] = [here, before].map((side) => {
    const seen = new Map<string, string>()
    const partOf = ({ local, offset }: Wall) => {
      if (span !== 'day') return local.slice(span === 'month' ? 8 : 5, 10)
      const hour = local.slice(11, 13)
      // The second hour of the same name is another.
      if (!seen.has(hour)) seen.set(hour, offset)
      return `${hour}${seen.get(hour) === offset ? '' : ' again'}`
    }
    const all = groupBy([...side.minutes, ...side.outages].sort(byTime), partOf)
    const known = groupBy(
      side.minutes.filter((minute) => of(minute) !== undefined),
      partOf,
    )
    return new Map(
      [...known]
        .filter(([part, own]) => own.length >= 0.99 * (all.get(part)?.length ?? 0))
        .map(([part, own]) => [part, own.reduce((sum, minute) => sum + (of(minute) ?? 0), 0)]),
    )
  })
  const shared = [...(mine?.keys() ?? [])].filter((part) => theirs?.has(part))
  if (shared.length === 0) return null
  const sum = (side: ReadonlyMap<string, number> | undefined) =>
    shared.reduce((total, part) => total + (side?.get(part) ?? 0), 0)
  return {
    wattHours: sum(mine),
    beforeWattHours: sum(theirs),
    [span === 'day' ? 'hours' : 'days']: shared.length,
  }
}

/** Offsets of the west: `GMT-4` comes before `GMT-5`. */
const byTime = (a: Wall, b: Wall) => (a.local < b.local || (a.local === b.local && a.offset < b.offset) ? -1 : 1)

interface Side {
  readonly minutes: readonly Minute[]
  readonly outages: readonly Wall[]
  readonly beginsLate: boolean
}

function periodOf(minutes: readonly Minute[]): Omit<PeriodTruth, 'unmeasured' | 'beginsLate'> {
  const columnMissing = Object.fromEntries(
    COLUMNS.map((name) => [name, minutes.filter(({ columns }) => columns[name] === undefined).length]),
  ) as Record<Column, number>
  const circuits = total(minutes.flatMap((minute) => Object.values(minute.circuits)))
  return {
    sums: sumsOf(minutes),
    circuits,
    columnMissing,
    missing: minutes.filter(({ isComplete }) => !isComplete).length,
  }
}

const sumOf = (minutes: readonly Minute[], name: Column) => total(minutes.map(({ columns }) => columns[name]))

function sumsOf(minutes: readonly Minute[]): Record<Column, Known> {
  return Object.fromEntries(COLUMNS.map((name) => [name, sumOf(minutes, name)])) as Record<Column, Known>
}

function total(values: readonly (number | undefined)[]): Known {
  const known = values.filter((value) => value !== undefined)
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0)
}

/** Watts. */
function meanOf(minutes: readonly Minute[], of: (minute: Minute) => number | undefined): Known {
  const known = minutes.map(of).filter((value) => value !== undefined)
  return known.length === 0 ? null : (60 * known.reduce((sum, value) => sum + value, 0)) / known.length
}

/** All that is measured, whether the store has it or not. */
function minutesOf({ csv, zone, wiring, mains, solar, circuits, measured }: TruthOptions): Minute[] {
  const wattHours = wattHoursByMinute(csv)
  const wall = wallClock(zone)
  const minutes: Minute[] = []
  for (const { fromMs, untilMs } of measured)
    for (let atMs = fromMs; atMs < untilMs; atMs += 60_000) {
      const of = (name: string) => wattHours.get(name)?.[atMs / 60_000 - FIRST_MINUTE]
      const sum = (names: readonly string[]) =>
        names.map(of).reduce((a, b) => (a === undefined || b === undefined ? undefined : a + b), 0)
      const [trunk, panels, metered] = [sum(mains), sum(solar), sum(circuits)]
      const sun = panels === undefined ? undefined : Math.max(0, panels)
      const both = trunk !== undefined && sun !== undefined
      const house = wiring === 'ahead' ? trunk : both ? trunk + sun : undefined
      const net = wiring === 'behind' ? trunk : both ? trunk - sun : undefined
      minutes.push({
        ...wall(atMs),
        atMs,
        columns: {
          house,
          solar: sun,
          used: house === undefined || sun === undefined ? undefined : Math.max(0, Math.min(house, sun)),
          fromGrid: net === undefined ? undefined : Math.max(0, net),
          toGrid: net === undefined ? undefined : Math.max(0, -net),
          unmetered: house === undefined || metered === undefined ? undefined : house - metered,
        },
        circuits: Object.fromEntries(circuits.map((name) => [name, of(name)])),
        isComplete: both && metered !== undefined,
      })
    }
  return minutes
}

/** Of the lists of `wattHoursByMinute`: 2025-01-01, before all that is measured. */
const FIRST_MINUTE = Date.UTC(2025) / 60_000

/** A sample holds until the next one of its series, at most 60 s. */
function wattHoursByMinute(csv: string): Map<string, number[]> {
  const [head = '', ...lines] = csv.trim().split('\n')
  const names = head.split(',').map((title) => title.split(' ')[1] ?? '')
  const samples = new Map<string, [number, number][]>(names.map((name) => [name, []]))
  for (const line of lines) {
    const [time = '', ...cells] = line.split(',')
    const atMs = Date.parse(time)
    cells.forEach((cell, index) => {
      if (cell !== '') samples.get(names[index + 1] ?? '')?.push([atMs, Number(cell)])
    })
  }
  const byMinute = new Map<string, number[]>()
  for (const [name, all] of samples) {
    const minutes: number[] = []
    all.forEach(([atMs, watts], index) => {
      const heldMs = Math.min(60_000, (all[index + 1]?.[0] ?? Infinity) - atMs)
      const minute = Math.floor(atMs / 60_000) - FIRST_MINUTE
      minutes[minute] = (minutes[minute] ?? 0) + (watts * heldMs) / 3_600_000
    })
    byMinute.set(name, minutes)
  }
  return byMinute
}

/** What the clocks of a zone show; asked once for each half hour, as no zone changes within one. */
function wallClock(zone: string): (atMs: number) => Wall {
  const format = new Intl.DateTimeFormat('sv', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' })
  const names = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'shortOffset' })
  const asked = new Map<number, { readonly hour: string; readonly minute: number; readonly offset: string }>()
  return (atMs) => {
    const startMs = Math.floor(atMs / 1_800_000) * 1_800_000
    const local = asked.has(startMs) ? '' : format.format(startMs).replace(' ', 'T')
    const half = asked.get(startMs) ?? {
      hour: local.slice(0, 14),
      minute: Number(local.slice(14)),
      offset: names.formatToParts(startMs).find(({ type }) => type === 'timeZoneName')?.value ?? '',
    }
    asked.set(startMs, half)
    const minute = half.minute + (atMs - startMs) / 60_000
    return { local: `${half.hour}${String(minute).padStart(2, '0')}`, offset: half.offset }
  }
}

function barOf(span: Span, { local, offset }: Wall): string {
  return span === 'day' ? `${local.slice(0, 13)} ${offset}` : local.slice(0, { month: 10, year: 7, all: 4 }[span])
}

/** All bars of a span, those without anything too. */
function barNames({ zone }: TruthOptions, span: Span, prefix: string, minutes: readonly Minute[]): string[] {
  if (span === 'day') {
    const wall = wallClock(zone)
    const middleMs = Date.parse(`${prefix}T12:00Z`)
    const times = Array.from({ length: 2 * 60 }, (_, half) => wall(middleMs + (half - 60) * 1_800_000))
    const own = times.filter(({ local }) => local.startsWith(prefix))
    return [...new Set(own.map(({ local, offset }) => `${local.slice(0, 13)} ${offset}`))]
  }
  const two = (number: number) => String(number).padStart(2, '0')
  if (span === 'year') return Array.from({ length: 12 }, (_, month) => `${prefix}-${two(month + 1)}`)
  if (span === 'all') return [...new Set(minutes.map(({ local }) => local.slice(0, 4)))]
  const [year = 0, month = 0] = prefix.split('-').map(Number)
  return Array.from(
    { length: new Date(Date.UTC(year, month, 0)).getUTCDate() },
    (_, day) => `${prefix}-${two(day + 1)}`,
  )
}

/** Of the day before the hour at which the clock shows the same, for the same time. */
function sameHour(names: readonly string[], index: number, before: readonly string[]): string | undefined {
  const hourOf = (name: string) => name.slice(11, 13)
  const hour = hourOf(names[index] ?? '')
  const nth = names.slice(0, index).filter((name) => hourOf(name) === hour).length
  return before.filter((name) => hourOf(name) === hour)[nth]
}

function stepBack(prefix: string): string {
  if (prefix.length === 4) return String(Number(prefix) - 1)
  const date = new Date(`${prefix}${prefix.length === 7 ? '-01' : ''}T00:00Z`)
  return new Date(date.getTime() - 86_400_000).toISOString().slice(0, prefix.length)
}

export function groupBy<T>(values: readonly T[], keyOf: (value: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const value of values) {
    const key = keyOf(value)
    const group = groups.get(key)
    if (group) group.push(value)
    else groups.set(key, [value])
  }
  return groups
}
