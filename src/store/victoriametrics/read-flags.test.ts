import { expect, test } from 'vitest'
import { DAY_MS } from '../../model/time-window.ts'
import { readDuration, readFacts, readSelectFacts } from './read-flags.ts'

test.each([
  ['0s', 0],
  ['0', 0],
  ['1ms', 1],
  ['60s', 60_000],
  ['1m0s', 60_000],
  ['1h30m', 5_400_000],
  ['1d', DAY_MS],
  ['2w', 14 * DAY_MS],
  ['1M', 31 * DAY_MS],
  ['1.5y', 547.5 * DAY_MS],
  ['forever', undefined],
  ['', undefined],
  [undefined, undefined],
])('the duration %s', (text, expected) => {
  expect(readDuration(text)).toBe(expected)
})

test.each([
  ['1', 31],
  ['12', 372],
  ['90d', 90],
  ['1M', 31],
  ['100y', 36_500],
])('a retention of %s is %d days', (text, days) => {
  expect(readFacts(`flag{name="retentionPeriod", value="${text}", is_set="true"} 1`)?.retentionMs).toBe(days * DAY_MS)
})

test('the metrics of another program tell nothing', () => {
  expect(readFacts('flag{name="httpListenAddr", value=":8427", is_set="false"} 1\nprocess_start_time_seconds 5')).toBe(
    undefined,
  )
})

test.each([
  [0, 8, false],
  [7, 8, false],
  [8, 8, true],
  [undefined, 8, false],
  [1, undefined, false],
])('%s writes at once where %s may be: full is %s', (current, capacity, isFull) => {
  const lines = ['flag{name="retentionPeriod", value="1"} 1']
  if (current !== undefined) lines.push(`vm_concurrent_insert_current ${current}`)
  if (capacity !== undefined) lines.push(`vm_concurrent_insert_capacity ${capacity}`)
  expect(readFacts(lines.join('\n'))?.isFull).toBe(isFull)
})

test('one read-only disk of several is told', () => {
  const lines = ['flag{name="retentionPeriod", value="1"} 1', 'vm_storage_is_read_only{path="a"} 0']
  expect(readFacts([...lines, 'vm_storage_is_read_only{path="b"} 1'].join('\n'))?.readOnly).toBe(true)
  expect(readFacts(lines.join('\n'))?.readOnly).toBe(false)
})

test('a storage node of a cluster is a part of it', () => {
  const single = 'flag{name="retentionPeriod", value="1"} 1'
  expect(readFacts(single)?.isPart).toBe(false)
  expect(readFacts(`${single}\nflag{name="vmselectAddr", value=":8401", is_set="false"} 1`)?.isPart).toBe(true)
})

test.each([
  ['1', '', 1],
  ['2', '', 2],
  ['a:1,b:3', '', 3],
  ['1', 'globalReplicationFactor', 4],
])('a vmselect with -replicationFactor=%s %s', (factor, other, replicationFactor) => {
  const lines = [
    'flag{name="search.denyPartialResponse", value="false", is_set="false"} 1',
    'flag{name="dedup.minScrapeInterval", value="1ms", is_set="true"} 1',
    `flag{name="replicationFactor", value="${factor}", is_set="true"} 1`,
    ...(other ? [`flag{name="${other}", value="4", is_set="true"} 1`] : []),
  ]
  expect(readSelectFacts(lines.join('\n'))).toEqual({ dedupIntervalMs: 1, replicationFactor })
  expect(readSelectFacts(lines.slice(1).join('\n'))).toBe(undefined)
})
