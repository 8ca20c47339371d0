import { expect, it } from 'vitest'
import { HATCH } from '../chart/lines.tsx'
import { layOutFlow } from './flow-layout.ts'

const use = (name: string, watts: number) => ({ name, watts, fill: name === 'Unmetered' ? HATCH : name })
const uses = [use('Heating', 900), use('Work', 600), use('Garage', 1), use('Rooms', 0), use('Unmetered', 139)]
const sunny = { solar: 5100, fromGrid: 0, house: 1640, toGrid: 3460, uses }
const night = { solar: 0, fromGrid: 1640, house: 1640, toGrid: 0, uses }

it.each([
  ['by day', sunny],
  ['by night', night],
  ['in the morning', { ...night, solar: 400, fromGrid: 1240 }],
])('widths are to scale %s, and what goes in comes out', (_, numbers) => {
  const { bands, house } = layOutFlow(numbers, 900)
  const scale = house.height / numbers.house
  const sum = (isHere: (band: (typeof bands)[number]) => boolean) =>
    bands.filter(isHere).reduce((total, band) => total + band.height, 0)
  expect(sum(({ toX }) => toX === house.x)).toBeCloseTo(1640 * scale)
  expect(sum(({ fromX }) => fromX > house.x)).toBeCloseTo(1640 * scale)
  expect(sum(({ fill }) => fill === 'var(--export)')).toBeCloseTo(numbers.toGrid * scale)
})

it('draws little as 2 px and nothing as nothing', () => {
  const { uses: laid } = layOutFlow(sunny, 900)
  expect(laid.map(({ height }) => Math.round(height * 10) / 10).slice(2, 4)).toEqual([2, 0])
})

it.each([sunny, night])('nothing overlaps', (numbers) => {
  const layout = layOutFlow(numbers, 900)
  const right = [...layout.uses, layout.export].filter(({ height }) => height > 0)
  right.slice(1).forEach((bar, index) => expect(bar.y).toBeGreaterThanOrEqual(right[index]!.y + right[index]!.height))
  expect(layout.heightPx).toBeLessThan(380)
})
