import { expect, it } from 'vitest'
import { firmwareOf } from '../../test/doubles/old-firmware.ts'
import { NEWEST_FIRMWARE } from './firmware.ts'
import { loadCardFixture, RECORDED_AT_MS } from './fixtures/load-fixtures.ts'
import { createSimulatedDevice } from '../../test/doubles/simulated-device.ts'
import { cardSource } from './start-simulator.ts'

const NOW_S = RECORDED_AT_MS / 1000
const ROWS = '&begin=1717195800&end=1717200000&group=1m'

function ask(version: string, url: string) {
  const clock = { nowMs: () => RECORDED_AT_MS }
  const device = createSimulatedDevice({
    source: cardSource(loadCardFixture('iwatt5')),
    clock,
    startedAtMs: RECORDED_AT_MS - 60_000,
    firmware: firmwareOf(version),
  })
  return device.answer({ method: 'GET', url })
}

function status(version: string, flags: string) {
  return JSON.parse(ask(version, `/status?${flags}`).body)
}

it('an old one does not tell when it started', () => {
  const { stats } = status('02_05_09', 'stats=')
  expect(stats).toMatchObject({ version: '02_05_09', runseconds: 60 })
  expect(Object.keys(stats)).not.toContain('starttime')
  expect(Object.keys(stats)).not.toContain('currenttime')
  expect(status('02_05_10', 'stats=').stats).toMatchObject({ starttime: NOW_S - 60, currenttime: NOW_S })
})

it('the logs are listed in three ways', () => {
  const current = { firstkey: 1_717_178_400, lastkey: 1_717_200_000, size: expect.any(Number), interval: 5 }
  const history = { firstkey: 1_716_940_800, lastkey: 1_717_200_000, size: expect.any(Number), interval: 60 }
  expect(status('02_05_02', 'datalogs=').datalogs).toEqual([current, history])
  expect(status('02_05_12', 'datalogs=').datalogs).toEqual({ currlog: current, histlog: history })
  expect(status('02_06_00', 'datalogs=').datalogs).toEqual([
    { id: 'Current', ...current },
    { id: 'History', ...history },
  ])
})

it.each([
  ['02_05_09', 'wifi=', {}],
  ['02_05_10', 'wifi=', { wifi: expect.anything() }],
  ['02_06_04', 'passwords=', { passwords: { admin: false, user: false } }],
  ['02_06_05', 'passwords=', { passwords: { admin: false, user: false, localAccess: false } }],
  ['02_08_04', 'uploaders=&influx1=', { influx1: { state: 'not running' } }],
  ['02_08_05', 'uploaders=&influx1=', { uploaders: [] }],
])('%s answers %s', (version, flags, expected) => expect(status(version, flags)).toEqual(expected))

it.each([
  ['02_05_08', `/query?select=[Mains_1.var]${ROWS}`, 400, /Invalid series method: var"/],
  ['02_05_09', `/query?select=[Mains_1.var]${ROWS}`, 200, /^\[\[/],
  ['02_05_11', `/query?select=[Mains_1.wh]${ROWS}&limit=2&header=yes`, 200, /(\[\d+\],){69}\[\d+\]\]}$/],
  ['02_05_12', `/query?select=[Mains_1.wh]${ROWS}&limit=2&header=yes`, 200, /\],"limit":1717195920}$/],
  ['02_07_05', `/query?select=[Mains_1.wh.d9]&begin=1717195800&end=1717200000&group=all`, 200, /^\[\[[\d.]{11}\]\]$/],
  ['02_08_00', `/query?select=[Mains_1.wh.d9]&begin=1717195800&end=1717200000&group=all`, 200, /^\[\[[\d.]{12,}\]\]$/],
  ['02_08_03', '/query?select=[Mains_1]&begin=d-1d+1h&end=d&group=all', 400, /unspecified/],
  ['02_08_04', '/query?select=[Mains_1]&begin=d-1d+1h&end=d&group=all', 200, /^\[\[/],
])('%s answers %s with %d', (version, url, expected, body) => {
  const answer = ask(version, url)
  expect([answer.status, answer.body]).toEqual([expected, expect.stringMatching(body)])
})

it('before 02_05_12 a long answer ends within a row', () => {
  const url =
    '/query?select=[Mains_1.wh.d9,Mains_2.wh.d9,Garage_1.wh.d9]&begin=1716940800&end=1717200000&group=1m&limit=none'
  expect(ask('02_05_11', url)).toMatchObject({ status: 200, connection: 'close', sentBytes: 100_188 })
  expect(ask('02_05_12', url).sentBytes).toBeGreaterThan(110_000)
})

it('the newest is the one that the recordings come from', () => {
  expect(NEWEST_FIRMWARE).toEqual({ ...firmwareOf('02_08_05'), version: '02_08_04' })
})
