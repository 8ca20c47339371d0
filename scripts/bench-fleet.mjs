// npm run bench:fleet: builds the program and the benchmark of a fleet, and runs it.
import { ensureBuilt } from './prepare.mjs'
import { bundle } from './bundle.mjs'

await ensureBuilt()
await import(await bundle('bench/fleet.ts', 'bench-fleet'))
