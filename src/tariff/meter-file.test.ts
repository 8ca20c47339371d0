import { describe, expect, test } from 'vitest'
import { openTimeZone } from '../model/time-zone.ts'
import type { Flow, Stamps } from './meter-columns.ts'
import { type MeterFile, readMeterFile } from './meter-file.ts'

const read = (text: string, zone = 'America/New_York', stamps?: Stamps) =>
  readMeterFile(new TextEncoder().encode(text), { zone: openTimeZone(zone), stamps })

function good(text: string, zone?: string, stamps?: Stamps): MeterFile {
  const found = read(text, zone, stamps)
  if ('line' in found) throw new Error(`${found.line}: ${found.message}`)
  return found
}

/** Of UTC, without the zeros. */
function rowsOf({ flows }: MeterFile, flow: Flow = 'import'): string[] {
  const readings = [...(flows.get(flow) ?? [])]
  return readings.map(([atMs, kwh]) => `${new Date(atMs).toISOString().slice(0, 16)} ${Number(kwh.toFixed(6))}`)
}

const GREEN_BUTTON = `\ufeffName,JANE DOE\r
Address,"1 Main St, Apt 2"\r
Account Number,123\r
Service,Service 1\r
\r
TYPE,DATE,START TIME,END TIME,USAGE (kWh),COST,NOTES\r
Electric usage,3/8/2026,12:00 AM,12:59 AM,0.25,$0.08,\r
Electric usage,3/8/2026,1:00 AM,1:59 AM,"1,000.5",$0.08,\r
Electric usage,3/8/2026,3:00 AM,3:59 AM,0.75,$0.08,\r
`

