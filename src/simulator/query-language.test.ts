import { describe, expect, it } from 'vitest'
import { loadCardFixture, RECORDED_AT_MS } from './fixtures/load-fixtures.ts'
import { createSimulatedDevice } from '../../test/doubles/simulated-device.ts'
import { cardSource } from './start-simulator.ts'

const lab = createSimulatedDevice({
  source: cardSource(loadCardFixture('lab')),
  clock: { nowMs: () => RECORDED_AT_MS },
})

function ask(url: string) {
  const { status, body, connection } = lab.answer({ method: 'GET', url })
  return connection === 'reset' ? 'reset' : status === 200 ? body : `${status} ${body}`
}

const refused = (reason: string) => `400 {"error":"invalid query. ${reason}"}`
const LAST_TWO = 'begin=1717199880&end=1717200000&group=1m'
const TWO_ROWS = '[[1717199880,596],[1717199940,596.9]]'

describe('queries as they were asked of a real device', () => {
  it.each([
    [`select=[main_1,]&${LAST_TWO}`, '[[596],[596.9]]'],
    [`select=[time.utc.unix,main_1.]&${LAST_TWO}`, TWO_ROWS],
    [`select=[time.utc.unix,main_1..wh]&${LAST_TWO}`, '[[1717199880,10],[1717199940,10]]'],
    [`select=[time.utc.unix,main_1]&${LAST_TWO}&begin=1717199940`, TWO_ROWS],
    [`select=[time.utc.unix,main_1]&${LAST_TWO}&limit=99999999999`, TWO_ROWS],
    [`select=[time.utc.unix,main_1]&${LAST_TWO}&limit=2.7`, TWO_ROWS],
    [`select=[time.utc.unix,main_1]&${LAST_TWO}&limit=NONE`, TWO_ROWS],
    [`select=[time.utc.unix,main_1]&${LAST_TWO}&header=true`, TWO_ROWS],
    ['select=[time.utc.unix,main_1]&begin=1717199880&end=1717200000&group=-5m', TWO_ROWS],
    ['select=[time.utc.unix,main_1]&begin=1717199880&end=1717200000&group=m', TWO_ROWS],
    ['select=[time.utc.unix,main_1]&begin=1717199880&end=1717200000&group=1s', '[[1717199880,null]'],
    ['select=[time.utc.unix,main_1]&begin=1717199880&end=1717200000&group=3s', '[[1717199880,null]'],
    ['select=[time.utc.unix,main_1]&begin=1717199880&end=1717200000&group=s', '[[1717199880,null]'],
    [
      'select=[time.utc.unix]&begin=1717199880&end=1717199900&group=3s',
      '[[1717199880],[1717199883],[1717199886],[1717199889],[1717199892],[1717199895],[1717199898]]',
    ],
    [
      'select=[time.utc.unix]&begin=1714607880&end=1714608120&group=1m&missing=skip',
      '[[1714607880],[1714607940],[1714608000],[1714608060]]',
    ],
    [
      'select=[time.utc.unix,main_1]&begin=1717199880&end=1717200000&group=15',
      '[[1717199880,585.7],[1717199895,592.2],[1717199910,600.4],[1717199925,605.6],' +
        '[1717199940,587],[1717199955,581.6],[1717199970,617.5],[1717199985,601.7]]',
    ],
    [
      `select=[time.utc.unix,Time]&${LAST_TWO}`,
      '[[1717199880,"2024-05-31T19:58:00"],[1717199940,"2024-05-31T19:59:00"]]',
    ],
    [
      'select=[EV%20charger.pf,EV%20charger.var,EV%20charger.amps,heat_pump.amps.d3,heat_pump.va.d3,heat_pump.volts]&' +
        LAST_TWO,
      '[[0,0,0,0.014,3.333,240.1],[1,0,5,0.974,233.683,240]]',
    ],
    [
      'select=[main_1.d2,main_1.watts,main_1.watts.d2]&begin=1717199880&end=1717199940&group=1m',
      '[[595.97,596,595.97]]',
    ],
    ['select=[time.utc.unix,main_1]&begin=s-12s&end=s-3s&group=5s', '[[1717199990,606],[1717199995,605.1]]'],
    [`select=[main_1&${LAST_TWO}`, refused('select not an array []')],
    [`select=[main_1.d]&${LAST_TWO}`, refused('unspecified')],
    ['select=[main_1]&begin=1717199880&end=1717200000&group=xyz', refused('Invalid group')],
    ['select=[main_1]&begin=1717199880&end=1717200000&group=1x', refused('Invalid group')],
    ['select=[main_1]&begin=1717199880&end=1717200000&group=', refused('Invalid group')],
    ['select=[main_1]&begin=&end=1717200000&group=1m', refused('unspecified')],
    ['select=[main_1]&begin=2024-05-31T24:00:00&end=d&group=1h', refused('unspecified')],
    ['select=[main_1]&begin=2024-05-31%2019:00:00&end=d&group=1h', refused('unspecified')],
    ['select=[main_1]&begin=s-0d&end=s&group=1h', refused('unspecified')],
    [`SELECT=[main_1]&${LAST_TWO}`, refused('unspecified')],
  ])('%s', (query, body) => {
    expect(ask(`/query?${query}`)).toBe(body)
  })

  it.each([
    ['begin=2024-02-31&end=2024-03-03&group=1d', '[1709355600,1709442000]'],
    ['begin=2024-12&end=2025-01-02&group=1d', '[1735707600,1735794000]'],
    ['begin=w-1w&end=w&group=1d', '[1716091200,1716696000]'],
    ['begin=M-1M&end=M&group=1M', '[1711944000,1714536000]'],
    ['begin=y&end=s&group=1M', '[1704085200,1717200000]'],
  ])('%s covers %s', (query, range) => {
    expect(ask(`/query?select=[time.utc.unix,main_1]&${query}&header=yes`)).toContain(`{"range":${range},`)
  })
})

