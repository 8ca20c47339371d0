import { expect, it } from 'vitest'
import type { LogFile } from './log-file.ts'
import { emptyRecord } from './log-record.ts'
import { readLogs } from './open-card.ts'

/** A log that signs what it reads: 5 or 60. */
function signedLog(intervalS: number, [firstKeyS, lastKeyS]: readonly [number, number]): LogFile {
  const read = (keyS: number) => ({ ...emptyRecord(keyS - (keyS % intervalS)), logHours: intervalS })
  return { intervalS, firstKeyS, lastKeyS, sizeBytes: 0, readCount: 0, read, close() {} }
}

const current = signedLog(5, [6000, 9000])
const history = signedLog(60, [1200, 8940])

it.each([
  [3000, 60, 3000, 'before the current log'],
  [3005, 60, 3000, 'before the current log, between minutes'],
  [6000, 60, 6000, 'a minute that both have'],
  [6005, 5, 6005, 'between minutes'],
  [6007, 5, 6005, 'between records'],
  [9000, 5, 9000, 'a minute that the history log does not have yet'],
])('reads %d from the log of %d s at %d: %s', (keyS, intervalS, readS) => {
  expect(readLogs({ current, history }, keyS)).toMatchObject({ logHours: intervalS, keyS: readS })
})

it('without the history log, before it is open, reads only the current log', () => {
  expect(readLogs({ current, history: undefined }, 3000).logHours).toBe(5)
})

it('before any log is open reads nothing', () => {
  expect(readLogs({ current: undefined, history: undefined }, 6000)).toEqual(emptyRecord(6000))
})
