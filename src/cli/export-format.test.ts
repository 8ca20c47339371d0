import { expect, test } from 'vitest'
import { exportFormat, type ExportLayout } from './export-format.ts'
import { localFormat } from './format-time.ts'

const AT_MS = Date.UTC(2024, 4, 31, 12)
const dryer = { __name__: 'power', device: 'iwatt5', location: 'Dryer', type: 'Circuit' }
const kitchen = { __name__: 'power', device: 'iwatt6', location: 'Küche, "oben"' }
const moment = { atMs: AT_MS, values: [591.9, -0.04] }

function lines(changes: Partial<ExportLayout>, series = [dryer, kitchen], { atMs, values } = moment): string[] {
  const { head, rows } = exportFormat(series, { format: 'csv', wide: false, ...changes })
  return (head + rows({ atMs, values })).split('\n')
}

test('CSV has one row per sample, and what would break it is quoted', () => {
  expect(lines({})).toEqual([
    'time,device,location,metric,value',
    '2024-05-31T12:00:00Z,iwatt5,Dryer,power,591.9',
    '2024-05-31T12:00:00Z,iwatt6,"Küche, ""oben""",power,-0.04',
    '',
  ])
})

test('NDJSON has the same columns', () => {
  expect(lines({ format: 'ndjson', timezone: 'America/New_York' })).toEqual([
    '{"time":"2024-05-31T12:00:00Z","local_time":"2024-05-31T08:00:00-04:00","device":"iwatt5","location":"Dryer","metric":"power","value":591.9}',
    '{"time":"2024-05-31T12:00:00Z","local_time":"2024-05-31T08:00:00-04:00","device":"iwatt6","location":"Küche, \\"oben\\"","metric":"power","value":-0.04}',
    '',
  ])
})

test('what is missing in a series is no row, or an empty cell', () => {
  const gaps = { atMs: AT_MS + 1, values: [undefined, 1e-7] }
  const { rows } = exportFormat([dryer, kitchen], { format: 'csv', wide: false })
  expect(rows(gaps)).toBe('2024-05-31T12:00:00.001Z,iwatt6,"Küche, ""oben""",power,1e-7\n')
  expect(exportFormat([dryer, kitchen], { format: 'csv', wide: true }).rows(gaps)).toBe(
    '2024-05-31T12:00:00.001Z,,1e-7\n',
  )
})

test.each([
  ['device and location', [dryer, kitchen], 'time,iwatt5 Dryer,"iwatt6 Küche, ""oben"""'],
  ['the metric, where there are two', [dryer, { ...dryer, __name__: 'va' }], 'time,iwatt5 Dryer power,iwatt5 Dryer va'],
  ['the other labels, where the rest is alike', [dryer, { ...dryer, type: 'X' }], /Dryer {""type"":""X""}"$/],
  [
    'all its labels, where nothing less tells it apart',
    [
      { __name__: 'p', device: 'a', location: 'b c' },
      { __name__: 'p', device: 'a b', location: 'c' },
    ],
    /^time,"{""__name__"":""p"",""device"":""a"".*,"{""__name__"":""p"",""device"":""a b""/,
  ],
])('a wide row names each series by %s', (_, series, head) => {
  expect(lines({ wide: true }, series)[0]).toMatch(head)
})

test('JSON has no infinite numbers, so they are texts', () => {
  expect(lines({ format: 'ndjson' }, [dryer], { atMs: 0, values: [-Infinity] })[0]).toContain('"value":"-Infinity"}')
})

test.each([
  ['Europe/Berlin', '2024-03-31T00:59:59Z', '2024-03-31T01:59:59+01:00'],
  ['Europe/Berlin', '2024-03-31T01:00:00Z', '2024-03-31T03:00:00+02:00'],
  ['Europe/Berlin', '2024-10-27T00:59:00Z', '2024-10-27T02:59:00+02:00'],
  ['Europe/Berlin', '2024-10-27T01:00:00Z', '2024-10-27T02:00:00+01:00'],
  ['America/New_York', '2024-11-03T05:59:00Z', '2024-11-03T01:59:00-04:00'],
  ['America/New_York', '2024-11-03T06:00:00Z', '2024-11-03T01:00:00-05:00'],
  ['Australia/Lord_Howe', '2024-04-06T14:59:00Z', '2024-04-07T01:59:00+11:00'],
  ['Australia/Lord_Howe', '2024-04-06T15:00:00Z', '2024-04-07T01:30:00+10:30'],
  ['Asia/Kathmandu', '2024-12-31T23:00:00Z', '2025-01-01T04:45:00+05:45'],
  ['America/St_Johns', '2024-01-01T00:00:00.005Z', '2023-12-31T20:30:00.005-03:30'],
  ['UTC', '2024-01-01T00:00:00Z', '2024-01-01T00:00:00+00:00'],
])('the clocks of %s show at %s: %s', (zone, utc, local) => {
  const toLocal = localFormat(zone)
  expect(toLocal(Date.parse(utc) - 60_000)).not.toBe(local)
  expect(toLocal(Date.parse(utc))).toBe(local)
  expect(Date.parse(local)).toBe(Date.parse(utc))
})
