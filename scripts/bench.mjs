// npm run bench:card: builds the program and a benchmark, and runs the benchmark with the arguments given.
import { bundle } from './bundle.mjs'
import { ensureBuilt } from './prepare.mjs'

const [name, ...benchArguments] = process.argv.slice(2)

await ensureBuilt()
const outfile = await bundle(`bench/${name}.ts`, `bench-${name}`)
process.argv = [...process.argv.slice(0, 2), ...benchArguments]
await import(outfile)
