import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

interface Package {
  readonly version?: string
  readonly license?: string
  readonly integrity?: string
  readonly hasInstallScript?: boolean
  readonly optional?: boolean
  readonly os?: readonly string[]
  readonly scripts?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

const readText = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')
const read = (path: string) => JSON.parse(readText(path))
const own: Package = read('package.json')
const locked: Readonly<Record<string, Package>> = read('package-lock.json').packages

/** A new one is a decision: these and their like are what a house has to trust. */
const IMPORTED = [
  '@clack/prompts',
  '@duckdb/node-api',
  '@duckdb/node-bindings',
  '@hono/node-server',
  '@preact/signals',
  'bonjour-service',
  'commander',
  'date-holidays',
  'hono',
  'p-limit',
  'pino',
  'pino-pretty',
  'preact',
  'prom-client',
  'undici',
  'uplot',
  'yaml',
  'zod',
]
/** Not bundled: it has a native binary. */
const LOADED = ['@duckdb/node-bindings']
/** The last is that of `date-holidays`, whose data ask for attribution: its LICENSE, in `dist/LICENSES`. */
const LICENCES = new Set(['MIT', 'ISC', 'BSD-3-Clause', 'Apache-2.0', '0BSD', '(ISC AND CC-BY-3.0)'])

/** `date-holidays` declares what only the scripts that make its data import. */
const NEVER_LOADED = new Set(['js-yaml', 'lodash', 'prepin'])

/** With all that they need, as the lockfile has it. */
const production = collect([...IMPORTED, ...LOADED].map((name) => `node_modules/${name}`))
const installed = production
  .filter(([path]) => existsSync(new URL(`../${path}/package.json`, import.meta.url)))
  .map(([path]): [string, Package] => [path, read(`${path}/package.json`)])

function collect(paths: readonly string[], found = new Map<string, Package>()): [string, Package][] {
  for (const path of paths.filter((each) => !found.has(each))) {
    const entry = locked[path] ?? expect.unreachable()
    found.set(path, entry)
    const needed = Object.keys({ ...entry.dependencies, ...entry.optionalDependencies })
    collect(
      needed.filter((name) => !NEVER_LOADED.has(name)).map((name) => placeOf(name, path)),
      found,
    )
  }
  return [...found]
}

/** Where Node finds a package from the folder of another. */
function placeOf(name: string, from: string): string {
  const place = `${from}/node_modules/${name}`
  if (place in locked) return place
  const above = from.lastIndexOf('/node_modules/')
  return above === -1 ? `node_modules/${name}` : placeOf(name, from.slice(0, above))
}

test('the program imports these packages, and none is installed with it but what cannot be bundled', () => {
  const files = readdirSync(new URL('../src', import.meta.url), { recursive: true, encoding: 'utf8' })
  const imported = files
    .filter((file) => /\.tsx?$/.test(file) && !/\.test\.ts$|\/fixtures\//.test(file))
    .flatMap((file) => [...readText(`src/${file}`).matchAll(/\bfrom '((?:@[\w-]+\/)?[\w-]+)[^:']*'/g)])
    .flatMap(([, name]) => name ?? [])
  expect([...new Set(imported)].sort()).toEqual(IMPORTED)
  expect(own.dependencies).toBeUndefined()
  expect(Object.keys(own.optionalDependencies ?? {})).toEqual(LOADED)
  expect(production.length).toBeLessThanOrEqual(80)
})

test('each is of exactly one version, and the lockfile has that', () => {
  const asked = Object.entries({ ...own.optionalDependencies, ...own.devDependencies })
  const isPinned = ([name, range]: [string, string]) =>
    /^\d+\.\d+\.\d+(-r\.\d+)?$/.test(range) && locked[`node_modules/${name}`]?.version === range
  expect(asked.filter((each) => !isPinned(each))).toEqual([])
})

test('the lockfile has the hash of every package but those of other platforms', () => {
  const unpinned = Object.entries(locked).filter(([path, { integrity }]) => path !== '' && integrity === undefined)
  expect(unpinned.filter(([, { os, optional }]) => optional !== true || os === undefined)).toEqual([])
})

test('nothing that is used runs a script when it is installed', () => {
  const runs = ({ hasInstallScript, scripts = {} }: Package) =>
    hasInstallScript === true || ['preinstall', 'install', 'postinstall'].some((name) => name in scripts)
  expect([...production, ...installed].filter(([, each]) => runs(each))).toEqual([])
  expect(installed.length).toBeGreaterThan(40)
})

test('the licences of what is used are free of conditions on the rest', () => {
  expect(installed.filter(([, { license = '' }]) => !LICENCES.has(license))).toEqual([])
})
