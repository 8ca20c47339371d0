import fc from 'fast-check'
import { expect, it } from 'vitest'
import { fitsPattern } from './label-pattern.ts'
import { labelsFor } from './labels-for.ts'

/** Short, of few letters, so that patterns often fit. */
const few = fc.string({ unit: fc.constantFrom('a', 'b', '.', '🔥', '\n', '/'), maxLength: 8 })
const globs = fc.string({ unit: fc.constantFrom('a', 'b', '.', '🔥', '*', '?'), maxLength: 8 })
const anything = fc.string({ unit: 'binary' })

/** The definition, letter by letter. */
function fits(glob: readonly string[], text: readonly string[]): boolean {
  const [sign, ...rest] = glob
  if (sign === undefined) return text.length === 0
  if (sign === '*') return fits(rest, text) || (text.length > 0 && fits(glob, text.slice(1)))
  return text.length > 0 && (sign === '?' || sign === text[0]) && fits(rest, text.slice(1))
}

it('a glob fits what its definition says', () => {
  fc.assert(
    fc.property(globs, few, (glob, location) => {
      expect(fitsPattern(glob, location)).toBe(fits(Array.from(glob), Array.from(location)))
    }),
    { numRuns: 2000 },
  )
})

it('a glob without signs fits itself alone, whatever is in it', () => {
  fc.assert(
    fc.property(anything, anything, (location, other) => {
      const glob = location.replace(/^\/|[*?]/g, '_')
      expect(fitsPattern(glob, glob)).toBe(true)
      expect(fitsPattern(glob, glob + other)).toBe(other === '')
    }),
  )
})

it('a glob of many stars takes no longer than its length times that of the location', () => {
  const [glob, location] = ['*a'.repeat(1000), 'a'.repeat(100_000)]
  expect(fitsPattern(`${glob}*b`, location)).toBe(false)
  expect(fitsPattern(`${glob}*`, location)).toBe(true)
})

it('an expression that does not come to an end is given up, and named', () => {
  expect(() => fitsPattern('/^(a+)+$/', `${'a'.repeat(100)}b`)).toThrow(/label rule \/\^\(a\+\)\+\$\/ takes too long/)
})

it('the labels are what the rules that match say, in their order, whatever the location', () => {
  const words = fc.dictionary(
    fc.constantFrom('type', 'pair', 'source', 'device', 'location', '__name__'),
    fc.constantFrom('', 'x', 'y'),
  )
  const rules = fc.array(
    fc.record({ match: fc.oneof(globs, fc.constantFrom('/a/', '/^b.$/su', '/A/i')), set: words }),
    {
      maxLength: 6,
    },
  )
  fc.assert(
    fc.property(fc.oneof(few, anything), rules, (location, all) => {
      const expected = new Map([['source', 'iotawatt']])
      for (const { match, set } of all) {
        const [, source, flags] = /^\/(.*)\/(\w*)$/.exec(match) ?? []
        const hit = source ? new RegExp(source, flags).test(location) : fits(Array.from(match), Array.from(location))
        if (hit) for (const [name, value] of Object.entries(set)) expected.set(name, value)
      }
      expected.set('__name__', 'power').set('device', 'd').set('location', location)
      const labels = labelsFor({ metric: 'power', location }, { device: 'd', rules: all })
      expect(labels).toEqual(Object.fromEntries([...expected].filter(([, value]) => value !== '')))
    }),
  )
})
