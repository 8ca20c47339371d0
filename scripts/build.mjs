// Bundles the program into dist/, each command a chunk of its own: what a command does not need is never loaded.
import { rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { buildDashboard } from './build-dashboard.mjs'

const startedMs = Date.now()
const root = fileURLToPath(new URL('..', import.meta.url))
const outdir = `${root}dist`

await rm(outdir, { recursive: true, force: true })
const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: ['src/cli/main.ts'],
  outdir,
  bundle: true,
  splitting: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  plugins: [requireDuckdb()],
  // CommonJS packages in the bundle ask for Node's own modules with require.
  banner: { js: "import { createRequire as __cr } from 'node:module'; const require = __cr(import.meta.url);" },
  sourcemap: 'linked',
  sourcesContent: false,
  metafile: true,
  logLevel: 'warning',
})
const scripts = Object.entries(metafile.outputs).filter(([name]) => name.endsWith('.js'))
const kilobytes = Math.round(scripts.reduce((sum, [, { bytes }]) => sum + bytes, 0) / 1024)
console.log(`built dist/main.js: ${scripts.length} files, ${kilobytes} kB, ${Date.now() - startedMs} ms`)
const dashboardKilobytes = await buildDashboard(root)
console.log(`built dist/dashboard: ${dashboardKilobytes} kB compressed`)

/**
 * Native binaries cannot be bundled, and who does not use the embedded store may do without them. Required, as an import
 * of a CommonJS package reads each of its files twice: that is a tenth of a second of every command.
 */
function requireDuckdb() {
  return {
    name: 'require-duckdb',
    setup(esbuild) {
      esbuild.onResolve({ filter: /^@duckdb\/node-api$/ }, ({ path, kind }) =>
        kind === 'import-statement' ? { path, namespace: 'required' } : { path, external: true },
      )
      esbuild.onLoad({ filter: /.*/, namespace: 'required' }, ({ path }) => ({
        contents: `module.exports = require('${path}')`,
      }))
    },
  }
}
