import { expect, it } from 'vitest'
import { batchSize, steadyRows } from './batch-size.ts'

function sizeAfter(...batches: [rowCount: number, tookMs: number][]): number {
  const size = batchSize()
  for (const [rowCount, tookMs] of batches) size.learn(rowCount, tookMs)
  return size.rows()
}

it('starts with what a slow device answers in a second and a half', () => expect(sizeAfter()).toBe(250))
it('grows after a quick batch', () => expect(sizeAfter([250, 600])).toBe(500))
it('grows by four after a very quick one', () => expect(sizeAfter([250, 300])).toBe(1000))
it('grows to 1000 rows at most', () => expect(sizeAfter([250, 10], [1000, 10])).toBe(1000))
it('stays where a batch takes about a second', () => expect(sizeAfter([250, 1100])).toBe(250))
it('halves after a slow batch', () => expect(sizeAfter([250, 1300])).toBe(125))
it('does not shrink below an hour', () => expect(sizeAfter([250, 9e3], [125, 9e3], [62, 9e3])).toBe(60))
it('grows back', () => expect(sizeAfter([250, 1300], [125, 400])).toBe(250))
it('learns nothing from a short batch that was quick', () => expect(sizeAfter([5, 30])).toBe(250))
it('learns nothing from a short batch that was slow', () => expect(sizeAfter([5, 3000])).toBe(250))
it.each([
  [0.5, 1000],
  [1, 1000],
  [2, 500],
  [4, 250],
  [8, 125],
  [90, 60],
])('converges, at %d ms per row, to %d rows', (rowMs, rows) => expect(steadyRows(rowMs)).toBe(rows))
