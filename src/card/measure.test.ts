import { expect, it } from 'vitest'
import { parseFormula } from './formula.ts'
import { emptyRecord, type LogRecord } from './log-record.ts'
import { measure, type MeasureUnit } from './measure.ts'

/** Half an hour at 120 V and 60 Hz; channel 1 draws 300 W of 500 VA, 2 gives back 80 W, 3 is measured at one phase. */
const from: LogRecord = { ...emptyRecord(0), logHours: 10 }
const until: LogRecord = {
  keyS: 1800,
  logHours: 10.5,
  sum1: Float64Array.of(60, 150, -40, 200),
  sum2: Float64Array.of(30, 250, 50, 200),
}
const references = [0, 1, 2, 3].map((channel) => ({ channel: 0, factor: channel === 3 ? 2 : 1 }))

it.each<[string, MeasureUnit, number]>([
  ['@0', 'volts', 120],
  ['@0', 'hz', 60],
  ['@1', 'watts', 300],
  ['@1', 'wh', 150],
  ['@1', 'kwh', 0.15],
  ['@1', 'va', 500],
  ['@1', 'vah', 250],
  ['@1', 'var', 400],
  ['@1', 'varh', 200],
  ['@1', 'pf', 0.6],
  ['@1', 'volts', 120],
  ['@1', 'hz', 60],
  ['@1', 'amps', 500 / 120],
  ['@2', 'watts', -80],
  ['@2', 'pf', -0.8],
  ['@3', 'volts', 240],
  ['@3', 'amps', 400 / 240],
  ['@1+@2', 'watts', 220],
  ['@1+@2', 'pf', 220 / 600],
  ['@4', 'pf', 0],
  ['@1+#1000', 'kwh', 1.15],
  // An input that is not configured has input 0 for its voltage, and no multiplier.
  ['@14', 'volts', 0],
  ['@14', 'amps', 0],
  ['@14', 'hz', 60],
  ['@14', 'watts', 0],
  // Worked out twice, what a bracket cuts off is worth nothing the second time.
  ['@1+@2)*#2', 'watts', 220],
  ['@1+@2)*#2', 'va', 460],
  ['@1+@2)*#2', 'pf', Infinity],
  ['@0', 'var', 0],
  ['@1', 'none', 0],
])('%s in %s is %d', (script, unit, value) => {
  expect(measure(parseFormula(script), { from, until }, { unit, references })).toBeCloseTo(value, 9)
})

it('multiplies before it divides, in single precision as far as the device has it', () => {
  const span = { from: { ...from, sum1: Float64Array.of(0) }, until: { ...until, sum1: Float64Array.of(60.7) } }
  const factor = Math.fround(1.732)
  const volts = measure(parseFormula('@0'), span, { unit: 'volts', references: [{ channel: 0, factor }] })
  expect(volts).toBe((60.7 * factor) / 0.5)
  expect(volts).not.toBe((60.7 * 1.732) / 0.5)
})

it('has no amperes where there was no voltage', () => {
  const dead = { ...until, sum1: Float64Array.of(0, 150) }
  expect(measure(parseFormula('@1'), { from, until: dead }, { unit: 'amps', references })).toBe(0)
})
