import { expect, test } from 'vitest'
import { loadText, mistakesIn } from '../../test/test-config.ts'
import { devicesOfShard, readShard } from './shard.ts'

const FLEET = Array.from({ length: 1000 }, (_, place) => ({ name: `house ${place}` }))

/** `name → shard`, where each has one. */
function shardsOf(count: number): Map<string, number> {
  const shards = Array.from({ length: count }, (_, place) => place + 1)
  const owned = shards.flatMap((index) =>
    devicesOfShard(FLEET, { index, count }).map(({ name }) => [name, index] as const),
  )
  expect(owned.map(([name]) => name).toSorted()).toEqual(FLEET.map(({ name }) => name).toSorted())
  return new Map(owned)
}

test.each([1, 2, 3, 5])(
  'of %i shards each has its share, and one more takes its own share and moves no other',
  (count) => {
    const before = shardsOf(count)
    const after = shardsOf(count + 1)
    const moved = FLEET.filter(({ name }) => before.get(name) !== after.get(name))
    expect(new Set(moved.map(({ name }) => after.get(name)))).toEqual(new Set([count + 1]))
    const share = FLEET.length / (count + 1)
    expect(Math.abs(moved.length - share)).toBeLessThan(share / 5)
  },
)

test('a device stays with its shard in later versions', () => {
  const devices = ['iwatt5', 'iwatt6', 'garage', 'Küche'].map((name) => ({ name }))
  const owned = [1, 2, 3].map((index) => devicesOfShard(devices, { index, count: 3 }).map(({ name }) => name))
  expect(owned).toEqual([['iwatt6', 'Küche'], ['iwatt5', 'garage'], []])
})

test.each([
  ['1/1', { index: 1, count: 1 }],
  ['3/3', { index: 3, count: 3 }],
  ['iotawatt-sync-0/3', { index: 1, count: 3 }],
  ['iotawatt-sync-2/3', { index: 3, count: 3 }],
])('%s is a shard', (text, value) => expect(readShard(text)).toEqual({ value }))

test.each(['0/3', '4/3', 'a', '1', '1/0', '-1/3', '1/3/3', 'pod-3/3', '1/1001', '1 / 3', ''])(
  'no shard: "%s"',
  (text) => expect(readShard(text)).toHaveProperty('expected'),
)

const DEVICES =
  'devices: [{ name: iwatt5, url: http://a }, { name: iwatt6, url: http://b }, { name: garage, url: http://c }]\n'

test('a process has the devices of its shard, from the file or the environment', async () => {
  const namesOf = async (text: string, env = {}) =>
    (await loadText(text, { env })).config.devices.map(({ name }) => name)
  const shards = await Promise.all([1, 2].map((index) => namesOf(`${DEVICES}shard: ${index}/2\n`)))
  expect(shards.flat().toSorted()).toEqual(['garage', 'iwatt5', 'iwatt6'])
  expect(await namesOf(DEVICES, { IOTAWATT_SYNC_SHARD: 'iotawatt-sync-1/2' })).toEqual(shards[1])
})

test('mistakes in devices of other shards are mistakes', async () => {
  for (const index of [1, 2])
    expect((await mistakesIn(`${DEVICES.replace('http://c', 'http://a')}shard: ${index}/2\n`)).join()).toContain(
      'devices[2].url',
    )
})

test('a wrong shard is named with where it came from', async () => {
  expect((await mistakesIn(`${DEVICES}shard: 4/3\n`)).join()).toContain(
    'c.yaml:2:8 shard: found "4/3"; expected which shard',
  )
})
