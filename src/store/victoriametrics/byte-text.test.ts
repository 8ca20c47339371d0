import fc from 'fast-check'
import { expect, it } from 'vitest'
import { byteText } from './byte-text.ts'

const decimals = fc
  .tuple(fc.integer({ min: -1e12, max: 1e12 }), fc.integer({ min: 0, max: 6 }))
  .map(([units, places]) => units / 10 ** places)

it.each([
  ['any double', fc.double()],
  ['decimals', decimals],
  ['integers', fc.maxSafeInteger()],
])('writes numbers as they are joined: %s', (_, numbers) => {
  fc.assert(
    fc.property(fc.array(numbers, { maxLength: 50 }), (list) => {
      const text = byteText()
      text.addNumbers(list, 1, list.length)
      expect(text.take().toString()).toBe(list.slice(1).join(','))
    }),
    { numRuns: 1000 },
  )
})

it('takes what was added since, however long', () => {
  const text = byteText()
  text.add('{"location":"Kühlschrank €"}')
  expect(text.take().toString()).toBe('{"location":"Kühlschrank €"}')
  const list = Array.from({ length: 300_000 }, (_, index) => 1_717_199_700_000 + index * 60_000)
  text.addNumbers(list, 0, list.length)
  text.add(']')
  expect(text.take().toString()).toBe(`${list.join(',')}]`)
  expect(text.take().length).toBe(0)
})
