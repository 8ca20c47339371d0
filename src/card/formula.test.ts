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
  // A mark that the firmware does not know makes the formula worth 0.
  ['@1 + @2', 0],
  ['@1+x', 0],
  ['@1,@2', 0],
  ['@x', 0],
  ['#2q*@1', 0],
  // A number is read as C does.
  ['@ 1', 100],
  ['@+1', 100],
  ['@-1+@1', 100],
  ['@', 120],
  ['@1*#0x10', 1600],
  ['@1*#0x1p-1', 50],
  ['@1*#', 0],
  ['@1*# 2', 200],
  ['@1*#.5', 50],
  ['@1<#inf', 100],
  ['@1+#nan', 100],
  ['@1+~0', 100],
  ['@1@3', 7],
  // What follows an equals sign, or a bracket that was never opened, is not reached.
  ['@1=@2', 100],
  ['=@1', 0],
  ['@1+@2)*#2', 70],
  // A bracket that is not closed counts twice but for its first mark.
  ['(@1+@2', 40],
  ['(@1', 100],
  ['@1+(', 0],
  ['@1+(=@2', 0],
  ['(@1=@2)', 100],
  ['((@1+@2', 70],
  ['()+@1', 100],
])('%s is %d', (script, result) => {
  expect(evaluateFormula(parseFormula(script), (channel) => values[channel] ?? NaN)).toBe(result)
})

it('takes an operand that is not a number for 0', () => {
  expect(evaluateFormula(parseFormula('@14+@1'), (channel) => values[channel] ?? NaN)).toBe(100)
})
