import { expect, it } from 'vitest'
import type { Power } from '../api/answers.ts'
import type { Group } from '../page/colours.ts'
import { pickedLines, readChosen, stackLayers, toggle, withOwnHues } from './lanes.ts'

const circuit = (id: string, group: string) => ({
  id,
  name: id,
  device: 'd',
  group,
  token: group,
  colour: `tint ${id}`,
})
const groups: readonly Group[] = [
  { name: 'heat', token: 'heat', circuits: [circuit('a', 'heat'), circuit('b', 'heat')] },
  { name: 'work', token: 'work', circuits: [circuit('c', 'work')] },
]
const none = [0, 0, 0]
const power: Power = {
  fromMs: 0,
  untilMs: 3,
  step: 'minute',
  stepMs: 1,
  house: { house: [10, 10, 10], solar: none, used: none, fromGrid: none, toGrid: none, unmetered: [2, -1, null] },
  channels: { a: [1, 2, 3], b: [4, 5, null], c: [3, 4, 5] },
}

it('stacks Unmetered, then the groups, the first on top; never below zero, and without what is not known', () => {
  expect(stackLayers(power, groups, undefined)).toEqual([
    { name: 'Unmetered', fill: 'hatch', tops: [2, 0, null] },
    { name: 'work', fill: 'var(--work)', tops: [5, 4, 5] },
    { name: 'heat', fill: 'var(--heat)', tops: [10, 11, 8] },
  ])
})

it('leaves the lanes of a device that is off out, and keeps those of others', () => {
  const off = { ...power, channels: { a: [1, 2, 3], b: [4, 5, 6], c: [3, null, null] } }
  expect(stackLayers(off, groups, undefined).map(({ name, tops }) => [name, tops])).toEqual([
    ['Unmetered', [2, 0, null]],
    ['work', [5, null, null]],
    ['heat', [10, 7, 9]],
  ])
  const nothing = { ...power, house: { ...power.house, unmetered: [null, null, null] } }
  expect(stackLayers(nothing, groups, undefined).map(({ name }) => name)).toEqual(['work', 'heat'])
})

it('stacks what is on, without Unmetered', () => {
  expect(stackLayers(power, groups, new Set(['a', 'c'])).map(({ tops }) => tops)).toEqual([
    [3, 4, 5],
    [4, 6, 8],
  ])
})

it.each([
  ['one off', undefined, ['a'], 'b,c'],
  ['a group off', undefined, ['a', 'b'], 'c'],
  ['the last stays', new Set(['c']), ['c'], 'c'],
  ['all on again', new Set(['b', 'c']), ['a'], 'all'],
  ['a mixed group on', new Set(['a', 'c']), ['a', 'b'], 'all'],
])('%s', (_, chosen, ids, expected) => {
  const after = toggle(chosen, ids, ['a', 'b', 'c'])
  expect(after === undefined ? 'all' : [...after].join(',')).toBe(expected)
})

it('reads the address, and leaves out what is no channel', () => {
  expect([...(readChosen(new URLSearchParams('ch=a,x'), groups) ?? [])]).toEqual(['a'])
  const commas = [{ name: 'heat', token: 'heat', circuits: ['a', 'a,b', 'b'].map((id) => circuit(id, 'heat')) }]
  expect([...(readChosen(new URLSearchParams('ch=a,b,a'), commas) ?? [])]).toEqual(['a,b', 'a'])
  expect(readChosen(new URLSearchParams('ch=x'), groups)).toBeUndefined()
  expect(readChosen(new URLSearchParams(), groups)).toBeUndefined()
})

it('draws the second line of a hue dashed', () => {
  expect(pickedLines(power, groups, new Set(['a', 'b', 'c']))?.map(({ id, isDashed }) => [id, isDashed])).toEqual([
    ['a', false],
    ['b', true],
    ['c', false],
  ])
  expect(pickedLines(power, groups, undefined)).toBeUndefined()
})

it('stacks the circuits of a house without groups one by one, each in a hue of its own', () => {
  const other: readonly Group[] = [
    { name: 'Other', token: 'g1', circuits: ['a', 'b', 'c'].map((id) => circuit(id, 'g1')) },
  ]
  expect(withOwnHues(groups)).toBe(groups)
  const own = withOwnHues(other)
  expect(stackLayers(power, own, undefined).map(({ name, fill }) => [name, fill])).toEqual([
    ['Unmetered', 'hatch'],
    ['c', 'var(--g3)'],
    ['b', 'var(--g2)'],
    ['a', 'var(--g1)'],
  ])
  expect(pickedLines(power, own, new Set(['a', 'b']))?.map(({ colour }) => colour)).toEqual(['var(--g1)', 'var(--g2)'])
})
