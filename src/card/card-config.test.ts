import { expect, it } from 'vitest'
import { parseCardConfig } from './card-config.ts'

const parse = (config: unknown) => parseCardConfig(JSON.stringify(config))

it('reads inputs by their channel and leaves out the empty ones', () => {
  const inputs = [null, { channel: 4, name: 'EV charger', type: 'CT', double: true, vref: 2 }]
  expect(parse({ inputs }).inputs).toEqual([
    { channel: 4, name: 'EV charger', type: 'CT', voltageChannel: 2, voltageFactor: 2, reversed: false, phase: 0 },
  ])
})

it('measures a voltage against itself', () => {
  expect(parse({ inputs: [{ channel: 3, name: 'V', type: 'VT' }] }).inputs[0]?.voltageChannel).toBe(3)
})

it.each([
  ['watts', 'Watts'],
  ['KWH', 'kWh'],
  ['parsecs', 'Watts'],
])('takes the units %s for %s', (units, known) => {
  expect(parse({ outputs: [{ name: 'o', units, script: '@1' }] }).outputs[0]?.units).toBe(known)
})

it('knows time zones of half an hour', () => {
  expect(parse({ timezone: 5.5 }).zone).toEqual({ offsetMinutes: 330 })
})

it.each([
  ['{"inputs": [', 'config.txt is not JSON: was it cut off'],
  ['\u0000\u0001', 'config.txt is not JSON: was it cut off'],
  ['', 'config.txt is empty: was it cut off'],
  ['[1,2,3]', 'config.txt is not an IoTaWatt configuration: it is no object'],
  ['{"inputs": 7}', 'config.txt is not an IoTaWatt configuration: found something unknown at inputs'],
  ['{"outputs": [{ "name": 3 }]}', 'found something unknown at outputs[0].name'],
])('says what is wrong with %s', (text, message) => {
  expect(() => parseCardConfig(text)).toThrow(message)
})