describe('files of the field', () => {
  test.each<[name: string, text: string, zone: string, expected: string[]]>([
    [
      'Green Button: titles below a preamble, AM and PM, quotes, BOM and CRLF; a day of 23 hours',
      GREEN_BUTTON,
      'America/New_York',
      ['2026-03-08T05:00 0.25', '2026-03-08T06:00 1000.5', '2026-03-08T07:00 0.75'],
    ],
    [
      'Octopus: offsets, spaces behind commas',
      'Consumption (kwh), Estimated Cost Inc. Tax (p), Start, End\n0.1, 2.2, 2026-03-29T00:30:00+00:00, 2026-03-29T01:00:00+00:00\n0.2, 2.2, 2026-03-29T02:00:00+01:00, 2026-03-29T02:30:00+01:00\n',
      'Europe/London',
      ['2026-03-29T00:30 0.1', '2026-03-29T01:00 0.2'],
    ],
    [
      'German: semicolons, decimal commas',
      'Zählpunkt;DE000\nDatum;Uhrzeit von;Uhrzeit bis;Verbrauch in kWh;Status\n25.10.2026;01:45;02:00;0,125;W\n25.10.2026;02:00;02:15;1.000,5;W\n',
      'Europe/Berlin',
      ['2026-10-24T23:45 0.125', '2026-10-25T00:00 1000.5'],
    ],
    [
      'German, one column for date and time, which is its end',
      'Ende;Bezug (kWh)\n01.01.2026 00:15;0,1\n01.01.2026 00:30;0,2\n01.01.2026 00:45;0,3\n',
      'Europe/Berlin',
      ['2025-12-31T23:00 0.1', '2025-12-31T23:15 0.2', '2025-12-31T23:30 0.3'],
    ],
    [
      'Dutch: two registers are one sum',
      'van,tot,Levering normaal (kWh),Levering laag (kWh)\n13-01-2026 00:00,13-01-2026 00:15,0.000,0.100\n13-01-2026 00:15,13-01-2026 00:30,0.200,0.000\n',
      'Europe/Amsterdam',
      ['2026-01-12T23:00 0.1', '2026-01-12T23:15 0.2'],
    ],
    [
      'Portuguese: mean power by the quarter',
      'Data;Hora;Consumo registado (kW)\n2026/01/02;00:00;0,4\n2026/01/02;00:15;0,8\n',
      'Europe/Lisbon',
      ['2026-01-02T00:00 0.1', '2026-01-02T00:15 0.2'],
    ],
    [
      'Southern California: a span in one cell, and two parts',
      '"Energy Delivered time period","Usage(Real energy in kilowatt-hours)","Reading quality"\n"2026-01-02 00:00:00 to 2026-01-02 01:00:00","0.5",""\n"2026-01-02 01:00:00 to 2026-01-02 02:00:00","0.6",""\n\n"Energy Received time period","Usage(Real energy in kilowatt-hours)","Reading quality"\n"2026-01-02 00:00:00 to 2026-01-02 01:00:00","0.1",""\n"2026-01-02 01:00:00 to 2026-01-02 02:00:00","0.2",""\n',
      'America/Los_Angeles',
      ['2026-01-02T08:00 0.5', '2026-01-02T09:00 0.6'],
    ],
    [
      'newest first',
      'Time,kWh\n2026-01-02T00:30Z,0.2\n2026-01-02T00:15Z,0.1\n',
      'UTC',
      ['2026-01-02T00:15 0.1', '2026-01-02T00:30 0.2'],
    ],
    [
      'a sum at the end, and cells without a reading',
      'Time,kWh\n2026-01-02 00:00,0.1\n2026-01-02 00:30,\n2026-01-02 01:00,0.3\nTotal,0.4\n',
      'UTC',
      ['2026-01-02T00:00 0.1', '2026-01-02T01:00 0.3'],
    ],
    [
      'thousands without decimals',
      'Start;Energy (Wh)\n2026-01-01 00:00;1,250\n2026-01-01 00:15;900\n',
      'UTC',
      ['2026-01-01T00:00 1.25', '2026-01-01T00:15 0.9'],
    ],
    [
      'Wh, and a time of 24:00',
      'End,Energy (Wh)\n2026-01-01 23:45,100\n2026-01-01 24:00,200\n',
      'UTC',
      ['2026-01-01T23:30 0.1', '2026-01-01T23:45 0.2'],
    ],
  ])('%s', (_, text, zone, expected) => expect(rowsOf(good(text, zone))).toEqual(expected))

  test('an hour that clocks show twice is in the order of rows, with start and with end', () => {
    const hours = ['00:30', '01:00', '01:30', '01:00', '01:30', '02:00']
    const text = (title: string) =>
      `${title},kWh\n${hours.map((hour, index) => `11/1/2026 ${hour},${index}\n`).join('')}`
    const starts = ['04:30 0', '05:00 1', '05:30 2', '06:00 3', '06:30 4', '07:00 5']
    expect(rowsOf(good(text('Start')))).toEqual(starts.map((row) => `2026-11-01T${row}`))
    const ends = ['04:00 0', '04:30 1', '05:00 2', '05:30 3', '06:00 4', '06:30 5']
    expect(rowsOf(good(text('Interval end')))).toEqual(ends.map((row) => `2026-11-01T${row}`))
    expect(rowsOf(good(text('Time'), undefined, 'end'))).toEqual(ends.map((row) => `2026-11-01T${row}`))
  })

  test('export in a column, in rows, in another part, and as what is left', () => {
    const columns = good('Start,Import kWh,Export kWh\n2026-01-02 00:00,1,2\n2026-01-02 00:30,3,4\n', 'UTC')
    expect([rowsOf(columns), rowsOf(columns, 'export')]).toEqual([
      ['2026-01-02T00:00 1', '2026-01-02T00:30 3'],
      ['2026-01-02T00:00 2', '2026-01-02T00:30 4'],
    ])
    const inRows =
      'Direction,Start,kWh\nDelivered,2026-01-02 00:00,1\nReceived,2026-01-02 00:00,2\nDelivered,2026-01-02 00:30,3\nReceived,2026-01-02 00:30,4\n'
    expect(good(inRows, 'UTC').flows).toEqual(columns.flows)
    const delivered = 'Start,Delivered (kWh)\n2026-01-02 00:00,1\n2026-01-02 00:30,3\n'
    const received = 'Start,Received (kWh)\n2026-01-02 00:00,2\n2026-01-02 00:30,4\n'
    expect(good(delivered + received, 'UTC').flows).toEqual(columns.flows)
    const net = good('Start,Consumption,Generation,Net\n2026-01-02 00:00,1,2,-1\n2026-01-02 00:30,3,4,-1\n', 'UTC')
    expect([...net.flows.keys()]).toEqual(['import', 'export'])
    expect(rowsOf(good('Start,Usage kWh\n2026-01-02 00:00,1\n2026-01-02 00:30,-3\n', 'UTC'), 'net')).toHaveLength(2)
  })

  test('day or month first is what all dates allow, and what makes them neighbours', () => {
    const first = (rows: string, zone: string) => rowsOf(good(`Time,kWh\n${rows}`, zone))[0]?.slice(0, 10)
    expect(first('1/2/2026 00:00,1\n1/2/2026 01:00,1\n1/13/2026 00:00,1\n', 'UTC')).toBe('2026-01-02')
    expect(first('1/2/2026 00:00,1\n1/2/2026 01:00,1\n2/2/2026 00:00,1\n', 'UTC')).toBe('2026-02-01')
    expect(first('1/2/26 06:00,1\n1/2/26 07:00,1\n', 'America/Chicago')).toBe('2026-01-02')
    expect(first('1/2/26 06:00,1\n1/2/26 07:00,1\n', 'Australia/Perth')).toBe('2026-01-31')
  })

  test('rows of an hour that clocks skip are counted', () =>
    expect(good('Start,kWh\n3/8/2026 01:00,1\n3/8/2026 02:00,0\n3/8/2026 03:00,1\n').skippedRows).toBe(1))
})

