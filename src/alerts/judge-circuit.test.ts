import { expect, test } from 'vitest'
import { MINUTE_MS } from '../model/time-window.ts'
import { judgeCircuit } from './judge-circuit.ts'

/** `3×100 1×-`: three minutes of 100 W, then one that is not stored. */
const minutes = (text: string) =>
  Float32Array.from(
    text.split(' ').flatMap((part) => {
      const [count, value] = part.split('×')
      return Array.from({ length: Number(count) }, () => (value === '-' ? NaN : Number(value)))
    }),
  )

test.each([
  ['a freezer that draws nothing', 'below', 60, '120×0', true],
  ['one minute is missing of the time', 'below', 60, '59×0', undefined],
  ['the limit itself is not below', 'below', 60, '120×5', false],
  ['it drew once within the time', 'below', 60, '100×0 1×60 59×0', false],
  ['it drew once before', 'below', 60, '100×0 1×60 60×0', true],
  ['it draws again', 'below', 60, '100×0 1×60', false],
  ['minutes that are not stored do not count', 'below', 60, '30×0 60×- 30×0', true],
  ['so they do not make up the time', 'below', 60, '30×0 90×- 29×0', undefined],
  ['nothing is stored', 'below', 60, '120×-', undefined],
  ['nothing new is stored', 'below', 60, '60×0 60×-', true],
  ['an oven', 'above', 180, '200×2000', true],
  ['its thermostat pauses', 'above', 180, '90×2000 15×0 75×2000', true],
  ['it paused for longer', 'above', 180, '90×2000 16×0 90×2000', false],
  ['it was on just as long, and pauses', 'above', 180, '180×2000 15×0', true],
  ['a pause at the end is not time', 'above', 180, '170×2000 15×0', undefined],
  ['it is off', 'above', 180, '200×2000 16×0', false],
  ['a pause with minutes that are not stored in it', 'above', 180, '90×2000 15×0 30×- 75×2000', true],
  ['a single minute is enough', 'above', 1, '5×0 1×2000', true],
  ['and over after a single one', 'above', 1, '5×2000 1×0', false],
] as const)('%s', (_, side, forMinutes, text, holds) => {
  const rule = { circuit: 'x', side, watts: side === 'below' ? 5 : 100, forMs: forMinutes * MINUTE_MS }
  expect(judgeCircuit(rule, minutes(text)).holds).toBe(holds)
})

test('it is told since when', () => {
  const rule = { circuit: 'x', side: 'above', watts: 100, forMs: 10 * MINUTE_MS } as const
  expect(judgeCircuit(rule, minutes('5×0 12×200 1×- 2×0')).ago).toBe(15)
})
