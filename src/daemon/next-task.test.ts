import { describe, expect, it } from 'vitest'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../model/time-window.ts'
import {
  afterBackfill,
  afterBackfillFailed,
  afterBackfillStep,
  afterCycle,
  afterNightlyAudit,
  type Agenda,
  type Circumstances,
  firstAgenda,
  isFullAudit,
  isInterrupted,
  nextTask,
  type Task,
  withAudit,
} from './next-task.ts'

/** At noon of this machine's time, on a tick of the cycles. */
const NOON_MS = new Date(2026, 2, 27, 12).getTime()
const INTERVAL_MS = 5 * MINUTE_MS
const AT_NOON: Circumstances = {
  nowMs: NOON_MS,
  isJobWaiting: false,
  isBackfillPaused: false,
  isBackfillBlocked: false,
}

/** A cycle in 2 minutes, an audit in 10 hours, and nothing to backfill. */
const IDLE: Agenda = {
  intervalMs: INTERVAL_MS,
  nextCycleMs: NOON_MS + 2 * MINUTE_MS,
  nextAuditMs: NOON_MS + 10 * HOUR_MS,
  backfill: { isDue: false, sinceMs: 0, isAudit: false, restsUntilMs: 0, restMs: MINUTE_MS },
}
const backfilling = { ...IDLE, backfill: { ...IDLE.backfill, isDue: true } }
const resting = { ...backfilling, backfill: { ...backfilling.backfill, restsUntilMs: NOON_MS + MINUTE_MS } }
const cycling = { ...backfilling, nextCycleMs: NOON_MS }
const auditing = { ...cycling, nextAuditMs: NOON_MS }
const waits = (waitMs: number): Task => ({ kind: 'wait', waitMs })

it.each<[string, Agenda, Partial<Circumstances>, Task]>([
  ['the audit comes before the cycle, which it gives nothing to wait for', auditing, {}, { kind: 'audit' }],
  ['the cycle comes before a job and the backfill', cycling, { isJobWaiting: true }, { kind: 'cycle' }],
  ['a job comes before the backfill', backfilling, { isJobWaiting: true }, { kind: 'job' }],
  [
    'a job comes though the backfill is paused',
    backfilling,
    { isJobWaiting: true, isBackfillPaused: true },
    { kind: 'job' },
  ],
  ['the backfill comes when nothing else is due', backfilling, {}, { kind: 'backfill' }],
  ['a backfill that rests is waited for', resting, {}, waits(MINUTE_MS)],
  ['a backfill that has rested goes on', resting, { nowMs: NOON_MS + MINUTE_MS }, { kind: 'backfill' }],
  ['a backfill that is paused is not waited for', resting, { isBackfillPaused: true }, waits(2 * MINUTE_MS)],
  ['a backfill that is blocked is not waited for', resting, { isBackfillBlocked: true }, waits(2 * MINUTE_MS)],
  ['one that is complete is not waited for', IDLE, {}, waits(2 * MINUTE_MS)],
  ['the wait ends with the cycle', IDLE, { nowMs: NOON_MS + MINUTE_MS }, waits(MINUTE_MS)],
  ['the wait ends with the audit', { ...IDLE, nextAuditMs: NOON_MS + 1_000 }, {}, waits(1_000)],
  ['a cycle that is late is due', IDLE, { nowMs: NOON_MS + HOUR_MS }, { kind: 'cycle' }],
  ['a clock set back by a minute makes the wait longer', IDLE, { nowMs: NOON_MS - MINUTE_MS }, waits(3 * MINUTE_MS)],
  [
    'a clock set back by more than the interval makes the cycle due',
    IDLE,
    { nowMs: NOON_MS - HOUR_MS },
    { kind: 'cycle' },
  ],
  ['a clock set back by more than a night makes the audit due', IDLE, { nowMs: NOON_MS - DAY_MS }, { kind: 'audit' }],
])('%s', (_, agenda, changes, task) => {
  expect(nextTask(agenda, { ...AT_NOON, ...changes })).toEqual(task)
})

