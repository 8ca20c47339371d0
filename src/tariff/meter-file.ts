import { DAY_MS, MINUTE_MS, type TimeWindow } from '../model/time-window.ts'
import type { TimeZone } from '../model/time-zone.ts'
import { type Flow, flowOfRow, type MeterColumns, readHeader, type Stamps } from './meter-columns.ts'
import { type DateOrder, dateOrderOf, localMsOf, readStamp, type Stamp } from './meter-times.ts'
import { nextInstant, type PriceFileProblem } from './price-file.ts'

/** What a meter has counted, interval by interval. */
export interface MeterFile extends TimeWindow {
  readonly minutes: number
  readonly stamps: Stamps
  /** How it was read: the titles of the columns. */
  readonly titles: { readonly time: string; readonly energy: string }
  /** kWh by the beginning of an interval, in order. */
  readonly flows: ReadonlyMap<Flow, ReadonlyMap<number, number>>
  /** Rows with a time that clocks of the house jump over. */
  readonly skippedRows: number
}

interface Options {
  readonly zone: TimeZone
  /** Which end of its interval a time is; left out: as the titles say, else the beginning. */
  readonly stamps?: Stamps | undefined
}

interface Row {
  readonly line: number
  readonly stamp: Stamp
  readonly text: string
  readonly columns: MeterColumns
  readonly cells: readonly string[]
}

type Problem = PriceFileProblem

const LENGTHS = [15, 30, 60]
const DELIMITERS = [';', '\t', ',', '|']
/** Titles stand within them. */
const MAX_HEAD_LINES = 200
const MAX_LINE_CHARACTERS = 64 * 1024
/** Ten years of quarters of an hour, import and export. */
const MAX_LINES = 750_000
const MAX_DAYS = 20 * 366
const HEADER =
  'a CSV file with a row of titles, of which one names a time (Start, Date, Zeit) and one an energy (kWh, Usage, Verbrauch)'
const TIME = 'a date and time such as 2026-03-08 00:15, 08.03.2026 00:15 or 3/8/2026 12:15 AM'
const ENERGY = 'kWh, such as 0.25'

/** The file of a meter or utility: titles somewhere, then rows with a time and kWh per 15, 30 or 60 minutes. */
export function readMeterFile(bytes: Uint8Array, { zone, stamps }: Options): MeterFile | Problem {
  const text = decode(bytes)
  const other = otherFormat(text)
  if (other !== undefined) return { line: 1, message: `found ${other}; expected ${HEADER}` }
  const rows = readRows(text)
  if ('line' in rows) return rows
  const [first] = rows
  if (!first) return { line: 1, message: `found no such titles with rows below them; expected ${HEADER}` }
  const side = stamps ?? (first.columns.stamps === 'end' ? 'end' : 'start')
  const order = dateOrderOf(
    rows.map((row) => row.stamp),
    zone.name,
  )
  const timed = placeInTime(rows, { zone, side, order })
  if ('line' in timed) return timed
  return readEnergies(timed.rows, { side, skippedRows: timed.skippedRows })
}

function decode(bytes: Uint8Array): string {
  const isWide = bytes[0] === 0xff && bytes[1] === 0xfe
  try {
    return new TextDecoder(isWide ? 'utf-16le' : 'utf-8', { fatal: true }).decode(bytes)
  } catch {
    return new TextDecoder('windows-1252').decode(bytes)
  }
}

