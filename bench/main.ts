/**
 * `npm run bench -- [NAME …] [--rounds N] [--days N]`: measures what is named, or everything, prints a table, and puts the
 * rows into bench/results.json, from which the documents take their figures (`npm run documents`). Ends with 1 where a
 * median is more than it should be.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { bills } from './bill.ts'
import { card } from './card.ts'
import { cycles } from './cycles.ts'
import { fleet } from './fleet-rows.ts'
import { load } from './load.ts'
import { memory } from './memory.ts'
import {
  type Bench,
  cellsOf,
  describeMachine,
  HEADS,
  isTooMuch,
  type Results,
  resultsSchema,
  type Row,
} from './rows.ts'
import { start } from './start.ts'
import { verify } from './verify.ts'
import { web } from './web.ts'

const BENCHES: Readonly<Record<string, Bench>> = { load, card, cycles, verify, web, bills, start, memory, fleet }

/** Seen from `dist/`, where this is bundled to. */
const RESULTS = new URL('../bench/results.json', import.meta.url)

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '3' }, days: { type: 'string' } },
})
const options = { rounds: Number(flags.rounds), days: flags.days === undefined ? undefined : Number(flags.days) }
const unknown = positionals.filter((name) => !Object.hasOwn(BENCHES, name))
if (unknown.length > 0 || !(options.rounds >= 1)) {
  console.error(`there is no benchmark ${unknown.join(', ')}; there are: ${Object.keys(BENCHES).join(', ')}`)
  process.exit(2)
}

const machine = describeMachine()
console.log(machine)
for (const [name, bench] of Object.entries(BENCHES)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue
  console.log(`\n${name}`)
  const rows: Row[] = []
  for await (const row of bench(options)) {
    rows.push(row)
    const [title, middle, limit, spread, raw] = cellsOf(row)
    console.log(`  ${isTooMuch(row) ? 'TOO MUCH: ' : ''}${title}: ${middle} (at most ${limit}; ${spread}); ${raw}`)
    if (isTooMuch(row)) process.exitCode = 1
  }
  const results = { ...(await readResults()), [name]: rows.map((row) => ({ ...row, machine })) }
  await writeFile(RESULTS, `${JSON.stringify(results, undefined, 2)}\n`)
}
console.log(`\n${HEADS.join(' | ')}`)
for (const rows of Object.values(await readResults())) for (const row of rows) console.log(cellsOf(row).join(' | '))
process.exit()

async function readResults(): Promise<Results> {
  const text = await readFile(RESULTS, 'utf8').catch(() => '{}')
  return resultsSchema.parse(JSON.parse(text))
}
