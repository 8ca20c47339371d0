import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { DAY_MS } from '../../src/model/time-window.ts'
import { at } from '../../src/model/at.ts'
import { dayStartMs } from '../../src/model/time-zone.ts'
import { computeBills } from '../../src/tariff/compute-bills.ts'
import { priced } from './tariff-house.ts'

const text = await readFile('docs/money.md', 'utf8')
/** A paper bill, and the tariff that it becomes. */
const steps = [...text.matchAll(/```text\n([^`]+)```\n\n```yaml\n([^`]+)```/g)].map(([, paper = '', yaml = '']) => {
  return { paper: paper.split('\n').flatMap((line) => /(\S+)$/.exec(line)?.[1] ?? []), yaml }
})

test('the document has four', () => expect(steps).toHaveLength(4))

/** 600 W all the time. */
test.each(steps)('a bill of 432 kWh is that of the paper: $paper', async ({ paper, yaml }) => {
  const { config, calendar } = await priced(yaml, 'America/Denver')
  const [fromDay, toDay] = [Date.UTC(2026, 3) / DAY_MS, Date.UTC(2026, 4) / DAY_MS]
  const fromMs = dayStartMs(calendar.zone, fromDay)
  const fromGrid = new Float64Array((toDay - fromDay) * 1440).fill(600)
  const minutes = { fromMs, fromGrid, toGrid: new Float64Array(fromGrid.length) }
  const [bill] = await computeBills([{ tariff: at(config.tariffs, 0), fromDay, toDay }], [minutes], calendar)
  expect(bill?.importKwh).toBeCloseTo(432, 9)
  expect(bill?.total.toFixed(2)).toBe(paper.at(-1))
})
