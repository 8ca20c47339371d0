import { expect, it } from 'vitest'
import type { Labels } from '../model/series.ts'
import { checkBatch } from './check-batch.ts'

const power: Labels = { __name__: 'power' }
const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`l${index}`, 'x']))
const check = (labels: Labels) => checkBatch([{ labels, timestampsMs: [0], values: [1] }])

it.each<[string, Labels, Labels]>([
  ['a separator of VictoriaMetrics', { location: 'a\u0003' }, { location: 'a\u0002' }],
  ['a lone surrogate', { location: '\u{1f50c}' }, { location: '\ud83d' }],
  ['more labels than are kept', many(29), many(30)],
  ['a value that would be cut off', { location: 'ü'.repeat(2048) }, { location: `${'ü'.repeat(2048)}x` }],
  ['a name that would be cut off', { ['n'.repeat(256)]: 'x' }, { ['n'.repeat(257)]: 'x' }],
])('refuses %s, and nothing before it', (_, kept, refused) => {
  expect(() => check({ ...power, ...kept })).not.toThrow()
  expect(() => check({ ...power, ...refused })).toThrow(/^not written: /)
})