it.each<['job' | 'backfill', string, Agenda, Partial<Circumstances>, boolean]>([
  ['job', 'nothing', backfilling, {}, false],
  ['job', 'the cycle', cycling, {}, true],
  ['job', 'another job', IDLE, { isJobWaiting: true }, false],
  ['job', 'the audit', { ...IDLE, nextAuditMs: NOON_MS }, {}, false],
  ['backfill', 'nothing', backfilling, {}, false],
  ['backfill', 'the cycle', cycling, {}, true],
  ['backfill', 'a job', backfilling, { isJobWaiting: true }, true],
  ['backfill', 'a pause', backfilling, { isBackfillPaused: true }, true],
  ['backfill', 'the audit', { ...backfilling, nextAuditMs: NOON_MS }, {}, false],
  ['backfill', 'a clock set back by an hour', backfilling, { nowMs: NOON_MS - HOUR_MS }, true],
])('a step of a %s and %s: whether it gives way', (task, _, agenda, changes, givesWay) => {
  expect(isInterrupted(task, agenda, { ...AT_NOON, ...changes })).toBe(givesWay)
})

it.each([
  ['at a tick', 0, 10_000],
  ['just before the record of a tick is there', 9_999, 10_000],
  ['just after', 10_000, INTERVAL_MS + 10_000],
  ['late', 7 * MINUTE_MS, 2 * INTERVAL_MS + 10_000],
])('a cycle that ended %s is followed by one shortly after a tick', (_, endedAtMs, nextMs) => {
  expect(afterCycle(IDLE, NOON_MS + endedAtMs).nextCycleMs).toBe(NOON_MS + nextMs)
})

it('the first cycle is due at once, and then the backfill', () => {
  const agenda = firstAgenda(NOON_MS, { intervalMs: INTERVAL_MS, sinceMs: 5 })
  expect(nextTask(agenda, AT_NOON)).toEqual({ kind: 'cycle' })
  expect(nextTask(afterCycle(agenda, NOON_MS), AT_NOON)).toEqual({ kind: 'backfill' })
  expect(agenda.backfill).toMatchObject({ sinceMs: 5, isAudit: false })
})

describe('an audit', () => {
  const at = (month: number, day: number, hours: number, minutes = 0) =>
    new Date(2026, month, day, hours, minutes).getTime()

  it.each([
    ['before 3:30 is the same night', at(2, 27, 3, 29), at(2, 27, 3, 30), false],
    ['at 3:30 is the next night', at(2, 27, 3, 30), at(2, 28, 3, 30), false],
    ['at the end of a month counts everything', at(2, 31, 12), at(3, 1, 3, 30), true],
  ])('%s', (_, nowMs, nextAuditMs, isFull) => {
    const agenda = afterNightlyAudit(IDLE, nowMs)
    expect([agenda.nextAuditMs, isFullAudit(agenda)]).toEqual([nextAuditMs, isFull])
  })

  it('counts again what was complete, and adds nothing to a backfill that goes on', () => {
    expect(withAudit(IDLE, 7).backfill).toMatchObject({ isDue: true, sinceMs: 7, isAudit: true })
    expect(withAudit(backfilling, 7)).toBe(backfilling)
    expect(afterBackfill(withAudit(IDLE, 7)).backfill).toMatchObject({ isDue: false, isAudit: false })
  })
})

it('a backfill that fails rests for a minute, doubled up to the interval, until a step of it is well', () => {
  const fail = (agenda: Agenda) => afterBackfillFailed(agenda, { nowMs: NOON_MS, isDropped: false })
  const restOf = ({ backfill }: Agenda) => (backfill.restsUntilMs - NOON_MS) / MINUTE_MS
  const [first, second, third, fourth] = [1, 2, 3, 4].map((times) =>
    Array.from({ length: times }).reduce<Agenda>(fail, backfilling),
  )
  expect([first, second, third, fourth].map((agenda) => agenda && restOf(agenda))).toEqual([1, 2, 4, 5])
  expect(restOf(fail(afterBackfillStep(fourth ?? IDLE)))).toBe(1)
})

it('a backfill whose samples the store drops rests until the next cycle', () => {
  const agenda = afterBackfillFailed(backfilling, { nowMs: NOON_MS, isDropped: true })
  expect(agenda.backfill.restsUntilMs).toBe(NOON_MS + INTERVAL_MS)
})
