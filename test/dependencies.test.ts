import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

interface Package {
  readonly version?: string
  readonly license?: string
  readonly integrity?: string
  readonly hasInstallScript?: boolean
  readonly dev?: boolean
  readonly optional?: boolean
  readonly os?: readonly string[]
  readonly scripts?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

const read = (path: string) => JSON.parse(readFileSync(new URL(`../${path}`, import.meta.url), 'utf8'))
const own: Package = read('package.json')
const locked: Readonly<Record<string, Package>> = read('package-lock.json').packages
const production = Object.entries(locked).filter(([path, { dev }]) => path !== '' && dev !== true)
const installed = production
  .filter(([path]) => existsSync(new URL(`../${path}/package.json`, import.meta.url)))
  .map(([path]): [string, Package] => [path, read(`${path}/package.json`)])

/** A new one is a decision: these and their like are what a house has to trust. */
const DIRECT = [
  '@clack/prompts',
  '@duckdb/node-api',
  '@hono/node-server',
  'bonjour-service',
  'commander',
  'hono',
  'p-limit',
  'pino',
  'pino-pretty',
  'prom-client',
  'undici',
  'yaml',
  'zod',
]
const LICENCES = new Set(['MIT', 'ISC', 'BSD-3-Clause', 'Apache-2.0', '0BSD'])

test('the direct dependencies are these', () => {
  expect(Object.keys({ ...own.dependencies, ...own.optionalDependencies }).sort()).toEqual(DIRECT)
  expect(production.length).toBeLessThanOrEqual(70)
})

test('each is of exactly one version, and the lockfile has that', () => {
  for (const [name, range] of Object.entries({
    ...own.dependencies,
    ...own.optionalDependencies,
    ...own.devDependencies,
  })) {
    expect(range, name).toMatch(/^\d+\.\d+\.\d+(-r\.\d+)?$/)
    expect(locked[`node_modules/${name}`]?.version, name).toBe(range)
  }
})

test('the lockfile has the hash of every package but those of other platforms', () => {
  const unpinned = Object.entries(locked).filter(([path, { integrity }]) => path !== '' && integrity === undefined)
  for (const [path, { os, optional }] of unpinned) expect(optional === true && os !== undefined, path).toBe(true)
})

test('nothing that is used runs a script when it is installed', () => {
  expect(production.filter(([, { hasInstallScript }]) => hasInstallScript === true)).toEqual([])
  expect(installed.length).toBeGreaterThan(40)
  for (const [path, { scripts = {} }] of installed)
    for (const script of ['preinstall', 'install', 'postinstall']) expect(scripts[script], path).toBeUndefined()
})

test('the licences of what is used are free of conditions on the rest', () => {
  for (const [path, { license }] of installed) expect(LICENCES, `${path}: ${license}`).toContain(license)
})
