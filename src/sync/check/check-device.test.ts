import { describe, expect, test } from 'vitest'
import { DAY_MS } from '../../model/time-window.ts'
import { VICTORIAMETRICS_ADVICE } from '../../store/victoriametrics/open-victoriametrics.ts'
import { describeStore } from './check-device.ts'
import { describeSoonDropped } from '../session/retention.ts'

const STORE = { name: 'VictoriaMetrics', advice: VICTORIAMETRICS_ADVICE }
const NOW_MS = Date.UTC(2026, 10, 30)
const lines = (status: Parameters<typeof describeStore>[1], allowDuplicates = false) =>
  describeStore(STORE, status, { allowDuplicates }).map(({ verdict, message }) => `${verdict} ${message}`)

describe('how long a store keeps samples', () => {
  test.each([
    [0, 'GOOD it keeps everything'],
    [NOW_MS - 100 * 365 * DAY_MS, 'GOOD it keeps everything'],
    [Date.UTC(2015, 0) - 1, 'GOOD it keeps everything'],
    [NOW_MS - 365 * DAY_MS, 'GOOD it keeps samples since 2025-11-30T00:00Z'],
  ])('since %d: %s', (retainsFromMs, line) => expect(lines({ buffers: false, retainsFromMs })[1]).toBe(line))
})

describe('a store that is not sure to write once', () => {
  const refusedPaths = ['/metrics', '/internal/force_flush']

  test('names what was refused, and what to do', () => {
    expect(lines({ buffers: true, refusedPaths })[1]).toBe(
      'BAD /metrics and /internal/force_flush were refused, or answered by another program, so it is unknown whether writes pass a queue (of a cluster or an agent), and deduplication is not known to be on: let this program through to /metrics and /internal/force_flush, or start the store with -dedup.minScrapeInterval=1ms (of a cluster, both vmselect and vmstorage) and set store.allowDuplicates: true',
    )
    expect(lines({ buffers: true, refusedPaths }, true)[1]).toMatch(/^WARN \/metrics and/)
  })

  test('is a queue where nothing was refused', () =>
    expect(lines({ buffers: true })[1]).toMatch(/^BAD writes pass a queue \(a cluster, an agent or a proxy\)/))

  test('with its metrics refused alone cannot be seen', () =>
    expect(lines({ buffers: false, refusedPaths: ['/metrics'] })[1]).toMatch(
      /^WARN \/metrics was refused.*whether it was restarted, cannot be seen/,
    ))
})

describe('a cluster', () => {
  test('that may deduplicate is declared so by whoever set it up', () => {
    expect(lines({ buffers: true }, true)).toEqual([
      'GOOD VictoriaMetrics answers',
      'GOOD writes pass a queue; store.allowDuplicates says that it deduplicates',
    ])
    expect(lines({ buffers: true, deduplicates: true }, true)).toEqual(['GOOD VictoriaMetrics answers'])
  })

  test('that is seen not to deduplicate is warned about all the same', () =>
    expect(lines({ buffers: true, deduplicates: false }, true)[1]).toMatch(/^WARN .* and deduplication is off: start/))

  test('whose vmselect leaves out what is on nodes that are away is warned about', () =>
    expect(lines({ buffers: true, deduplicates: true, ignoresAwayNodes: 1 })[1]).toMatch(
      /^WARN its vmselect runs with -replicationFactor=2: .* a vmselect without that flag as store\.readUrl$/,
    ))
})

describe('what is expected and will be dropped', () => {
  const soon = (retainedDays: number, expectedDays: number) =>
    describeSoonDropped(
      { retainsFromMs: NOW_MS - retainedDays * DAY_MS, expectedFromMs: NOW_MS - expectedDays * DAY_MS },
      { nowMs: NOW_MS, store: STORE },
    )

  test.each([
    [31, 30, 'keeps samples for 31 days, and the oldest expected ones are 30 days old: in 1 day it begins'],
    [31, 1, 'in 30 days it begins to drop them; to keep them, start VictoriaMetrics with -retentionPeriod=100y'],
    [365, 300, 'in 65 days'],
    [31, 30.5, 'and the oldest expected ones are 30 days old: in less than a day it begins to drop them'],
  ])('%i days kept, %i expected, is reported before', (retained, expected, words) =>
    expect(soon(retained, expected)).toContain(words),
  )

  test.each([
    [31, 31],
    [31, 400],
    [365, 200],
    [36_500, 3_650],
  ])('%i days kept, %i expected, is reported elsewhere or is far off', (retained, expected) =>
    expect(soon(retained, expected)).toBeUndefined(),
  )

  test('nothing, where the store does not say how long it keeps them', () =>
    expect(describeSoonDropped({ expectedFromMs: 0 }, { nowMs: NOW_MS, store: STORE })).toBeUndefined())
})
