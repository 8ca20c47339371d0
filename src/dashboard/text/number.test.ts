import { expect, it } from 'vitest'
import { change, energyText, grouped, powerText, shareText, rounded } from './number.ts'

const plain = (text: string) => text.replaceAll('\u202f', ' ').replaceAll('\u2212', '-')

it.each([
  [417, '417 W'],
  [999.4, '999 W'],
  [999.6, '1.00 kW'],
  [1640, '1.64 kW'],
  [12_345, '12.3 kW'],
  [-4, '-4 W'],
  [-0.3, '0 W'],
  [0, '0 W'],
  [null, '–'],
  [undefined, '–'],
])('%s watts read %s', (watts, text) => expect(plain(powerText(watts))).toBe(text))

it.each([
  [420, '0.42 kWh'],
  [9994, '9.99 kWh'],
  [9996, '10.0 kWh'],
  [65_100, '65.1 kWh'],
  [1_466_000, '1,466 kWh'],
  [0, '0.00 kWh'],
  [null, '–'],
])('%s watt-hours read %s', (wattHours, text) => expect(plain(energyText(wattHours))).toBe(text))

it.each([
  [1_466_000, 1_767_000, '-17 %'],
  [679_000, 567_000, '+20 %'],
  [1004, 1000, '0 %'],
  [3000, 400, 'new'],
  [3, 4, '–'],
  [3000, null, '–'],
])('%s after %s is %s', (now, before, text) => expect(plain(change(now, before))).toBe(text))

it.each([
  [3460, 5100, '68 %'],
  [0, 0, '–'],
  [null, 10, '–'],
])('%s of %s is %s', (part, of, text) => expect(plain(shareText(part, of))).toBe(text))

it('groups thousands', () => {
  expect([rounded(1361.4), rounded(null), grouped(1_234_567.891, 2)]).toEqual(['1,361', '–', '1,234,567.89'])
})
