import fc from 'fast-check'
import { expect, it } from 'vitest'
import { nthSmallest } from './find-highlights.ts'

it('finds what stands at a rank, equal values and sorted ones too', () => {
  const few = fc.integer({ min: -3, max: 3 })
  const any = fc.float({ noNaN: true, noDefaultInfinity: true })
  const values = fc.oneof(fc.array(few, { minLength: 1 }), fc.array(any, { minLength: 1 }))
  fc.assert(
    fc.property(values, fc.nat(), fc.boolean(), (given, chosen, isSorted) => {
      const sorted = Float32Array.from(given).sort()
      const rank = chosen % given.length
      expect(nthSmallest(isSorted ? sorted.slice() : Float32Array.from(given), rank) + 0).toBe((sorted[rank] ?? 0) + 0)
    }),
  )
})
