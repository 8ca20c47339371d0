// Bundles the program into dist/, each command a chunk of its own: what a command does not need is never loaded.
import { execFile } from 'node:child_process'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
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
  // Native binaries cannot be bundled.
  external: ['@duckdb/node-bindings'],
  plugins: [leanUndici()],
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
const dashboard = await buildDashboard(root)
console.log(`built dist/dashboard: ${dashboard.kilobytes} kB compressed`)
const inputs = [metafile, dashboard.metafile].flatMap((each) => Object.keys(each.inputs))
await writeFile(`${outdir}/LICENSES`, await readLicences(inputs))
const manPage = await promisify(execFile)(process.execPath, [`${outdir}/main.js`, 'man-page'])
await writeFile(`${outdir}/iotawatt-sync.1`, manPage.stdout)

/** Of undici what the program uses: all of it takes a tenth of a second of every command. */
function leanUndici() {
  const contents = `
    import Dispatcher from 'undici/lib/dispatcher/dispatcher.js'
    import api from 'undici/lib/api/index.js'
    Object.assign(Dispatcher.prototype, api)
    export { default as Client } from 'undici/lib/dispatcher/client.js'
    export { default as Pool } from 'undici/lib/dispatcher/pool.js'`
  return {
    name: 'lean-undici',
    setup(esbuild) {
      esbuild.onResolve({ filter: /^undici$/ }, () => ({ path: 'undici', namespace: 'lean' }))
      esbuild.onLoad({ filter: /.*/, namespace: 'lean' }, () => ({ contents, resolveDir: root }))
    },
  }
}

/** The licences of what is bundled, which ask to go with it. */
async function readLicences(inputs) {
  const folders = inputs.flatMap((path) => /^.*\bnode_modules\/(?:@[^/]+\/)?[^/]+/.exec(path) ?? [])
  const texts = [...new Set(folders)]
    .sort((a, b) => a.localeCompare(b, 'en'))
    .map(async (folder) => {
      const { name, version, license } = JSON.parse(await readFile(`${root}${folder}/package.json`, 'utf8'))
      const file = (await readdir(root + folder)).find((each) => /^licen[cs]e/i.test(each))
      const text = file === undefined ? '' : `\n${(await readFile(`${root}${folder}/${file}`, 'utf8')).trim()}\n`
      return `${name} ${version}: ${license}\n${text}`
    })
  return (await Promise.all(texts)).join(`\n${'-'.repeat(80)}\n\n`)
}
