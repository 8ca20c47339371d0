import { describe, expect, test } from 'vitest'
import type { AlertRules } from '../model/alerts.ts'
import { HOUR_MS, MINUTE_MS } from '../model/time-window.ts'
import { openTimeZone } from '../model/time-zone.ts'
import { type AlertFacts, conditionsOf } from './conditions.ts'
import { type HeldCondition, stepAlerts } from './step-alerts.ts'

const START_MS = Date.parse('2026-03-27T12:00Z')
const zone = openTimeZone('America/New_York')
const FREEZER = { circuit: 'Freezer', side: 'below', watts: 5, forMs: HOUR_MS } as const
const RULES: AlertRules = {
  noDataMs: 15 * MINUTE_MS,
  gapsMs: HOUR_MS,
  storeFailingMs: 10 * MINUTE_MS,
  circuits: [FREEZER],
}

interface Minute {
  /** How long ago the newest minute was. */
  readonly age?: number | undefined
  readonly missing?: number
  readonly isStoreFailing?: boolean
  readonly freezer?: number
  /** Minutes since the daemon started, or the store failed. */
  readonly watched?: number
}

/** What is told at minutes after the start, by what is known then. */
function told(minutes: Readonly<Record<number, Minute>>, rules = RULES): string[] {
  let held: readonly HeldCondition[] = []
  return Object.entries(minutes).flatMap(([minute, { age, missing, isStoreFailing, freezer, watched = 1000 }]) => {
    const nowMs = START_MS + Number(minute) * MINUTE_MS
    const facts: AlertFacts = {
      nowMs,
      watchedFromMs: nowMs - watched * MINUTE_MS,
      isStoreFailing,
      devices: [
        {
          name: 'cellar',
          missingMinutes: missing,
          ...(age !== undefined && { storedUntilMs: nowMs - age * MINUTE_MS }),
        },
      ],
      circuits: new Map(
        freezer === undefined ? [] : [[FREEZER, { untilMs: nowMs, watts: new Float32Array(60).fill(freezer) }]],
      ),
    }
    const step = stepAlerts(held, conditionsOf(rules, facts), { nowMs, zone })
    ;({ held } = step)
    return step.messages.map(({ state, text }) => `${minute} ${state} ${text}`)
  })
}

describe('no data', () => {
  test.each([
    [
      'are told once, and once when it is over',
      { 0: { age: 15 }, 1: { age: 16 }, 2: { age: 17 }, 9: { age: 1 } },
      ['1 began cellar: no data since 07:45', '9 ended cellar: over: no data from 07:45 to 08:09'],
    ],
    [
      'are waited for after a start',
      { 0: { age: 600, watched: 0 }, 15: { age: 615, watched: 15 }, 16: { age: 616, watched: 16 } },
      ['16 began cellar: no data since 2026-03-26 22:00'],
    ],
    [
      'of a device that never had any',
      { 0: { watched: 0 }, 16: { watched: 16 } },
      ['16 began cellar: no data since 08:00'],
    ],
    [
      'are the store’s fault while it fails',
      {
        0: { age: 60, isStoreFailing: true, watched: 0 },
        5: { age: 65, isStoreFailing: false, watched: 1 },
        6: { age: 1 },
      },
      [],
    ],
    [
      'stay open while the store fails',
      { 0: { age: 16 }, 1: { age: 17, isStoreFailing: true, watched: 0 }, 2: { age: 18, watched: 1 }, 3: { age: 0 } },
      ['0 began cellar: no data since 07:44', '3 ended cellar: over: no data from 07:44 to 08:03'],
    ],
    ['of a device whose clock is ahead are there', { 0: { age: -3 } }, []],
  ] as const)('%s', (_, minutes, expected) => expect(told(minutes)).toEqual(expected))
})

describe('gaps', () => {
  test.each([
    [
      'that stay for an hour',
      {
        0: { age: 1, missing: 3 },
        59: { age: 1, missing: 1 },
        60: { age: 1, missing: 1 },
        61: { age: 1, missing: 2 },
        90: { age: 1, missing: 0 },
      },
      ['60 began cellar: unfilled gaps since 08:00', '90 ended cellar: over: unfilled gaps from 08:00 to 09:30'],
    ],
    [
      'that are filled before',
      { 0: { age: 1, missing: 3 }, 30: { age: 1, missing: 0 }, 60: { age: 1, missing: 3 } },
      [],
    ],
    [
      'that nobody can count at present',
      { 0: { age: 1, missing: 3 }, 30: { age: 1 }, 60: { age: 1, missing: 3 }, 70: { age: 1 } },
      ['60 began cellar: unfilled gaps since 08:00'],
    ],
  ] as const)('%s', (_, minutes, expected) => expect(told(minutes)).toEqual(expected))
})

test('the store', () => {
  const minutes = {
    0: { isStoreFailing: true },
    9: { isStoreFailing: true },
    10: { isStoreFailing: true },
    20: { age: 1, isStoreFailing: false },
  }
  expect(told(minutes)).toEqual([
    '10 began store: failing since 08:00',
    '20 ended store: over: failing from 08:00 to 08:20',
  ])
})

test('a circuit; what is not known does not end it', () => {
  const minutes = { 0: { age: 1, freezer: 0 }, 1: { age: 1 }, 2: { age: 1, freezer: 0 }, 3: { age: 1, freezer: 80 } }
  expect(told(minutes)).toEqual([
    '0 began Freezer: below 5 W since 07:00',
    '3 ended Freezer: over: below 5 W from 07:00 to 08:03',
  ])
})

test('what is off is not told', () => {
  const minutes = {
    0: { age: 600, missing: 5, isStoreFailing: true, freezer: 0 },
    99: { age: 600, missing: 5, isStoreFailing: true, freezer: 0 },
  }
  expect(told(minutes, { circuits: [] })).toEqual([])
})
