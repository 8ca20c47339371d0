import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Labels } from '../model/series.ts'
import { exportFormat } from './export-format.ts'
import { localFormat } from './format-time.ts'

const texts = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('"', ',', '\n', '\r', ' ', 'a', '=') }),
  fc.constantFrom('a', 'b', 'a b', 'b a'),
)
const series = fc.uniqueArray(fc.record({ __name__: texts, device: texts, location: texts, type: texts }), {
  selector: (labels) => JSON.stringify(labels),
  minLength: 1,
  maxLength: 4,
})
const values = fc.array(fc.option(fc.double({ noNaN: true }), { nil: undefined }), { minLength: 4, maxLength: 4 })
const moments = fc.record({ atMs: fc.integer({ min: 0, max: 4e12 }).map(Number), values })

/** RFC 4180. */
function readCsv(text: string): string[][] {
  const cells = [...text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\n)/g)]
  expect(cells.map(([cell]) => cell).join('')).toBe(text)
  const rows: string[][] = [[]]
  for (const [, quoted, plain, end] of cells) {
    rows.at(-1)!.push(quoted?.replaceAll('""', '"') ?? plain!)
    if (end === '\n') rows.push([])
  }
  return rows.slice(0, -1)
}

/** A row for each value that is there. */
function rowsOf(
  all: readonly Labels[],
  { atMs, values: list }: { atMs: number; values: readonly (number | undefined)[] },
) {
  return all.flatMap(({ device, location, __name__ }, index) => {
    const value = list[index]
    return value === undefined ? [] : [[atMs, device, location, __name__, value + 0]]
  })
}

it('CSV says what was to be written, whatever is in it', () => {
  fc.assert(
    fc.property(series, moments, (all, moment) => {
      const shown = { ...moment, values: moment.values.slice(0, all.length) }
      const { head, rows } = exportFormat(all, { format: 'csv', wide: false })
      const [, ...read] = readCsv(head + rows(shown))
      expect(read.map(([time, ...rest]) => [Date.parse(time!), ...rest.slice(0, 3), Number(rest[3]) + 0])).toEqual(
        rowsOf(all, shown),
      )
    }),
  )
})

it('NDJSON holds what was to be written, one line per sample', () => {
  fc.assert(
    fc.property(series, moments, (all, moment) => {
      const shown = { ...moment, values: moment.values.slice(0, all.length) }
      const lines = exportFormat(all, { format: 'ndjson', wide: false }).rows(shown).split('\n')
      expect(lines.pop()).toBe('')
      const read = lines.map((line) => JSON.parse(line))
      expect(
        read.map((row) => [Date.parse(row.time), row.device, row.location, row.metric, Number(row.value) + 0]),
      ).toEqual(rowsOf(all, shown))
    }),
  )
})

it('a wide row has one cell per series, under a title of its own', () => {
  fc.assert(
    fc.property(series, moments, (all, moment) => {
      const shown = { ...moment, values: moment.values.slice(0, all.length) }
      const { head, rows } = exportFormat(all, { format: 'csv', wide: true })
      const [titles = [], cells = []] = readCsv(head + rows(shown))
      expect(new Set(titles.slice(1)).size).toBe(all.length)
      expect(cells.slice(1)).toEqual(shown.values.map((value) => (value === undefined ? '' : `${value}`)))
    }),
  )
})

it('local time is the same time, in every zone of this century', () => {
  const zones = fc.constantFrom(...Intl.supportedValuesOf('timeZone'))
  const times = fc.integer({ min: Date.UTC(2000, 0, 1), max: Date.UTC(2099, 0, 1) }).map(Number)
  fc.assert(
    fc.property(zones, fc.array(times, { minLength: 1, maxLength: 5 }), (zone, list) => {
      const toLocal = localFormat(zone)
      for (const timeMs of list) {
        expect(Date.parse(toLocal(timeMs))).toBe(timeMs)
        expect(Date.parse(toLocal(timeMs + 60_000))).toBe(timeMs + 60_000)
      }
    }),
  )
})
