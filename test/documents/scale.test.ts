import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { cellsOf, format, HEADS, median, type Results, resultsSchema } from '../../bench/rows.ts'
import { expectSections, table } from './generated-sections.ts'

const results = resultsSchema.parse(
  JSON.parse(readFileSync(new URL('../../bench/results.json', import.meta.url), 'utf8')),
)

const TITLES: Readonly<Record<string, string>> = {
  load: 'Loading over HTTP',
  card: 'Loading from a card',
  cycles: 'A cycle of one device',
  verify: 'Verifying',
  web: 'The page and its API',
  bills: 'Bills',
  start: 'Start-up',
  memory: 'Memory of a load',
  fleet: 'A fleet in one process',
}

test('the figures of the documents are those that were measured', async () => {
  await expectSections('docs/scale.md', { figures: groups(results) })
})

test.each([
  [[3, 1, 2], 2],
  [[4, 1, 2, 3], 2.5],
])('the median of %j is %d', (values, middle) => expect(median(values)).toBe(middle))

test.each([
  [1.2345, '1.23'],
  [0.012345, '0.0123'],
  [123.4, '123'],
])('%d is shown as %s', (value, shown) => expect(format(value)).toBe(shown))

/** A table for each machine and group of what was measured. */
function groups(all: Results): string {
  return Object.entries(all)
    .map(([name, rows]) => {
      const machines = [...new Set(rows.map(({ machine }) => machine))].join('; ')
      return `### ${TITLES[name] ?? name}\n\n${machines}\n\n${table(HEADS, rows.map(cellsOf))}`
    })
    .join('\n\n')
}
