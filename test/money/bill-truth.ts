/** Bills from the words of the specification alone, minute by minute, without any code of the product. */

export interface TruthPeriod {
  name?: string
  price?: number
  tiers?: { upTo?: number; each?: string; price: number }[]
  months?: string | string[]
  from?: string
  to?: string
  days?: string | string[]
  hours?: string | string[]
}

export interface TruthTariff {
  name: string
  import: TruthPeriod[] | { file: string }
  export?: TruthPeriod[] | { file: string }
  fixed?: { perDay?: number; perBill?: number }
  tiers?: { upTo?: number; upToPerDay?: number; add: number }[]
  demand?: (TruthPeriod & { window: string; pricePerKw: number; basis?: string })[]
  netting?: string
  tax?: string
  minimum?: number
}

export interface TruthOptions {
  zone: string
  holidays: string[]
  /** Unix ms of each row; null where no price is known; by the name of the file. */
  files?: Record<string, [atMs: number, price: number | null][]>
  fromMs: number
  /** Mean watts of each minute from then on; NaN where it is missing. */
  fromGrid: ArrayLike<number>
  toGrid: ArrayLike<number>
}

export interface TruthBill {
  importKwh: number
  exportKwh: number
  missingMinutes: number
  unpricedKwh: number
  unpricedExportKwh: number
  /** By kind, name and price. */
  amounts: Map<string, number>
  kinds: Record<string, number>
  total: number
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']

interface Local {
  date: string
  hour: number
  minute: number
}

const formats = new Map<string, Intl.DateTimeFormat>()
const quarters = new Map<string, Map<number, Local>>()

/** No zone changes its clocks within a quarter of an hour. */
function localOf(zone: string, atMs: number): Local {
  const quarter = Math.floor(atMs / 900_000)
  const ofZone = quarters.get(zone) ?? new Map<number, Local>()
  quarters.set(zone, ofZone)
  const start = ofZone.get(quarter) ?? formatLocal(zone, quarter * 900_000)
  ofZone.set(quarter, start)
  return { ...start, minute: start.minute + (atMs - quarter * 900_000) / 60_000 }
}

function formatLocal(zone: string, atMs: number): Local {
  const format =
    formats.get(zone) ??
    new Intl.DateTimeFormat('sv', { timeZone: zone, dateStyle: 'short', timeStyle: 'short', hourCycle: 'h23' })
  formats.set(zone, format)
  const [date = '', time = ''] = format.format(atMs).split(' ')
  const [hour, minute] = time.split(':').map(Number)
  return { date, hour: hour ?? NaN, minute: minute ?? NaN }
}

const dateBefore = (date: string) => new Date(Date.parse(date) - 86_400_000).toISOString().slice(0, 10)
const list = (value: string | string[]) => (Array.isArray(value) ? value : [value])

function isInCycle(cycle: string[], range: string, value: string): boolean {
  const [first = '', last = first] = range.split('-')
  for (let at = cycle.indexOf(first); ; at = (at + 1) % cycle.length) {
    if (cycle[at] === value) return true
    if (cycle[at] === last) return false
  }
}

const fitting = new WeakMap<TruthPeriod, Map<string, boolean>>()

/** A period is of one list and one calendar. */
function dayFits(period: TruthPeriod, date: string, calendar: { holidays: string[]; namesHoliday: boolean }): boolean {
  const known = fitting.get(period) ?? new Map<string, boolean>()
  fitting.set(period, known)
  const fits = known.get(date) ?? findFit(period, date, calendar)
  known.set(date, fits)
  return fits
}

function findFit(
  period: TruthPeriod,
  date: string,
  { holidays, namesHoliday }: { holidays: string[]; namesHoliday: boolean },
) {
  const weekday = DAYS[(new Date(date).getUTCDay() + 6) % 7] ?? ''
  const isOwnDay = namesHoliday && holidays.includes(date)
  if (period.days !== undefined) {
    const fits = list(period.days).some((range) =>
      range === 'holiday' ? isOwnDay : !isOwnDay && isInCycle(DAYS, range, weekday),
    )
    if (!fits) return false
  }
  const month = MONTHS[Number(date.slice(5, 7)) - 1] ?? ''
  if (period.months !== undefined && !list(period.months).some((range) => isInCycle(MONTHS, range, month))) return false
  const dayOfYear = date.slice(5)
  if (period.from === undefined || period.to === undefined) return true
  return period.from <= period.to
    ? period.from <= dayOfYear && dayOfYear <= period.to
    : period.from <= dayOfYear || dayOfYear <= period.to
}

/** The date of the day that the minute is of, if the period has it. */
function fitOf(
  period: TruthPeriod,
  local: Local,
  calendar: { holidays: string[]; namesHoliday: boolean },
): string | undefined {
  const now = local.hour * 60 + local.minute
  const minutes = (text = '') => {
    const [hour, minute = '0'] = text.split(':')
    return Number(hour) * 60 + Number(minute)
  }
  for (const range of list(period.hours ?? '00-24')) {
    const [from = 0, until = 0] = range.split('-').map(minutes)
    if (from < until) {
      if (from <= now && now < until && dayFits(period, local.date, calendar)) return local.date
    } else {
      if (now >= from && dayFits(period, local.date, calendar)) return local.date
      const before = dateBefore(local.date)
      if (now < until && dayFits(period, before, calendar)) return before
    }
  }
  return undefined
}

const namesHoliday = (periods: TruthPeriod[]) =>
  periods.some(({ days }) => days !== undefined && list(days).includes('holiday'))

function lastFitting(periods: TruthPeriod[], local: Local, holidays: string[]) {
  const calendar = { holidays, namesHoliday: namesHoliday(periods) }
  for (const period of periods.toReversed()) {
    const day = fitOf(period, local, calendar)
    if (day !== undefined) return { period, day }
  }
  return undefined
}

function filePrice(rows: [number, number | null][], atMs: number): number | null {
  const next = rows.findIndex(([startMs]) => startMs > atMs)
  if (next === 0 || rows.length < 2) return null
  if (next > 0) return rows[next - 1]?.[1] ?? null
  const [last, before] = [rows.at(-1)!, rows.at(-2)!]
  return atMs < last[0] + (last[0] - before[0]) ? last[1] : null
}

export function truthBill(tariff: TruthTariff, from: string, to: string, options: TruthOptions): TruthBill {
  const { zone, holidays, files = {}, fromMs, fromGrid, toGrid } = options
  const amounts = new Map<string, number>()
  const kwhs = new Map<string, number>()
  const add = (key: string, amount: number, kwh = 0) => {
    amounts.set(key, (amounts.get(key) ?? 0) + amount)
    kwhs.set(key, (kwhs.get(key) ?? 0) + kwh)
  }
  const sums = { importKwh: 0, exportKwh: 0, missingMinutes: 0, unpricedKwh: 0, unpricedExportKwh: 0 }
  const days = (Date.parse(to) - Date.parse(from)) / 86_400_000
  const counters = new Map<string, number>()
  const netted = new Map<string, { name: string; price: number; in: number; out: number; earned: number }>()
  const measured = new Map<number, number>()

  /** Of one tier after the other: how much of some kWh falls into each, after what was counted before. */
  const split = (limits: number[], before: number, kwh: number) =>
    limits.map((limit, index) => {
      const start = index === 0 ? 0 : limits[index - 1]!
      return Math.max(0, Math.min(before + kwh, limit) - Math.max(before, start))
    })

  const price = (side: 'import' | 'export', kwh: number, atMs: number, local: Local): number | null => {
    const prices = tariff[side] ?? []
    const sign = side === 'import' ? 1 : -1
    if (!Array.isArray(prices)) {
      const one = filePrice(files[prices.file] ?? [], atMs)
      if (one === null) return null
      add(`${side}`, sign * kwh * one, kwh)
      return one
    }
    const found = lastFitting(prices, local, holidays)
    if (!found) return 0
    const { period, day } = found
    const name = period.name ?? ''
    const each = period.tiers?.find((tier) => tier.each)?.each ?? 'bill'
    const [ofBill, ofDay] = [`${side} ${name}`, `${side} ${name} ${day}`]
    const before = counters.get(each === 'day' ? ofDay : ofBill) ?? 0
    for (const key of [ofBill, ofDay]) counters.set(key, (counters.get(key) ?? 0) + kwh)
    if (!period.tiers) {
      add(`${side} ${name} ${period.price}`, sign * kwh * period.price!, kwh)
      return period.price!
    }
    const parts = split(
      period.tiers.map(({ upTo = Infinity }) => upTo),
      before,
      kwh,
    )
    period.tiers.forEach((tier, index) =>
      add(`${side} ${name} ${tier.price}`, sign * parts[index]! * tier.price, parts[index]),
    )
    return NaN
  }

  for (let index = 0; index < fromGrid.length; index++) {
    const atMs = fromMs + index * 60_000
    const local = localOf(zone, atMs)
    if (local.date < from || local.date >= to) continue
    const watts = fromGrid[index]!
    if (Number.isNaN(watts)) {
      sums.missingMinutes++
      continue
    }
    measured.set(atMs, watts)
    const [kwh, back] = [watts / 60 / 1000, toGrid[index]! / 60 / 1000]
    const limits = (tariff.tiers ?? []).map(
      ({ upTo, upToPerDay }) => upTo ?? (upToPerDay === undefined ? Infinity : upToPerDay * days),
    )
    split(limits, sums.importKwh, kwh).forEach((part, tier) =>
      add(`tier ${tier}`, part * tariff.tiers![tier]!.add, part),
    )
    sums.importKwh += kwh
    sums.exportKwh += back
    if (tariff.netting === 'bill') {
      const { period } = lastFitting(tariff.import as TruthPeriod[], local, holidays)!
      const key = `${period.name ?? ''} ${period.price}`
      const one = netted.get(key) ?? { name: period.name ?? '', price: period.price!, in: 0, out: 0, earned: 0 }
      one.in += kwh
      one.out += back
      one.earned += back * (lastFitting((tariff.export ?? []) as TruthPeriod[], local, holidays)?.period.price ?? 0)
      netted.set(key, one)
      continue
    }
    if (price('import', kwh, atMs, local) === null) sums.unpricedKwh += kwh
    if (price('export', back, atMs, local) === null) sums.unpricedExportKwh += back
  }

  for (const { name, price: own, in: taken, out, earned } of netted.values()) {
    if (taken > out) add(`import ${name} ${own}`, (taken - out) * own)
    if (out > taken) add(`export ${name}`, -(out - taken) * (earned / out))
  }

  for (const demand of tariff.demand ?? []) {
    const length = Number(demand.window.replace('m', ''))
    const highest = new Map<string, number>()
    for (const startMs of measured.keys()) {
      if (localOf(zone, startMs).minute % length !== 0) continue
      const minutes = Array.from({ length }, (_, minute) => startMs + minute * 60_000)
      const isAligned = minutes.every((atMs, place) => localOf(zone, atMs).minute % length === place)
      const fits = minutes.map((atMs) =>
        fitOf(demand, localOf(zone, atMs), { holidays, namesHoliday: namesHoliday([demand]) }),
      )
      const watts = minutes.map((atMs) => measured.get(atMs) ?? NaN)
      const mean = watts.reduce((sum, one) => sum + one, 0) / length
      if (!isAligned || fits.includes(undefined) || Number.isNaN(mean)) continue
      const key = demand.basis === 'day' ? fits[0]! : ''
      highest.set(key, Math.max(highest.get(key) ?? 0, mean))
    }
    const kw = [...highest.values()].reduce((sum, one) => sum + one, 0) / 1000
    add(`demand ${demand.name ?? ''}`, kw * demand.pricePerKw)
  }
  if (tariff.fixed?.perDay !== undefined) add('fixed days', tariff.fixed.perDay * days)
  if (tariff.fixed?.perBill !== undefined) add('fixed bill', tariff.fixed.perBill)
  const kinds: Record<string, number> = {}
  for (const [key, amount] of amounts) {
    const kind = key.split(' ')[0]!
    kinds[kind] = (kinds[kind] ?? 0) + amount
  }
  const subtotal = Object.values(kinds).reduce((sum, one) => sum + one, 0)
  if (tariff.minimum !== undefined && subtotal < tariff.minimum) kinds['minimum'] = tariff.minimum - subtotal
  if (tariff.tax !== undefined) {
    const base = Object.entries(kinds).reduce((sum, [kind, amount]) => sum + (kind === 'export' ? 0 : amount), 0)
    kinds['tax'] = (base * Number(tariff.tax.replace('%', ''))) / 100
  }
  const total = Object.values(kinds).reduce((sum, one) => sum + one, 0)
  return { ...sums, amounts, kinds, total }
}