function otherFormat(text: string): string | undefined {
  if (/^"?100"?,"?NEM1[23]/i.test(text)) return 'a NEM12 file, a format of Australian meters'
  if (/^\s*</.test(text)) return 'XML'
  return text.startsWith('PK') ? 'a workbook or an archive' : undefined
}

function readRows(text: string): Row[] | Problem {
  const lines = text.split(/\r\n?|\n/)
  const tooLong = lines.findIndex(({ length }) => length > MAX_LINE_CHARACTERS)
  if (tooLong >= 0)
    return { line: tooLong + 1, message: `found more than ${MAX_LINE_CHARACTERS} characters; expected a shorter line` }
  if (lines.length > MAX_LINES)
    return { line: MAX_LINES + 1, message: `found more than ${MAX_LINES} lines; expected fewer` }
  const head = lines.slice(0, MAX_HEAD_LINES)
  const delimiter = DELIMITERS.find((sign) => head.some((line) => readHeader(splitCells(line, sign) ?? [])))
  return delimiter === undefined ? [] : stampRows(lines, delimiter)
}

/** Rows under titles; a file may have several such parts. Remarks and sums between them are passed over. */
function stampRows(lines: readonly string[], delimiter: string): Row[] | Problem {
  const rows: Row[] = []
  let columns: MeterColumns | undefined
  for (const [index, text] of lines.entries()) {
    const line = index + 1
    const cells = splitCells(text, delimiter)
    if (!cells) return { line, message: `found a quote that is not closed; expected ${HEADER}` }
    if (cells.filter((cell) => cell !== '').length < 2) continue
    // Rows with numbers are most rows.
    const header = cells.some((cell) => NUMBER.test(cell)) ? undefined : readHeader(cells)
    columns = header ?? columns
    if (header || !columns || SUM.test(cells[0] ?? '')) continue
    const own = columns.stamp.map((place) => cells[place] ?? '').join(' ')
    const date = columns.date === undefined ? '' : (cells[columns.date] ?? '')
    const stamp = readStamp(own) ?? readStamp(`${date} ${own}`)
    if (!stamp) return { line, message: `found ${quote(own)}; expected ${TIME}` }
    rows.push({ line, stamp, text: own, columns, cells })
  }
  return rows
}

/** Without the quotes around them; undefined where one is not closed. */
function splitCells(line: string, delimiter: string): string[] | undefined {
  if (!line.includes('"')) return line.split(delimiter).map((cell) => cell.trim())
  const cells: string[] = []
  for (let from = 0; from >= 0;) {
    const [quoted, inner] = /^\s*"((?:[^"]|"")*)"/.exec(line.slice(from)) ?? ['']
    if (inner === undefined && /^\s*"/.test(line.slice(from))) return undefined
    const next = line.indexOf(delimiter, from + quoted.length)
    const cell = inner?.replaceAll('""', '"') ?? line.slice(from, next < 0 ? undefined : next)
    cells.push(cell.trim())
    from = next < 0 ? -1 : next + delimiter.length
  }
  return cells
}

function quote(text: string): string {
  return JSON.stringify(text.slice(0, 60))
}

const SUM = /^(total|sum|gesamt)/i
const NUMBER = /^-?[\d.,]+$/

interface TimedRow extends Row {
  /** Of its time, whichever end of the interval that is. */
  readonly atMs: number
}

/** In the order of rows: of an hour that clocks show twice, the second where the first is taken. */
function placeInTime(
  rows: readonly Row[],
  { zone, side, order }: { readonly zone: TimeZone; readonly side: Stamps; readonly order: DateOrder },
): { readonly rows: TimedRow[]; readonly skippedRows: number } | Problem {
  const timed: TimedRow[] = []
  const newest = new Map<string, number>()
  let skippedRows = 0
  const localOf = (row: Row | undefined) => (row ? (localMsOf(row.stamp, order) ?? NaN) : NaN)
  const ordered = localOf(rows[0]) > localOf(rows.at(-1)) ? rows.toReversed() : rows
  for (const row of ordered) {
    const { line, stamp, text } = row
    const found = quote(text)
    const shownMs = localMsOf(stamp, order)
    if (shownMs === undefined) return { line, message: `found ${found}, a date that does not exist; expected ${TIME}` }
    // 00:14 is the last minute of an interval that ends at 00:15.
    const localMs = side === 'end' && (shownMs / MINUTE_MS) % 15 === 14 ? shownMs + MINUTE_MS : shownMs
    const key = `${row.columns.stampTitle} ${directionOf(row)}`
    const lastMs = newest.get(key) ?? -Infinity
    const placed = stamp.offsetMs === undefined ? nextInstant(zone, localMs, lastMs) : localMs - stamp.offsetMs
    const jumpMs = zone.instantMs(localMs)
    // An interval may end where clocks jump.
    const atMs = placed === 'skipped' && side === 'end' && zone.localMs(jumpMs - 1) + 1 === localMs ? jumpMs : placed
    if (atMs === 'skipped') {
      skippedRows++
      continue
    }
    if (atMs % (15 * MINUTE_MS) !== 0)
      return { line, message: `found ${found}; expected intervals that begin at quarters of an hour` }
    newest.set(key, atMs)
    timed.push({ ...row, atMs })
  }
  return { rows: timed, skippedRows }
}

function directionOf({ columns, cells }: Row): string {
  return columns.direction === undefined ? '' : (cells[columns.direction] ?? '')
}

