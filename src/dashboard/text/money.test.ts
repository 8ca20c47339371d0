import { expect, it } from 'vitest'
import { axisMoneyTexts, lineName, moneyText, percentText, priceText } from './money.ts'

it.each([
  [12.345, 'USD', '$12.35'],
  [-1234.5, 'EUR', '−€1,234.50'],
  [-0.001, 'EUR', '€0.00'],
  [1234.5, 'JPY', '¥1,235'],
  [0.0345, 'KWD', 'KWD\u00a00.035'],
  [null, 'EUR', '–'],
])('%s %s is written %s', (amount, currency, text) => {
  expect(moneyText(amount, currency)).toBe(text)
})

it.each([
  [0.31, '€0.31/kWh'],
  [0.3, '€0.30/kWh'],
  [0.28125, '€0.28125/kWh'],
  [-0.05, '−€0.05/kWh'],
  [null, '–'],
])('a price of %s is written %s', (price, text) => {
  expect(priceText(price, 'EUR')).toBe(text)
})

it('writes marks of an axis without cents that are none', () => {
  expect(axisMoneyTexts([-5, 0, 5], 'USD')).toEqual(['−$5', '$0', '$5'])
  expect(axisMoneyTexts([0, 2.5], 'USD')).toEqual(['$0.00', '$2.50'])
})

it('tells a change in percent where both are paid', () => {
  expect([percentText(12, 10), percentText(9, 10), percentText(-1, 10), percentText(1, 0)]).toEqual([
    '+20\u202f%',
    '−10\u202f%',
    '–',
    '–',
  ])
})

it('calls a line as the tariff does, and what it does not name in the language of the page', () => {
  expect(lineName({ kind: 'import', name: 'On-peak' })).toBe('On-peak')
  expect(lineName({ kind: 'import', name: 'Import' })).toBe('From the grid')
  expect(lineName({ kind: 'demand', name: 'constructor' })).toBe('constructor')
})
