import { expect, it } from 'vitest'
import { MAX_CHANNELS, readKinds, readSeries, withKinds } from './list-channels.ts'

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
it('counts inputs whose readings are no numbers', () =>
  expect(readKinds('{"inputs":[{"Vrms":119.8},{"Watts":" 0","Pf":NaN,"lastphase":-nan}],"outputs":[]}')).toEqual({
    inputs: [expect.anything(), expect.anything()],
    outputs: [],
  }))
it('does without the kinds', () => expect(readKinds('{}')).toBeUndefined())

it.each([
  ['EV charger', undefined],
  ['\u200fמטבח', undefined],
  ['x'.repeat(100), undefined],
  ['x'.repeat(101), 'its name is longer than 100 characters'],
  ['a.b', 'a dot or a comma in its name ends it in the query'],
  ['\u001b[2J', 'its name has a control character'],
])('keeps the name %j where it can be asked for, and else says why not', (name, problem) => {
  const [channel] = readSeries(JSON.stringify({ series: [{ name, unit: 'Watts' }] }))
  expect(channel?.problem).toBe(problem)
  if (problem === undefined) expect(channel?.name).toBe(name)
})

it('takes as many channels as may be, and not one more', () => {
  const list = (length: number) =>
    readSeries(JSON.stringify({ series: Array.from({ length }, (_, index) => ({ name: `c${index}`, unit: 'Watts' })) }))
  expect(list(MAX_CHANNELS)).toHaveLength(MAX_CHANNELS)
  expect(() => list(MAX_CHANNELS + 1)).toThrow('201 channels, where 200 are the most')
})
