import { expect } from 'vitest'

/** Thousands of samples, `[atMs, value]`, of which Vitest would look at the keys of each. Where they differ, it does so. */
expect.addEqualityTesters([(a: unknown, b: unknown) => (areEqual(a, b, areEqualRows) ? true : undefined)])

function areEqual(a: unknown, b: unknown, areEqualItems: (a: unknown, b: unknown) => boolean): boolean {
  return (
    Array.isArray(a) &&
    Array.isArray(b) &&
    a.length === b.length &&
    a.every((item, index) => areEqualItems(item, b[index]))
  )
}

const areEqualRows = (a: unknown, b: unknown) => Object.is(a, b) || areEqual(a, b, Object.is)