describe('rows over a change of clocks', () => {
  it.each([
    [
      'begin=2023-11-03T23:00&end=2023-11-07&group=1d',
      ['2023-11-03T23:00:00', '2023-11-04T00:00:00', '2023-11-05T00:00:00', '2023-11-06T00:00:00'],
    ],
    [
      'begin=2023-11-05T04:00Z&end=2023-11-05T08:00Z&group=1h',
      ['2023-11-05T00:00:00', '2023-11-05T01:00:00', '2023-11-05T01:00:00', '2023-11-05T02:00:00'],
    ],
    [
      'begin=2024-03-10T02:30&end=2024-03-10T04:00&group=30m',
      ['2024-03-10T01:30:00', '2024-03-10T03:00:00', '2024-03-10T03:30:00'],
    ],
    [
      'begin=2023-11-10&end=2024-03-01&group=1M',
      ['2023-11-10T00:00:00', '2023-12-01T00:00:00', '2024-01-01T00:00:00', '2024-02-01T00:00:00'],
    ],
    [
      'begin=2023-11-10&end=2024-01-15&group=2w',
      [
        '2023-11-10T00:00:00',
        '2023-11-19T00:00:00',
        '2023-12-03T00:00:00',
        '2023-12-17T00:00:00',
        '2023-12-31T00:00:00',
        '2024-01-14T00:00:00',
      ],
    ],
    ['begin=2024-03-01&end=2024-03-10&group=3d', ['2024-03-01T00:00:00', '2024-03-04T00:00:00', '2024-03-07T00:00:00']],
  ])('%s', (query, times) => {
    expect(ask(`/query?select=[time.local.iso]&${query}`)).toBe(JSON.stringify(times.map((time) => [time])))
  })
})

it.each([
  ['/query?&&show=series', '{"series":['],
  ['/query?show=series&&', '{"series":['],
  ['/query?show=SERIES&select=[x]', '{"series":['],
  ['/query/?show=series', '404 Not found: GET, URI: /query/'],
  ['/QUERY?show=series', '404 Not found: GET, URI: /QUERY'],
  ['/iotawatt/auth.txt', '403 Protected'],
  ['/feed/data.json?id=[IPmain_1]&start=1717199701&end=1717200000&interval=60', '400 Invalid request'],
])('%s is answered with %s', (url, start) => {
  expect(ask(url).startsWith(start)).toBe(true)
})

it('answers feeds of voltages and outputs too', () => {
  expect(ask('/feed/data.json?id=[IVvoltage,IPmain_1,OPmains]&start=1717199700&end=1717200000&interval=60')).toBe(
    '[[120.0,594.8,1347.9],[120.0,591.9,1339.1],[120.0,594.4,1341.6],' +
      '[120.0,600.4,1348.7],[120.0,596.0,1341.1],[120.0,596.9,1341.0]]',
  )
})

it.each(['HEAD', 'POST'])('does not know %s', (method) => {
  expect(lab.answer({ method, url: '/query?show=series' })).toMatchObject({
    status: 404,
    body: 'Not found: POST, URI: /query',
  })
})

it.each([
  `/query?select=[]&${LAST_TWO}`,
  `/query?select=[,]&${LAST_TWO}`,
  `/query?select=[main_1,,solar]&${LAST_TWO}`,
  `/query?select=[.watts]&${LAST_TWO}`,
  '/query?=x&show=series',
])('is brought down by %s', (url) => {
  expect(ask(url)).toBe('reset')
})
