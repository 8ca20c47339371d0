import fc from 'fast-check'
import { expect, it } from 'vitest'
import { MAX_MESSAGE, printable, printableMessage, printableName } from './printable.ts'

it.each([
  ['\u001b[2J', '\\u001b[2J'],
  ['\u009b31m', '\\u009b31m'],
  ['a\rb\u0000\u0007\u007f', 'a\\u000db\\u0000\\u0007\\u007f'],
  ['\u202egnp.exe', '\\u202egnp.exe'],
  ['\u2066x\u2069\u200f\ufeff\u200b', '\\u2066x\\u2069\\u200f\\ufeff\\u200b'],
  ['\u2028\u{e0041}', '\\u2028\\udb40\\udc41'],
  ['\ud800', '\\ud800'],
  ['two\nlines', 'two\nlines'],
  ['Wärmepumpe 电 👨‍👩‍👧', 'Wärmepumpe 电 👨‍👩‍👧'],
])('%j is shown as %j', (text, shown) => {
  expect(printable(text)).toBe(shown)
})

it('leaves JSON what it is, in one line', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const shown = printable(JSON.stringify({ text }))
      expect(JSON.parse(shown)).toEqual({ text })
      expect(shown).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u)
    }),
  )
})

it('a name has one line and an end', () => {
  expect(printableName('a\n[12:00] INFO: b')).toBe('a\\u000a[12:00] INFO: b')
  expect(printableName('x'.repeat(100))).toBe('x'.repeat(100))
  expect(printableName('x'.repeat(101))).toBe(`${'x'.repeat(100)}…`)
})

it('a message has an end', () => {
  expect(printableMessage('x'.repeat(MAX_MESSAGE))).toHaveLength(MAX_MESSAGE)
  expect(printableMessage('x'.repeat(MAX_MESSAGE + 1))).toBe(`${'x'.repeat(MAX_MESSAGE)}…`)
})
