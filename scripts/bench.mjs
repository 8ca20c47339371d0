// npm run bench:card: builds the program and a benchmark, and runs the benchmark with the arguments given.
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { ensureBuilt } from './prepare.mjs'

const [name, ...benchArguments] = process.argv.slice(2)
const root = fileURLToPath(new URL('..', import.meta.url))
// In dist/, from where the relative paths of what is bundled are right.
const outfile = `${root}dist/bench-${name}.mjs`

await ensureBuilt()
await build({
  absWorkingDir: root,
  entryPoints: [`bench/${name}.ts`],
  outfile,
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  target: 'node20',
  logLevel: 'warning',
})
process.argv = [...process.argv.slice(0, 2), ...benchArguments]
await import(outfile)
