import type { CardConfig } from '../card/card-config.ts'
import { encodeDeviceText } from '../card/device-text.ts'
import { formatNumber } from '../card/format-number.ts'
import { localToUtc, type TimeZone, utcToLocal } from '../card/local-time.ts'
import { compileMeasure, type RecordSpan, voltageReferences } from '../card/measure.ts'
import { type DeviceLogs, readLogs } from '../card/open-card.ts'
import { type Firmware, FirmwareCrash } from './firmware.ts'
import type { RowGroup, SelectQuery } from './parse-query.ts'
import { toSeconds } from './parse-time.ts'
import type { QueryColumn } from './query-columns.ts'

/** A number, or null, that is printed in the place of what was measured; undefined leaves it. */
export type SpoilCell = (cell: {
  readonly channel: string
  readonly atS: number
  readonly untilS: number
}) => number | null | undefined

export interface QueryContext {
  readonly logs: DeviceLogs
  readonly config: CardConfig
  readonly firmware: Firmware
  readonly spoilCell?: SpoilCell | undefined
}

/** The body of the answer to a select query, byte for byte. */
export function runQuery(query: SelectQuery, context: QueryContext): string {
  if (query.columns.length === 0) throw new FirmwareCrash('no column')
  return cutAfter(printHeader(query) + printRows(query, context), context.firmware.mostQueryBytes)
}

function cutAfter(body: string, mostBytes: number): string {
  return body.length <= mostBytes ? body : encodeDeviceText(body).toString('utf8', 0, mostBytes)
}

function printHeader({ header, format, columns, beginS, endS }: SelectQuery): string {
  const open = format === 'json' ? '[' : ''
  if (!header) return open
  const labels = columns.map(printLabel)
  if (format === 'csv') return `${labels.join(', ')}\r\n`
  return `{"range":[${beginS | 0},${endS | 0}],"labels":[${labels.map((label) => `"${label}"`).join(',')}],\r\n"data":${open}`
}

function printLabel(column: QueryColumn): string {
  if (column.kind === 'series') return column.label
  return column.kind === 'time' ? 'Time' : ''
}

/** What the firmware does, with its faults: a row that gets nowhere ends the answer where it stands. */
function printRows(query: SelectQuery, context: QueryContext): string {
  const { logs, config } = context
  const print = rowPrinter(query, context)
  const timeOnly = query.columns.length === 1 && query.columns[0]?.kind === 'time'
  const separator = query.format === 'json' ? ',' : '\r\n'
  const rows: string[] = []
  let until = readLogs(logs, query.beginS)
  if (timeOnly && query.missing === 'skip' && until.logHours === 0 && until.keyS < query.endS)
    throw new FirmwareCrash('an endless row')
  while (until.keyS < query.endS) {
    if (rows.length >= query.limit) return rows.join(separator) + printLimit(query, until.keyS)
    const from = until
    const nextS = Math.min(query.endS, nextGroup(from.keyS, query.group, config.zone))
    until = timeOnly ? { ...from, keyS: nextS } : readLogs(logs, nextS)
    const span = { from, until }
    if (timeOnly || query.missing !== 'skip' || !isMissing(span)) rows.push(print(span))
    if (until.keyS <= from.keyS) return rows.join(separator)
  }
  return rows.join(separator) + printEnd(query)
}

/**
 * Where the row that starts at a time ends; seconds count on, all others end on the clock or the calendar. The firmware
 * adds in 32 bits, of which its clock takes the first for a sign.
 */
function nextGroup(timeS: number, group: RowGroup, zone: TimeZone): number {
  if (group.unit === 's') return (timeS + group.count) >>> 0
  if (group.unit === 'm') return (timeS + 60 * group.count - ((timeS | 0) % 60)) >>> 0
  if (group.unit === 'h') return (timeS + 3600 * group.count - ((timeS | 0) % 3600)) >>> 0
  const local = new Date((utcToLocal(zone, timeS) | 0) * 1000)
  return localToUtc(zone, nextMidnight(local, group)) >>> 0
}

function nextMidnight(local: Date, { unit, count }: RowGroup): number {
  const date = { year: local.getUTCFullYear(), month: local.getUTCMonth(), day: local.getUTCDate() }
  if (unit === 'd') date.day = (date.day + count) | 0
  if (unit === 'w') date.day = (date.day + 7 * count - local.getUTCDay()) | 0
  if (unit === 'M' || unit === 'y') date.day = 1
  if (unit === 'M') date.month = (date.month + count) | 0
  if (unit === 'y') Object.assign(date, { month: 0, year: 1900 + ((date.year - 1900 + count) | 0) })
  return toSeconds({ ...date, hour: 0, minute: 0, second: 0 })
}

function printEnd({ format, header }: SelectQuery): string {
  if (format === 'csv') return ''
  return header ? ']}' : ']'
}

function printLimit({ format, header }: SelectQuery, nextS: number): string {
  if (format === 'csv') return `\r\nLimit exceeded at ${nextS | 0}`
  return header ? `],"limit":${nextS | 0}}` : ']'
}

function rowPrinter(query: SelectQuery, { config, firmware, spoilCell }: QueryContext): (span: RecordSpan) => string {
  const references = voltageReferences(config)
  const missing = { null: 'null', zero: '0', skip: '', blank: '' }[query.missing]
  const json = query.format === 'json'
  const separator = json ? ',' : ', '
  const printers = query.columns.map((column): ((span: RecordSpan) => string) => {
    if (column.kind === 'nothing') return (span) => (isMissing(span) ? missing : crashWithoutName())
    if (column.kind === 'time') return ({ from }) => printTime(from.keyS, { ...column, zone: config.zone, json })
    const value = compileMeasure(column.formula, { unit: column.unit, references })
    const format = (number: number) => formatNumber(number, column.decimals, firmware.longestNumber)
    const print = (span: RecordSpan) => (isMissing(span) ? missing : format(value(span)))
    if (spoilCell === undefined) return print
    return (span) => {
      const spoilt = spoilCell({ channel: column.label, atS: span.from.keyS, untilS: span.until.keyS })
      return spoilt === undefined ? print(span) : spoilt === null ? 'null' : format(spoilt)
    }
  })
  return (span) => {
    const cells = printers.map((print) => print(span)).join(separator)
    return json ? `[${cells}]` : cells
  }
}

function crashWithoutName(): never {
  throw new FirmwareCrash('a column without a name')
}

function isMissing({ from, until }: RecordSpan): boolean {
  return until.logHours === from.logHours
}

function printTime(
  utcS: number,
  { local, unix, zone, json }: { local: boolean; unix: boolean; zone: TimeZone; json: boolean },
): string {
  const timeS = (local ? utcToLocal(zone, utcS) : utcS) | 0
  if (unix) return String(timeS)
  const text = new Date(timeS * 1000).toISOString().slice(0, 19)
  return json ? `"${text}"` : text
}