test.each([
  ['100,NEM12,200506081149,UNITEDDP,NEMMCO\n', '1: found a NEM12 file, a format of Australian meters; expected a CSV'],
  ['<?xml version="1.0"?><feed/>', '1: found XML; expected a CSV file with a row of titles'],
  ['PK\u0003\u0004', '1: found a workbook or an archive'],
  ['', '1: found no such titles'],
  [
    'a,b\n1,2\n',
    '1: found no such titles with rows below them; expected a CSV file with a row of titles, of which one names',
  ],
  ['Date,Cost\n2026-01-01,1\n', '1: found no such titles'],
  ['Time,kWh\n2026-01-01 00:00,1\nyesterday,1\n', '3: found "yesterday"; expected a date and time such as'],
  ['Time,kWh\n2026-02-30 00:00,1\n2026-01-01 00:00,1\n', '2: found "2026-02-30 00:00", a date that does not exist'],
  ['Time,kWh\n2026-01-01 00:00,1\n2026-01-01 00:15,1.2.3\n', '3: found "1.2.3"; expected kWh, such as 0.25'],
  ['Time,kWh\n2026-01-01 00:00,1\n2026-01-01 00:15,n/a\n', '3: found "n/a"; expected kWh'],
  ['Time,kWh\n2026-01-01,1\n2026-01-02,1\n', '2: found a row every 1440 minutes; expected intervals of 15, 30 or 60'],
  ['Time,kWh\n2026-01-01 00:00,1\n2026-01-01 00:05,1\n', '3: found "2026-01-01 00:05"; expected intervals that begin'],
  [
    'Time,kWh,State\n2026-01-01 00:00,,A\n2026-01-01 01:00,,A\n',
    '2: found no energy in the column kWh; expected kWh, such',
  ],
  ['Time,kWh\n2026-01-01 00:00,1\n2026-01-01 01:00,1\n9026-01-01 00:00,1\n', 'more than 20 years apart'],
  ['Time,kWh\n2026-01-01 00:00,1\n', '2: found fewer than two times'],
  ['Time,kWh\n2026-01-01 00:00,1\n2026-01-01 01:00,1\n2026-01-01 01:00,1\n', 'as in line 3; expected each time once'],
  ['Time,kWh\n"2026-01-01 00:00,1\n', '2: found a quote that is not closed'],
])('%j is refused', (text, expected) => {
  const found = read(text, 'UTC')
  expect('line' in found ? `${found.line}: ${found.message}` : found).toEqual(expect.stringContaining(expected))
})

test('a line that does not end, and more rows than ten years have, are refused', () => {
  const long = read(`Time,kWh\n${','.repeat(65_537)}`)
  expect(long).toEqual({ line: 2, message: 'found more than 65536 characters; expected a shorter line' })
  const found = read(`Time,kWh\n${'\n'.repeat(750_000)}`)
  expect(found).toEqual({ line: 750_001, message: 'found more than 750000 lines; expected fewer' })
})
