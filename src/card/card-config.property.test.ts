import fc from 'fast-check'
import { expect, it } from 'vitest'
import { bodiesLike } from '../../test/damage.ts'
import { findFormula, listCardChannels, parseCardConfig } from './card-config.ts'
import { evaluateFormula, parseFormula } from './formula.ts'
import { emptyRecord } from './log-record.ts'
import { compileMeasure, type MeasureUnit, voltageReferences } from './measure.ts'
import { roundAsPrinted } from './read-columns.ts'

const CONFIG = {
  timezone: -5,
  dstrule: {
    adj: 60,
    utc: false,
    begin: { month: 3, weekday: 1, instance: 2, time: 120 },
    end: { month: 11, weekday: 1, instance: 1, time: 120 },
  },
  device: { name: 'House' },
  inputs: [
    { channel: 0, name: 'V', type: 'VT' },
    null,
    { channel: 2, name: 'Mains', type: 'CT', vref: 0, double: true },
  ],
  outputs: [{ name: 'Total', units: 'Watts', script: '(@2-#1.5)|' }],
}
const UNITS: readonly MeasureUnit[] = [
  'watts',
  'volts',
  'wh',
  'kwh',
  'amps',
  'va',
  'vah',
  'hz',
  'pf',
  'var',
  'varh',
  'none',
]
const sums = fc.float64Array({ minLength: 15, maxLength: 15, noNaN: true })

it('whatever is in config.txt, it is refused in words, or all that it lists can be measured', () => {
  fc.assert(
    fc.property(bodiesLike(CONFIG), sums, sums, (text, sum1, sum2) => {
      const config = parsed(text)
      if (config === undefined) return
      const references = voltageReferences(config)
      const span = { from: emptyRecord(60), until: { keyS: 120, logHours: 1 / 60, sum1, sum2 } }
      for (const { name } of listCardChannels(config))
        for (const unit of UNITS) {
          const value = compileMeasure(findFormula(config, name) ?? parseFormula(''), { unit, references })(span)
          expect(value).not.toBeNaN()
          expect(roundAsPrinted(value, 2)).not.toBeNaN()
        }
    }),
  )
})

function parsed(text: string) {
  try {
    return parseCardConfig(text)
  } catch (error) {
    expect(String(error)).toMatch(/^Error: config\.txt is (empty|not JSON|not an IoTaWatt configuration)/)
    return undefined
  }
}

type Tree = { readonly text: string; readonly value: number }
const VALUES = [120, 100, -30, 7, 0]

/** Formulas with what they come to, worked out as they are made. */
const formulas = fc.letrec<{ operand: Tree; chain: Tree }>((tie) => ({
  operand: fc.oneof(
    { depthSize: 'small' },
    fc.nat(4).map((channel) => ({ text: `@${channel}`, value: VALUES[channel]! })),
    fc
      .double({ min: -1e3, max: 1e3, noNaN: true })
      .map((constant) => ({ text: `#${constant}`, value: Math.fround(constant) })),
    fc.tuple(tie('chain'), fc.constantFrom('', '|')).map(([{ text, value }, mark]) => ({
      text: `(${text})${mark}`,
      value: mark === '' ? value : Math.abs(value),
    })),
  ),
  chain: fc
    .tuple(
      tie('operand'),
      fc.array(fc.tuple(fc.constantFrom('+', '-', '*', '/', '<', '>'), tie('operand')), { maxLength: 5 }),
    )
    .map(([first, rest]) =>
      rest.reduce(
        (left, [operator, right]) => ({
          text: left.text + operator + right.text,
          value: joined(left.value, operator, right.value),
        }),
        first,
      ),
    ),
}))

function joined(left: number, operator: string, right: number): number {
  if (operator === '+') return left + right
  if (operator === '-') return left - right
  if (operator === '*') return left * right
  if (operator === '/') return right === 0 ? 0 : left / right
  return operator === '<' ? Math.min(left, right) : Math.max(left, right)
}

it('a formula is worked out strictly from left to right', () => {
  fc.assert(
    fc.property(formulas.chain, ({ text, value }) => {
      // Adding 0 makes -0 a 0, and what is not a number stands for none.
      expect(evaluateFormula(parseFormula(text), (channel) => VALUES[channel] ?? NaN) + 0).toBe(value + 0)
    }),
  )
})

it('whatever a formula says, it comes to a number or none', () => {
  const signs = fc.array(
    fc.constantFrom('@', '#', '!', '(', ')', '|', '+', '-', '*', '/', '<', '>', '1', '.', 'e', ' ', 'x'),
    { maxLength: 60 },
  )
  fc.assert(
    fc.property(
      fc.oneof(
        signs.map((list) => list.join('')),
        fc.string({ unit: 'binary' }),
      ),
      (script) => {
        expect(typeof evaluateFormula(parseFormula(script), (channel) => channel - 7)).toBe('number')
      },
    ),
  )
})

it('a formula of more brackets than the device has memory for comes to nothing, and at once', () => {
  for (const count of [100_000, 100, 30])
    expect(evaluateFormula(parseFormula(`${'('.repeat(count)}@1+@1`), () => 5)).toBe(0)
  const closed = `${'('.repeat(100)}@1${')'.repeat(100)}`
  expect(evaluateFormula(parseFormula(closed), () => 5)).toBe(5)
})
