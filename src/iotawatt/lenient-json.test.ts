import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isNoNumber, parseLenientJson } from './answer-problem.ts'

it.each([
  ['{"Pf":NaN,"lastphase":-Infinity}', { Pf: 'NaN', lastphase: '-Infinity' }],
  ['[1,nan,-nan,inf,-inf,ovf]', [1, 'nan', '-nan', 'inf', '-inf', 'ovf']],
  ['{"name":"NaN, \\"inf\\" and Infinity","x":nan}', { name: 'NaN, "inf" and Infinity', x: 'nan' }],
  ['{"infinite":1,"nano":nan}', { infinite: 1, nano: 'nan' }],
  ['{"SSID":"a\u0007b"}', { SSID: 'a b' }],
])('reads %s', (text, value) => expect(parseLenientJson(text)).toEqual(value))

it.each(['', '{', '{"a":}', '{"a":NaN', '[nan', '{"a":N aN}', '"unclosed NaN', 'nano'])('refuses %j', (text) =>
  expect(() => parseLenientJson(text)).toThrow(SyntaxError),
)

it('reads what is JSON as it is', () =>
  fc.assert(
    fc.property(fc.json(), (text) => {
      expect(parseLenientJson(text)).toEqual(JSON.parse(text))
    }),
  ))

describe('a value that is no number', () => {
  it.each(['NaN', '-nan', 'inf', '-Infinity'])('%s is', (text) => expect(isNoNumber(text)).toBe(true))
  it.each(['', '1', 'infinite', null, 1])('%j is not', (value) => expect(isNoNumber(value)).toBe(false))
})
