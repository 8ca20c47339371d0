import { at, outOfRange } from '../model/at.ts'
import type { Labels, SeriesSamples } from '../model/series.ts'
import { formatUtc, localFormat } from './format-time.ts'

export const TEXT_FORMATS = ['csv', 'ndjson'] as const
export const EXPORT_FORMATS = [...TEXT_FORMATS, 'parquet'] as const
export type ExportFormatName = (typeof EXPORT_FORMATS)[number]
type TextFormat = (typeof TEXT_FORMATS)[number]

export interface ExportLayout {
  readonly format: TextFormat
  /** With it, each row says the local time too. */
  readonly timezone?: string | undefined
  /** One row per time and one column per series; else one row per sample. */
  readonly wide: boolean
}

/** How samples become text; each text ends with the end of a line, or is empty. */
export interface ExportFormat {
  readonly head: string
  rows(moment: Moment): string
}

export function exportFormat(series: readonly Labels[], { format, timezone, wide }: ExportLayout): ExportFormat {
  const toLocal = timezone === undefined ? undefined : localFormat(timezone)
  const times = (atMs: number) => [formatUtc(atMs), ...(toLocal ? [toLocal(atMs)] : [])]
  const timeColumns = ['time', ...(toLocal ? ['local_time'] : [])]
  if (wide)
    return {
      head: csvLine([...timeColumns, ...columnNames(series)]),
      rows: ({ atMs, values }) => csvLine([...times(atMs), ...values.map((value) => `${value ?? ''}`)]),
    }
  const columns = ['device', 'location', 'metric']
  const identities = series.map((labels) => ['device', 'location', '__name__'].map((name) => labels[name] ?? ''))
  if (format === 'csv') {
    const middles = identities.map((identity) => `,${identity.map(csvCell).join(',')},`)
    return {
      head: csvLine([...timeColumns, ...columns, 'value']),
      rows: ({ atMs, values }) => joinRows(values, { start: times(atMs).join(','), middles, end: '\n' }),
    }
  }
  const middles = identities.map((identity) => `${jsonPairs(columns, identity)},"value":`)
  return {
    head: '',
    rows: ({ atMs, values }) =>
      joinRows(values, { start: `{${jsonPairs(timeColumns, times(atMs))},`, middles, end: '}\n', show: jsonNumber }),
  }
}

interface RowParts {
  readonly start: string
  /** For each series. */
  readonly middles: readonly string[]
  readonly end: string
  readonly show?: (value: number) => string
}

/** What is the same in many rows is not made again for each: there are hundreds of millions. */
function joinRows(values: Moment['values'], { start, middles, end, show = String }: RowParts): string {
  let text = ''
  for (const [index, value] of values.entries())
    if (value !== undefined) text += `${start}${middles[index] ?? outOfRange(middles, index)}${show(value)}${end}`
  return text
}

function jsonPairs(names: readonly string[], texts: readonly string[]): string {
  return names.map((name, index) => `"${name}":${JSON.stringify(at(texts, index))}`).join(',')
}

/** What is alike in all that a title says is told apart by the rest. */
function columnNames(series: readonly Labels[]): string[] {
  const metrics = new Set(series.map((labels) => labels['__name__']))
  const titles = series.map(({ device = '', location = '', __name__: metric = '' }) =>
    metrics.size > 1 ? `${device} ${location} ${metric}` : `${device} ${location}`,
  )
  const withRest = titles.map((title, index) => {
    const { device: _, location: __, __name__: ___, ...rest } = at(series, index)
    return isUnique(titles, title) ? title : `${title} ${JSON.stringify(rest)}`
  })
  return withRest.map((title, index) => (isUnique(withRest, title) ? title : JSON.stringify(at(series, index))))
}

function isUnique(titles: readonly string[], title: string): boolean {
  return titles.indexOf(title) === titles.lastIndexOf(title)
}

export function csvLine(cells: readonly string[]): string {
  return `${cells.map(csvCell).join(',')}\n`
}

function csvCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** JSON knows no infinite number. */
function jsonNumber(value: number): string {
  return Number.isFinite(value) ? `${value}` : `"${value}"`
}

/** What some series have at one time: a value each, in their order. */
interface Moment {
  readonly atMs: number
  readonly values: readonly (number | undefined)[]
}

/** The samples of all series by time; of two that one has at the same time, each gets a moment. */
export function* mergeSeries(series: readonly SeriesSamples[]): Generator<Moment> {
  const cursors = series.map(({ timestampsMs, values }) => ({ timestampsMs, values, next: 0 }))
  for (;;) {
    let atMs = Infinity
    for (const cursor of cursors) atMs = Math.min(atMs, timeOf(cursor))
    if (atMs === Infinity) return
    yield { atMs, values: cursors.map((cursor) => (timeOf(cursor) === atMs ? take(cursor) : undefined)) }
  }
}

/** Where in a series the next moment is looked for. */
interface Cursor extends Pick<SeriesSamples, 'timestampsMs' | 'values'> {
  next: number
}

function timeOf({ timestampsMs, next }: Cursor): number {
  return timestampsMs[next] ?? Infinity
}

function take(cursor: Cursor): number {
  const place = cursor.next++
  return cursor.values[place] ?? outOfRange(cursor.values, place)
}
