import type { CardConfig } from '../card/card-config.ts'
import { parseTime } from './parse-time.ts'
import { parseColumns, type QueryColumn } from './query-columns.ts'
import { type Firmware, QueryError } from './firmware.ts'

const GROUP_UNITS = ['s', 'm', 'h', 'd', 'w', 'M', 'y'] as const

/** What one row of an answer covers. */
export interface RowGroup {
  readonly unit: (typeof GROUP_UNITS)[number]
  readonly count: number
}

/** A select query as the device understood it; times in Unix seconds. */
export interface SelectQuery {
  readonly columns: readonly QueryColumn[]
  readonly beginS: number
  readonly endS: number
  readonly group: RowGroup
  readonly format: 'json' | 'csv'
  readonly header: boolean
  /** `blank`: any word that the device does not know; it then prints nothing at all. */
  readonly missing: 'null' | 'skip' | 'zero' | 'blank'
  /** Infinity: without a limit. */
  readonly limit: number
}

const DEFAULT_LIMIT = 1000
const LOG_INTERVAL_S = 5

/** Checks in the firmware's order, since only the first mistake is told; throws `QueryError`. */
export function parseQuery(
  values: ReadonlyMap<string, string>,
  { config, nowS, firmware }: { config: CardConfig; nowS: number; firmware: Firmware },
): SelectQuery {
  const begin = values.get('begin')
  const end = values.get('end')
  const group = values.get('group')
  if (begin === undefined || end === undefined || group === undefined)
    throw new QueryError('Missing begin, end or group.')

  const context = { nowS, zone: config.zone, takesSpaceForPlus: firmware.takesSpaceForPlus }
  const beginS = (Math.ceil(parseTime(begin, context) / LOG_INTERVAL_S) * LOG_INTERVAL_S) >>> 0
  const endS = Math.floor(parseTime(end, context) / LOG_INTERVAL_S) * LOG_INTERVAL_S
  if (beginS === 0 || endS === 0 || endS < beginS) throw new QueryError()

  const highResolution = parseResolution(values.get('resolution'))
  return {
    beginS,
    endS,
    group: parseGroup(group, { spanS: endS - beginS, highResolution }),
    missing: parseMissing(values.get('missing')),
    header: values.get('header')?.toLowerCase() === 'yes',
    format: parseFormat(values.get('format')),
    limit: firmware.hasLimit ? parseLimit(values.get('limit')) : Infinity,
    columns: parseColumns(values.get('select') ?? '', { config, firmware }),
  }
}

function parseResolution(text: string | undefined): boolean {
  const resolution = text?.toLowerCase() ?? 'low'
  if (resolution !== 'low' && resolution !== 'high') throw new QueryError('Invalid resolution')
  return resolution === 'high'
}

const AUTO_INTERVALS_S = [5, 10, 15, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400, 21_600, 28_800]
const MOST_COUNT = 2 ** 31 - 1
const ROWS_LOW = 400
const ROWS_HIGH = 800

function parseGroup(text: string, { spanS, highResolution }: { spanS: number; highResolution: boolean }): RowGroup {
  if (text === 'all') return { unit: 's', count: spanS }
  if (text === 'auto') {
    const wishedS = Math.floor(spanS / (highResolution ? ROWS_HIGH : ROWS_LOW))
    return { unit: 's', count: AUTO_INTERVALS_S.find((intervalS) => wishedS <= intervalS) ?? 86_400 }
  }
  const count = Math.min(Math.max(1, Number.parseInt(text, 10) || 0), MOST_COUNT)
  const unit = GROUP_UNITS.find((each) => text.endsWith(each))
  if (unit === undefined && count % 5 !== 0) throw new QueryError('Invalid group')
  return { unit: unit ?? 's', count }
}

function parseMissing(text: string | undefined): SelectQuery['missing'] {
  const missing = text?.toLowerCase() ?? 'null'
  return missing === 'null' || missing === 'skip' || missing === 'zero' ? missing : 'blank'
}

function parseFormat(text: string | undefined): SelectQuery['format'] {
  const format = text?.toLowerCase() ?? 'json'
  if (format !== 'json' && format !== 'csv') throw new QueryError('Invalid format')
  return format
}

function parseLimit(text: string | undefined): number {
  if (text === undefined) return DEFAULT_LIMIT
  if (text.toLowerCase() === 'none') return Infinity
  const limit = Number.parseInt(text, 10) || 0
  if (limit === 0) throw new QueryError('Invalid limit')
  return limit < 0 ? Infinity : limit
}
