import type { TimeZone } from '../model/time-zone.ts'

/** Prices that change: each from its start until the next; NaN where none is known. */
export interface PriceSeries {
  readonly startsMs: readonly number[]
  readonly prices: readonly number[]
  /** Until when the last one holds. */
  readonly untilMs: number
}

/** What is wrong in which line. */
export interface PriceFileProblem {
  readonly line: number
  readonly message: string
}

const HEADER = 'a header time,price'
const ROW = 'a row such as 2026-03-08T00:30,0.21 (the price may be empty)'
const ROW_SHAPE = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d(?:\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/i

/** The text of a file with a header and rows `time,price`; times without a zone are those of the house. */
export function readPriceFile(text: string, zone: TimeZone): PriceSeries | PriceFileProblem {
  const lines = text.replace(/^\ufeff/, '').split(/\r?\n/)
  if ((lines[0] ?? '').replace(/[" ]/g, '').toLowerCase() !== 'time,price')
    return { line: 1, message: `found ${quote(lines[0] ?? '')}; expected ${HEADER}` }
  const startsMs: number[] = []
  const prices: number[] = []
  for (const [index, row] of lines.entries()) {
    if (index === 0 || row.trim() === '') continue
    const line = index + 1
    const [time = '', price, ...others] = row.split(',').map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'))
    const amount = price === '' ? NaN : Number(price)
    if (price === undefined || others.length > 0 || (price !== '' && !Number.isFinite(amount)))
      return { line, message: `found ${quote(row)}; expected ${ROW}` }
    const lastMs = startsMs.at(-1) ?? -Infinity
    const startMs = instantOf(time, zone, lastMs)
    if (startMs === undefined) return { line, message: `found ${quote(time)}; expected ${ROW}` }
    // The clock jumps over it.
    if (startMs === 'skipped') continue
    if (startMs <= lastMs)
      return { line, message: `found ${quote(time)} after a time that is not before it; expected times in order` }
    startsMs.push(startMs)
    prices.push(amount)
  }
  const [lastMs, beforeMs] = [startsMs.at(-1), startsMs.at(-2)]
  if (lastMs === undefined || beforeMs === undefined)
    return {
      line: lines.length,
      message: 'found fewer than two prices; expected two, as the last one holds as long as the step before it',
    }
  return { startsMs, prices, untilMs: lastMs + (lastMs - beforeMs) }
}

function instantOf(text: string, zone: TimeZone, lastMs: number): number | 'skipped' | undefined {
  const [, date, minute = '00:00', second = ':00', offset] = ROW_SHAPE.exec(text) ?? []
  if (date === undefined) return undefined
  const localMs = Date.parse(`${date}T${minute}${second}Z`)
  // 30 Feb would become 2 Mar.
  if (Number.isNaN(localMs) || new Date(localMs).toISOString().slice(0, 16) !== `${date}T${minute}`) return undefined
  if (offset !== undefined) {
    const instantMs = Date.parse(`${date}T${minute}${second}${offset.replace(/(\d\d)(\d\d)$/, '$1:$2').toUpperCase()}`)
    return Number.isNaN(instantMs) ? undefined : instantMs
  }
  return nextInstant(zone, localMs, lastMs)
}

/** When clocks show a time that follows another: of an hour that they show twice, the second where the first is not after it. */
export function nextInstant(zone: TimeZone, localMs: number, lastMs: number): number | 'skipped' {
  const firstMs = zone.instantMs(localMs)
  if (zone.localMs(firstMs) !== localMs) return 'skipped'
  if (firstMs > lastMs) return firstMs
  const secondMs = localMs - zone.offsetMs(firstMs + 2 * 3_600_000)
  return zone.localMs(secondMs) === localMs ? Math.max(firstMs, secondMs) : firstMs
}

function quote(text: string): string {
  return JSON.stringify(text.slice(0, 60))
}
