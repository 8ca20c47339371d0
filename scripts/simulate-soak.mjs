// npm run simulate:soak -- --seeds 1000 [--first-seed N]: weeks of faults under each seed, and whether all ends exact.
import { bundle } from './bundle.mjs'
import { ensureInstalled } from './prepare.mjs'

await ensureInstalled()
await import(await bundle('test/simulation/soak.ts', 'soak'))
