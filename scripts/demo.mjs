// npm run demo: installs and builds what is missing, then starts the demo with the arguments given.
import { ensureBuilt, ensureInstalled } from './prepare.mjs'

await ensureInstalled()
await ensureBuilt()
process.argv.splice(1, 1, 'iotawatt-sync', 'demo')
await import('../dist/main.js')
