import { expect, it } from 'vitest'
import { findFormula, listCardChannels, parseCardConfig } from './card-config.ts'

const parse = (config: unknown) => parseCardConfig(JSON.stringify(config))
const inputs = (...list: readonly unknown[]) => parse({ inputs: list }).inputs
const input = (fields: object) => inputs({ channel: 0, name: 'x', type: 'CT', ...fields })[0] ?? expect.unreachable()

it('reads inputs by their place and leaves out the empty ones', () => {
  expect(inputs(null, { channel: 1, name: 'EV charger', type: 'CT', double: true, vchan: 2, phase: 0.5 })).toEqual([
    { channel: 1, name: 'EV charger', type: 'CT', voltageChannel: 2, voltageFactor: 2, reversed: false, phase: 0.5 },
  ])
})

it('skips an input that is not at its place, and what comes after the last', () => {
  const named = (channel: number) => ({ channel, name: `in${channel}`, type: 'CT' })
  expect(inputs(named(1), named(1), 7, 'x').map(({ name }) => name)).toEqual(['in1'])
  expect(inputs(...Array.from({ length: 17 }, (_, channel) => named(channel)))).toHaveLength(15)
})

it.each([
  ['a voltage against itself', { type: 'VT', vref: 3 }, 0],
  ['a current without one against the first', {}, 0],
  ['a current by vchan', { vchan: 3 }, 3],
  ['a current by vchan alone', { vref: 2 }, 0],
  ['a current by vchan where both are there', { vref: 2, vchan: 3 }, 3],
  ['a current by vchan in quotes', { vchan: '3' }, 3],
])('measures %s', (_, fields, channel) => expect(input(fields).voltageChannel).toBe(channel))

it.each([
  // The device multiplies by tenths in single precision, which is not always the number nearest to the text.
  ['1.732', 1.731999874114990234375],
  ['"1.732"', 1.731999874114990234375],
  ['2', 2],
  ['true', 1],
  ['1.5e2', 150],
  ['0.333333333', 0.333333283662796],
  ['12345678', 12_345_670],
  ['null', NaN],
])('a multiplier of %s', (vmult, factor) => {
  const text = `{"inputs":[{"channel":0,"name":"x","type":"CT","vmult":${vmult}}]}`
  expect(parseCardConfig(text).inputs[0]?.voltageFactor).toBe(factor)
})

it.each([
  [true, 2],
  ['true', 1],
  [1, 1],
  [null, 1],
])('double: %j', (double, factor) => expect(input({ double }).voltageFactor).toBe(factor))

it('an input of another type can be asked for, and is not listed', () => {
  const config = parse({ inputs: [{ channel: 0, name: 'x', type: 'XX', double: true, vmult: 3 }] })
  expect(config.inputs[0]).toMatchObject({ type: 'unknown', voltageFactor: 3 })
  expect(listCardChannels(config)).toEqual([])
  expect(findFormula(config, 'x')).toBeDefined()
})

it('names are what stands there: a number as it is written, no escapes by code', () => {
  const names = (text: string) =>
    parseCardConfig(`{"inputs":[{"channel":0,"type":"CT","name":${text}}]}`).inputs[0]?.name
  expect(names('7.50')).toBe('7.50')
  expect(names('"caf\\u00e9 \\"a\\" \\x"')).toBe('cafu00e9 "a" x')
})

it('what has no name is listed as the device prints it, and cannot be asked for', () => {
  const config = parse({ inputs: [{ channel: 0, name: null, type: 'CT' }], outputs: [{ script: '@0' }] })
  const channels = listCardChannels(config)
  expect(channels).toEqual([
    { name: '(null)', unit: 'Watts', kind: 'input', problem: expect.stringContaining('no name') },
  ])
  expect(findFormula(config, '(null)')).toBeUndefined()
})

it.each([
  ['watts', 'Watts'],
  ['KWH', 'kWh'],
  ['parsecs', 'Watts'],
  [3, 'Watts'],
])('takes the units %s for %s', (units, known) => {
  expect(parse({ outputs: [{ name: 'o', units, script: '@1' }] }).outputs[0]?.units).toBe(known)
})

it.each([
  [5.5, 330],
  ['5.5', 330],
  // Of a number in single precision, cut to full minutes.
  [5.51, 330],
  [-3.51, -210],
  [null, 0],
])('a time zone of %j is %d minutes', (timezone, offsetMinutes) => {
  expect(parse({ timezone }).zone).toEqual({ offsetMinutes })
})

it.each([
  [null, undefined],
  ['x', undefined],
  [
    { adj: 60, utc: 'true', begin: { month: 3 } },
    { shiftMinutes: 60, utc: true },
  ],
  [
    { adj: '30', utc: 0 },
    { shiftMinutes: 30, utc: false, end: { month: 0, weekday: 0, instance: 0, timeMinutes: 0 } },
  ],
])('a rule %j', (dstrule, daylight) => {
  const rule = parse({ dstrule }).zone.daylight
  if (daylight === undefined) expect(rule).toBeUndefined()
  else expect(rule).toMatchObject(daylight)
})

it('what stands behind its end is not read', () => {
  expect(parseCardConfig('{"device":{"name":"a"}} rest {').deviceName).toBe('a')
})

it.each([
  ['{"inputs": [', 'config.txt is not JSON: was it cut off'],
  ['\u0000\u0001', 'config.txt is not JSON: was it cut off'],
  ['', 'config.txt is empty: was it cut off'],
  ['[1,2,3]', 'config.txt is not an IoTaWatt configuration: it is no object'],
  ['{"inputs": 7}', 'config.txt is not an IoTaWatt configuration: inputs is no list'],
])('says what is wrong with %s', (text, message) => {
  expect(() => parseCardConfig(text)).toThrow(message)
})
