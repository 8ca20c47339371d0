import { expect, it } from 'vitest'
import { pageSize } from './page-size.ts'

function sizeAfter(...pages: [rowCount: number, tookMs: number][]): number {
  const size = pageSize()
  for (const [rowCount, tookMs] of pages) size.learn(rowCount, tookMs)
  return size.rows()
}

it('starts in the middle', () => expect(sizeAfter()).toBe(500))
it('grows after a quick page', () => expect(sizeAfter([500, 600])).toBe(1000))
it('grows to 1000 rows at most', () => expect(sizeAfter([500, 10], [1000, 10])).toBe(1000))
it('stays where a page takes about a second', () => expect(sizeAfter([500, 1100])).toBe(500))
it('halves after a slow page', () => expect(sizeAfter([500, 1300])).toBe(250))
it('does not shrink below an hour', () => expect(sizeAfter([500, 9e3], [250, 9e3], [125, 9e3], [62, 9e3])).toBe(60))
it('grows back', () => expect(sizeAfter([500, 1300], [250, 300])).toBe(500))
it('learns nothing of a short page that was quick', () => expect(sizeAfter([5, 30])).toBe(500))
it('learns nothing of a short page that was slow', () => expect(sizeAfter([5, 3000])).toBe(500))
