import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Bundles a TypeScript file that is not part of the program into dist/, from where the relative paths of what is bundled are right. */
export async function bundle(entry, name, plugins = []) {
  const outfile = `${root}dist/${name}.mjs`
  await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'warning',
    plugins,
  })
  return outfile
}
