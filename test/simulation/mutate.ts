import { readFile } from 'node:fs/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Plugin } from 'esbuild'
import { bundle } from '../../scripts/bundle.mjs'
import type { Mutation } from './mutations.ts'
import type { runSeed } from './run-seed.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** The simulation with an engine that is changed so; what is on the disk stays as it is. */
export async function mutate(mutation: Mutation, index: number): Promise<typeof runSeed> {
  let isChanged = false
  const plugin = changing(mutation, () => (isChanged = true))
  const outfile = await bundle('test/simulation/run-seed.ts', `mutant-${index}`, [plugin])
  if (!isChanged) throw new Error(`${mutation.file} is no part of the simulation`)
  const module: { runSeed: typeof runSeed } = await import(pathToFileURL(outfile).href)
  return module.runSeed
}

function changing({ file, find, replace }: Mutation, onChange: () => void): Plugin {
  return {
    name: 'mutation',
    setup(build) {
      build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        if (path !== root + file) return undefined
        const text = await readFile(path, 'utf8')
        if (text.split(find).length !== 2) throw new Error(`${file} does not have once: ${find}`)
        onChange()
        return { contents: text.replace(find, () => replace), loader: 'ts' }
      })
    },
  }
}
