import { expect, it } from 'vitest'
import { readKinds, readSeries, withKinds } from './list-channels.ts'

const series = [
  { name: 'voltage', unit: 'Volts' },
  { name: 'main', unit: 'Watts' },
  { name: 'total', unit: 'Watts' },
]

it.each([
  ['inputs and outputs', { inputs: [{}, {}], outputs: [{ name: 'total' }] }, ['input', 'input', 'output']],
  ['no output', { inputs: [{}, {}, {}], outputs: [] }, ['input', 'input', 'input']],
  ['another number of inputs', { inputs: [{}], outputs: [{ name: 'total' }] }, ['unknown', 'unknown', 'unknown']],
  ['other names', { inputs: [{}, {}], outputs: [{ name: 'x' }] }, ['unknown', 'unknown', 'unknown']],
  ['nothing', undefined, ['unknown', 'unknown', 'unknown']],
])('tells inputs from outputs where the status has %s', (_, kinds, expected) => {
  expect(withKinds(series, kinds).map(({ kind }) => kind)).toEqual(expected)
})

it('reads the broken list of a device without channels', () => expect(readSeries('{"series":]}')).toEqual([]))
it('refuses another answer', () => expect(() => readSeries('{"error":"x"}')).toThrow(/not the list/))
it('does without the kinds', () => expect(readKinds('{}')).toBeUndefined())
