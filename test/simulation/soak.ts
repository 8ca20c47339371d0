import { parseArgs } from 'node:util'
import { runSeed } from './run-seed.ts'

const { values } = parseArgs({
  options: { seeds: { type: 'string', default: '100' }, 'first-seed': { type: 'string', default: '1' } },
})
const first = Number(values['first-seed'])
for (let seed = first; seed < first + Number(values.seeds); seed++) {
  const started = Date.now()
  const { wrong, lines, samples, simulatedDays, strikes } = await runSeed(seed)
  console.log(
    seed,
    wrong.length,
    samples,
    simulatedDays.toFixed(1),
    [...strikes.values()].reduce((a, b) => a + b, 0),
    Date.now() - started,
    'ms',
  )
  if (wrong.length) console.log(wrong.slice(0, 8).join('\n'), '\n', lines.slice(-Number(process.env['KEPT'] ?? 6)).join('\n'))
}
