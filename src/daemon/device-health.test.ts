import { expect, it } from 'vitest'
import { HOUR_MS, MINUTE_MS } from '../model/time-window.ts'
import type { CycleReport } from '../sync/tail/sync-device.ts'
import {
  backfillDone,
  backfilled,
  cycled,
  failed,
  type HealthRecord,
  paused,
  type Problem,
  problemOf,
  showHealth,
  startingHealth,
  succeeded,
} from './device-health.ts'

const NOW_MS = Date.UTC(2026, 2, 27, 12)
const NUMBERS = { durationMs: 400, rowCount: 5, sampleCount: 70, lagMs: 12_000, storedUntilMs: NOW_MS }
const REPORT: CycleReport = {
  ...NUMBERS,
  deviceName: 'garage',
  absentMinutes: 0,
  complete: true,
  holeMinutes: undefined,
  warnings: [],
  failedChannels: [],
  droppedMinutes: 0,
  refusedChannels: [],
}
const UNREACHABLE: Problem = { message: 'garage: no answer', of: 'device' }
const REFUSED: Problem = { message: 'garage: the store says no', of: 'store' }
const START = startingHealth('garage')
const WELL = cycled(START, REPORT, NOW_MS)
const WINDOW = { fromMs: NOW_MS - 100 * MINUTE_MS, untilMs: NOW_MS }

const fail = (health: HealthRecord, problem: Problem, atMs = 0, activity: 'cycle' | 'backfill' = 'cycle') =>
  failed(health, { activity, problem, nowMs: NOW_MS + atMs })
const show = (health: HealthRecord) => showHealth(health, NOW_MS + 1)
const progressTo = (doneMinutes: number) => ({
  chunk: { fromMs: WINDOW.fromMs, untilMs: WINDOW.fromMs + doneMinutes * MINUTE_MS },
  window: WINDOW,
  doneMinutes,
})

it('starts without a cycle, is well with one, and fails whatever came before', () => {
  expect(show(START)).toEqual({
    name: 'garage',
    state: 'starting',
    history: { state: 'waiting', doneMinutes: 0, totalMinutes: 0, isPaused: false },
    nextPassMs: NOW_MS + 1,
  })
  expect(show(WELL)).toMatchObject({ state: 'ok', lastPass: { ...NUMBERS, endedAtMs: NOW_MS } })
  const failure = { ...UNREACHABLE, sinceMs: NOW_MS }
  expect(show(fail(START, UNREACHABLE).health)).toMatchObject({ state: 'failing', failure })
  expect(show(fail(WELL, UNREACHABLE).health)).toMatchObject({ state: 'failing', failure })
})

it('the failure of the cycle is shown before that of the backfill', () => {
  const both = fail(fail(WELL, REFUSED, 0, 'backfill').health, UNREACHABLE).health
  expect(show(both).failure).toMatchObject(UNREACHABLE)
  expect(show(succeeded(both, 'cycle').health)).toMatchObject({ state: 'failing', failure: REFUSED })
})

it.each([
  ['a minute later', UNREACHABLE, MINUTE_MS, undefined],
  ['an hour later', UNREACHABLE, HOUR_MS, 'still: garage: no answer'],
  ['in other words', REFUSED, MINUTE_MS, 'garage: the store says no'],
  ['when the clock was set back by two hours', UNREACHABLE, -2 * HOUR_MS, 'still: garage: no answer'],
])('a failure that goes on is logged anew %s or not, and began when it began', (_, problem, laterMs, line) => {
  const first = fail(WELL, UNREACHABLE)
  expect(first.line).toBe('garage: no answer')
  const second = fail(first.health, problem, laterMs)
  expect(second.line).toBe(line)
  expect(show(second.health).failure).toEqual({ ...problem, sinceMs: NOW_MS })
})

it('a reminder is due an hour after the last line', () => {
  const reminded = fail(fail(WELL, UNREACHABLE).health, UNREACHABLE, HOUR_MS)
  expect(fail(reminded.health, UNREACHABLE, 2 * HOUR_MS - 1).line).toBeUndefined()
  expect(fail(reminded.health, UNREACHABLE, 2 * HOUR_MS).line).toBe('still: garage: no answer')
})

it.each([
  ['cycle', 'garage: works again'],
  ['backfill', 'garage: loading history works again'],
] as const)('a failure of the %s that is over is logged once, and remembered', (activity, line) => {
  const over = succeeded(fail(WELL, UNREACHABLE, 0, activity).health, activity)
  expect(over.line).toBe(line)
  expect(show(over.health)).toMatchObject({ state: 'ok', lastFailure: { ...UNREACHABLE, sinceMs: NOW_MS } })
  expect(show(over.health)).not.toHaveProperty('failure')
  expect(succeeded(over.health, activity)).toEqual({ health: over.health })
})

it('a backfill that is paused fails no more, and that is no success', () => {
  const health = paused(fail(WELL, REFUSED, 0, 'backfill').health, true)
  expect(show(health)).toMatchObject({ state: 'ok', history: { isPaused: true } })
  expect(show(health)).not.toHaveProperty('lastFailure')
  expect(show(paused(fail(WELL, UNREACHABLE).health, true)).state).toBe('failing')
  expect(show(paused(health, false)).history.isPaused).toBe(false)
})

it('the backfill tells how long it takes yet once it has gained something, and is then done for good', () => {
  const first = backfilled(paused(WELL, true), progressTo(20), NOW_MS)
  expect(show(first).history).toEqual({
    state: 'loading',
    isPaused: true,
    doneMinutes: 20,
    totalMinutes: 100,
    untilMs: WINDOW.fromMs + 20 * MINUTE_MS,
  })
  const second = backfilled(first, progressTo(60), NOW_MS + 4_000)
  expect(show(second).history).toMatchObject({ doneMinutes: 60, leftMs: 4_000 })
  expect([START, first, second].map(({ backfilledUntilMs }) => backfilledUntilMs)).toEqual([
    -Infinity,
    WINDOW.fromMs + 20 * MINUTE_MS,
    WINDOW.fromMs + 60 * MINUTE_MS,
  ])
  const done = backfillDone(second)
  expect(show(done).history).toMatchObject({ state: 'done', doneMinutes: 60 })
  expect(show(done).history).not.toHaveProperty('leftMs')
  const audit = backfilled(done, progressTo(10), NOW_MS + HOUR_MS)
  expect(audit.backfilledUntilMs).toBe(Infinity)
  expect(show(audit).history).not.toHaveProperty('leftMs')
})

it.each([
  ['all is well', {}, undefined],
  [
    'the log has stopped',
    { stoppedLog: 'garage: nothing is recorded' },
    { of: 'device', message: 'garage: nothing is recorded' },
  ],
  [
    'the store drops channels, of which five are named',
    { refusedChannels: ['A', 'B', 'C', 'D', 'E', 'F'], stoppedLog: 'garage: nothing is recorded' },
    {
      of: 'store',
      message:
        'garage: vm accepts samples of 6 channels (A, B, C, D, E, …) and drops them: look at its log and its limits (retention, series, labels)',
    },
  ],
])('a report that says that %s', (_, changes, problem) => {
  expect(problemOf({ ...REPORT, ...changes }, 'vm')).toEqual(problem)
})
