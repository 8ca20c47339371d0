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
  minifySyntax: true,
  minifyWhitespace: true,
  plugins: [requireDuckdb(), leanUndici()],
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

/** Native binaries cannot be bundled; they are found from the package that needs them, wherever npm has put them. */
function requireDuckdb() {
  return asModule('require-duckdb', '@duckdb/node-bindings', {
    contents: `
      const { createRequire } = require('node:module')
      module.exports = createRequire(require.resolve('@duckdb/node-api'))('@duckdb/node-bindings')`,
  })
}

/** Of undici what the program uses: all of it takes a tenth of a second of every command. */
function leanUndici() {
  return asModule('lean-undici', 'undici', {
    contents: `
      import Dispatcher from 'undici/lib/dispatcher/dispatcher.js'
      import api from 'undici/lib/api/index.js'
      Object.assign(Dispatcher.prototype, api)
      export { default as Client } from 'undici/lib/dispatcher/client.js'
      export { default as Pool } from 'undici/lib/dispatcher/pool.js'`,
    resolveDir: root,
  })
}

/** In place of a package, this. */
function asModule(name, packageName, contents) {
  return {
    name,
    setup(esbuild) {
      esbuild.onResolve({ filter: new RegExp(`^${packageName}$`) }, () => ({ path: packageName, namespace: name }))
      esbuild.onResolve({ filter: /^@duckdb\/node-api$/, namespace: name }, ({ path }) => ({ path, external: true }))
      esbuild.onLoad({ filter: /.*/, namespace: name }, () => contents)
    },
  }
}
