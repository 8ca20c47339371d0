import { expect, it } from 'vitest'
import { failureWords, withTimes } from './failure-words.ts'

const see = 'check that it is on and that its address is correct'
it.each([
  [
    `attic: GET http://192.0.2.7/query?select=[time.utc.unix]&begin=1: connection refused\n  ${see}`,
    'has not answered',
    '',
    'Check that it is on and that its address is correct.',
  ],
  [
    'GET /status: no complete answer within 30 s\n  it may be busy',
    'has been too slow to answer',
    '',
    'It may be busy.',
  ],
  [
    'http://store:8428/api/v1/export: 401 Unauthorized\n  give store.username',
    'has refused our login',
    '',
    'Give store.username.',
  ],
  ['the store exported 0 of 1441 samples of [["__name__","power"]]', 'has not worked', '', ''],
  [
    'attic: it answers, but its log ends at 2026-03-27T10:02Z, 2 h ago by its own clock',
    'has not logged anything',
    '',
    '',
  ],
  ['attic: another iotawatt-sync copies it', 'has not worked', 'Another iotawatt-sync copies it.', ''],
])('%j is described in words', (message, verb, why, todo) => {
  expect(failureWords('attic', message)).toMatchObject({ verb, why, todo })
})

it.each([
  ['gap from 2026-03-27T10:02Z to 2026-03-27 10:05 UTC', 'gap from 10:02 to 10:05'],
  ['it restarted at 2026-03-27T10:02:03.000Z', 'it restarted at 10:02'],
  ['2026-03-27, 12:00 and 2026-99-99T99:99Z', '2026-03-27, 12:00 and 2026-99-99T99:99Z'],
])('the times of %j are told by another clock', (text, told) => {
  expect(withTimes(text, (ms) => new Date(ms).toISOString().slice(11, 16))).toBe(told)
})