function readEnergies(
  rows: readonly TimedRow[],
  { side, skippedRows }: { readonly side: Stamps; readonly skippedRows: number },
): MeterFile | Problem {
  const minutes = intervalOf(rows)
  const line = rows[0]?.line ?? 1
  if (minutes === undefined || !LENGTHS.includes(minutes)) {
    const found = minutes === undefined ? 'fewer than two times' : `a row every ${minutes} minutes`
    return { line, message: `found ${found}; expected intervals of 15, 30 or 60 minutes` }
  }
  const numbers = rows.flatMap(({ columns, cells }) => columns.energy.map(({ place }) => cells[place] ?? ''))
  const hasComma = isDecimalComma(numbers)
  const flows = new Map<Flow, Map<number, number>>()
  const lines = new Map<string, number>()
  for (const { line: own, columns, cells, atMs, ...row } of rows) {
    const startMs = side === 'end' ? atMs - minutes * MINUTE_MS : atMs
    const ofRow = columns.direction === undefined ? undefined : flowOfRow(cells[columns.direction] ?? '')
    for (const { place, flow, factor, isPower } of columns.energy) {
      const cell = cells[place] ?? ''
      if (cell === '') continue
      const value = readNumber(cell, hasComma)
      if (value === undefined) return { line: own, message: `found ${quote(cell)}; expected ${ENERGY}` }
      const direction = ofRow === 'export' ? 'export' : flow
      const key = `${direction} ${place} ${startMs}`
      const before = lines.get(key)
      if (before !== undefined)
        return { line: own, message: `found ${quote(row.text)} as in line ${before}; expected each time once` }
      lines.set(key, own)
      const energies = flows.get(direction) ?? new Map<number, number>()
      flows.set(direction, energies)
      energies.set(startMs, (energies.get(startMs) ?? 0) + value * factor * (isPower ? minutes / 60 : 1))
    }
  }
  const columns = rows[0]?.columns
  const titles = { time: columns?.stampTitle ?? '', energy: columns?.energy.map(({ title }) => title).join(', ') ?? '' }
  let [fromMs, untilMs] = [Infinity, -Infinity]
  for (const readings of flows.values())
    for (const startMs of readings.keys()) {
      fromMs = Math.min(fromMs, startMs)
      untilMs = Math.max(untilMs, startMs + minutes * MINUTE_MS)
    }
  if (flows.size === 0) return { line, message: `found no energy in the column ${titles.energy}; expected ${ENERGY}` }
  if (untilMs - fromMs > MAX_DAYS * DAY_MS)
    return { line, message: 'found times more than 20 years apart; expected those of one house' }
  return { fromMs, untilMs, minutes, stamps: side, titles, flows: netted(flows), skippedRows }
}

/** The step that is found most often. */
function intervalOf(rows: readonly TimedRow[]): number | undefined {
  const counts = new Map<number, number>()
  for (const [index, { atMs }] of rows.entries()) {
    const step = atMs - (rows[index - 1]?.atMs ?? atMs)
    if (step > 0) counts.set(step, (counts.get(step) ?? 0) + 1)
  }
  const [most] = [...counts].toSorted((a, b) => b[1] - a[1])
  return most && most[0] / MINUTE_MS
}

/** Whether commas are those of decimals: of 1,234 alone, they are not. */
function isDecimalComma(cells: readonly string[]): boolean {
  if (cells.some((cell) => /\..*,/.test(cell))) return true
  if (cells.some((cell) => cell.includes('.'))) return false
  return cells.some((cell) => cell.includes(',') && !/^[1-9]\d{0,2}(,\d{3})+$/.test(cell))
}

function readNumber(cell: string, hasComma: boolean): number | undefined {
  const plain = hasComma ? cell.replaceAll('.', '').replace(',', '.') : cell.replaceAll(',', '')
  const [, number] =
    /^([+-]?(?:\d+\.?\d*|\.\d+)(?:e-?\d+)?)\s*(?:kwh|wh|kw)?$/i.exec(plain.replace(/[\s'’]/g, '')) ?? []
  return number === undefined ? undefined : Number(number)
}

/** A meter that counts one way alone has no negative energy: what is called import there is what is left of both. */
function netted(flows: Map<Flow, Map<number, number>>): ReadonlyMap<Flow, ReadonlyMap<number, number>> {
  const imported = flows.get('import')
  const isNet = flows.size === 1 && imported !== undefined && [...imported.values()].some((kwh) => kwh < 0)
  return isNet ? new Map([['net', imported]]) : flows
}
