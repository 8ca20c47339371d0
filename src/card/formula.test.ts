import { expect, it } from 'vitest'
import { evaluateFormula, parseFormula } from './formula.ts'

const values = [120, 100, -30, 7, 0]

it.each([
  ['@1+@2', 70],
  ['@1-@2', 130],
  ['@1+@2*#2', 140],
  ['@1+(@2*#2)', 40],
  ['@2<#0', -30],
  ['@1<#0', 0],
  ['@2>#0', 0],
  ['(@2<#0)|', 30],
  ['@2|', 30],
  ['@1/@4', 0],
  ['@1/#4', 25],
  ['#0.1*@1', Math.fround(0.1) * 100],
  ['((@1+@2)*(@3-#2))', 350],
  ['@1+!solar', 100],
  ['', 0],
])('%s is %d', (script, result) => {
  expect(evaluateFormula(parseFormula(script), (channel) => values[channel] ?? NaN)).toBe(result)
})

it('takes an operand that is not a number for 0', () => {
  expect(evaluateFormula(parseFormula('@1+@14'), (channel) => values[channel] ?? NaN)).toBe(100)
})
