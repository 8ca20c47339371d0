import { describe, expect, it } from 'vitest'
import { readStatus } from './read-status.ts'

const START_S = 1_717_200_003
const NOW_MS = 1_717_300_000_400
const log = (id: string, firstkey: number, lastkey: number) => ({ id, firstkey, lastkey, size: 1, interval: 5 })
const current = log('Current', 1_717_178_400, 1_717_200_000)
const history = log('History', 1_716_940_800, 1_717_199_940)

function body(datalogs: readonly unknown[], stats: object = {}) {
  const complete = { starttime: START_S, currenttime: START_S + 60, version: '02_08_04', lowbat: false, ...stats }
  return JSON.stringify({ device: { name: 'House' }, stats: complete, datalogs })
}

it('reads what the device says of itself', () => {
  expect(readStatus(body([current, history]), NOW_MS)).toEqual({
    logsOpen: true,
    isStartReckoned: false,
    status: {
      name: 'House',
      version: '02_08_04',
      startedAtMs: START_S * 1000,
      clockMs: (START_S + 60) * 1000,
      firstMs: 1_716_940_800_000,
      newestMs: 1_717_200_000_000,
    },
  })
})

it.each([
  ['History is the older log', [current, history], 1_716_940_800_000],
  ['Current is the older log', [{ ...current, firstkey: 1_716_000_000 }, history], 1_716_000_000_000],
  ['there is no History', [current], 1_717_178_400_000],
  ['there is a log of an integration', [current, history, log('solar', 5, 10)], 1_716_940_800_000],
])('finds the first record where %s', (_, logs, firstMs) => {
  expect(readStatus(body(logs), NOW_MS).status.firstMs).toBe(firstMs)
})

it.each([
  ['both are', [current, history], true],
  ['there is no History', [current], true],
  ['History is not', [current, log('History', 0, 0)], false],
  ['Current is not', [log('Current', 0, 0), history], false],
])('says whether the logs are open when %s', (_, logs, logsOpen) => {
  expect(readStatus(body(logs), NOW_MS).logsOpen).toBe(logsOpen)
})

describe('refuses', () => {
  it.each([
    ['an empty answer', '{}', /stats: .*; datalogs/],
    ['a time that is no number', body([current], { starttime: '1' }), /stats\.starttime/],
    ['a time in milliseconds', body([current], { currenttime: START_S * 1000 }), /stats\.currenttime/],
    ['no Current log', body([history]), /no log with the id "Current"/],
    ['a log that ends before it starts', body([log('Current', 20, 10)]), /Current log ends before it starts/],
    ['HTML', '<!DOCTYPE html>', /HTML instead of JSON/],
  ])('%s', (_, text, message) => expect(() => readStatus(text, NOW_MS)).toThrow(message))
})

describe('of firmware that tells less', () => {
  const logs = [
    { firstkey: 1_764_460_800, lastkey: 1_764_547_195, size: 1, interval: 5 },
    { firstkey: 1_761_955_200, lastkey: 1_764_547_140, size: 1, interval: 60 },
  ]
  const times = { firstMs: 1_761_955_200_000, newestMs: 1_764_547_195_000 }
  const told = (stats: object, datalogs: unknown) =>
    readStatus(JSON.stringify({ stats: { version: '02_05_02', ...stats }, datalogs }), NOW_MS)

  it.each([
    ['a list without ids, the 5 s log first', logs],
    ['a list without ids, the 5 s log last', logs.toReversed()],
    ['a list without ids and intervals', logs.map((log) => ({ ...log, interval: undefined }))],
    ['an object', { currlog: logs[0], histlog: logs[1] }],
    ['an object in another order', { histlog: logs[1], currlog: logs[0] }],
    [
      'a list with ids',
      [
        { id: 'Current', ...logs[0] },
        { id: 'History', ...logs[1] },
      ],
    ],
  ])('finds the logs in %s', (_, datalogs) =>
    expect(told({ runseconds: 10 }, datalogs)).toMatchObject({ logsOpen: true, status: { name: '', ...times } }),
  )
  it('reckons the start from how long it runs, by its own clock', () =>
    expect(told({ runseconds: 60, currenttime: 1_764_547_195 }, logs)).toMatchObject({
      isStartReckoned: true,
      status: { startedAtMs: 1_764_547_135_000, clockMs: 1_764_547_195_000 },
    }))
  it('takes the clock here where it tells no time', () =>
    expect(told({ runseconds: 60 }, logs).status).toMatchObject({
      startedAtMs: 1_717_299_940_000,
      clockMs: 1_717_300_000_000,
    }))
  it('does without a number that is none where there is another', () =>
    expect(told({ runseconds: 60, starttime: null, currenttime: 'NaN' }, logs).status.clockMs).toBe(1_717_300_000_000))
  it('a log that is not open yet has no keys', () =>
    expect(told({ runseconds: 1 }, { currlog: logs[0], histlog: { firstkey: 0, lastkey: 0 } }).logsOpen).toBe(false))
  it('says which part it needs, and what that is', () => {
    expect(() => told({}, logs)).toThrow('its stats have no time in starttime, and none in runseconds')
    expect(() => told({ runseconds: 1 }, [{ ...logs[0], lastkey: 'NaN' }])).toThrow(
      /datalogs\.Current\.lastkey: .*: "NaN"/,
    )
    expect(() => told({ runseconds: 1 }, { histlog: logs[1] })).toThrow('no log with the id "Current"')
  })
})

it.each(['02_02_19', '02_04_02', '02_05_01'])('says which firmware is needed instead of %s', (version) =>
  expect(() => readStatus(JSON.stringify({ stats: { version } }), NOW_MS)).toThrow(
    `its firmware is ${version}; 02_05_02 or newer is needed`,
  ),
)

it('needs nothing but its times and its version', () => {
  const text = body([current, history], { cyclerate: 'NaN' })
    .replace('"NaN"', 'NaN')
    .replace('"lowbat":false', '"x":-inf')
  expect(readStatus(text, NOW_MS).status.newestMs).toBe(1_717_200_000_000)
})

it.each([
  ['5C:CF:7F:01:02:0A', '5c:cf:7f:01:02:0a'],
  ['5c-cf-7f-01-02-0a', '5c:cf:7f:01:02:0a'],
  ['00:00:00:00:00:00', undefined],
  ['none', undefined],
  [7, undefined],
])('reads its MAC %s', (mac, expected) =>
  expect(
    readStatus(body([current]).replace('{', `{"wifi":${JSON.stringify({ SSID: 'x', mac })},`), NOW_MS).status.mac,
  ).toBe(expected),
)
