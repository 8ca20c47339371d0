// npm run bench: builds the program and the benchmarks, and runs those that are named.
import { bundle } from './bundle.mjs'
import { ensureBuilt } from './prepare.mjs'

await ensureBuilt()
await import(await bundle('bench/main.ts', 'bench'))
