import { describe, expect, it } from 'vitest'
import { readStatus } from './read-status.ts'

const START_S = 1_717_200_003
const log = (id: string, firstkey: number, lastkey: number) => ({ id, firstkey, lastkey, size: 1, interval: 5 })
const current = log('Current', 1_717_178_400, 1_717_200_000)
const history = log('History', 1_716_940_800, 1_717_199_940)

function body(datalogs: readonly unknown[], stats: object = {}) {
  const whole = { starttime: START_S, currenttime: START_S + 60, version: '02_08_04', lowbat: false, ...stats }
  return JSON.stringify({ device: { name: 'House' }, stats: whole, datalogs })
}

it('reads what the device says of itself', () => {
  expect(readStatus(body([current, history]))).toEqual({
    logsOpen: true,
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
  expect(readStatus(body(logs)).status.firstMs).toBe(firstMs)
})

it.each([
  ['both are', [current, history], true],
  ['there is no History', [current], true],
  ['History is not', [current, log('History', 0, 0)], false],
  ['Current is not', [log('Current', 0, 0), history], false],
])('says whether the logs are open when %s', (_, logs, logsOpen) => {
  expect(readStatus(body(logs)).logsOpen).toBe(logsOpen)
})

describe('refuses', () => {
  it.each([
    ['an empty answer', '{}', /device: .*; stats: .*; datalogs/],
    ['a time that is no number', body([current], { starttime: '1' }), /stats\.starttime/],
    ['a time in milliseconds', body([current], { currenttime: START_S * 1000 }), /stats\.currenttime/],
    ['no Current log', body([history]), /no log with the id "Current"/],
    ['a log that ends before it starts', body([log('Current', 20, 10)]), /Current log ends before it starts/],
    ['HTML', '<!DOCTYPE html>', /HTML instead of JSON/],
  ])('%s', (_, text, message) => expect(() => readStatus(text)).toThrow(message))
})
