import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { startCli } from './cli-process.ts'

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

const ROOT = fileURLToPath(new URL('..', import.meta.url))
/** What a fresh clone does not have. */
const NOT_CLONED = /^(?:\.git|node_modules|dist|coverage|\.cache|demo-data)$/

const execute = promisify(execFile)
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'package-'))
})
afterAll(async () => {
  vi.resetConfig()
  await rm(folder, { recursive: true })
})

/** The files of a clone whose packages are installed: those of this one. */
async function clone(name: string): Promise<string> {
  const copy = join(folder, name)
  await cp(ROOT, copy, {
    recursive: true,
    filter: (path) => dirname(path) !== ROOT.replace(/\/$/, '') || !NOT_CLONED.test(basename(path)),
  })
  await symlink(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
  return copy
}

describe('what npm pack makes of a fresh clone', () => {
  let packed: string
  let elsewhere: string
  let names: readonly string[]

  beforeAll(async () => {
    const copy = await clone('clone')
    await execute('npm', ['pack', '--pack-destination', folder], { cwd: copy })
    const [tarball = expect.unreachable()] = (await readdir(folder)).filter((name) => name.endsWith('.tgz'))
    elsewhere = join(folder, 'elsewhere')
    const modules = join(elsewhere, 'node_modules')
    await mkdir(modules, { recursive: true })
    await execute('tar', ['xzf', join(folder, tarball), '-C', modules])
    packed = join(modules, 'package')
    // What the bundle leaves out is only what has a native binary.
    await symlink(join(ROOT, 'node_modules/@duckdb'), join(modules, '@duckdb'))
    names = (await readdir(packed, { recursive: true, withFileTypes: true })).flatMap((entry) =>
      entry.isFile() ? [join(entry.parentPath, entry.name).slice(packed.length + 1)] : [],
    )
  })

  const run = async (...args: readonly string[]) => {
    const { code, stdout, stderr } = await startCli(args, {
      folder: elsewhere,
      program: join(packed, 'bin/iotawatt-sync'),
    }).ended
    return { code, text: stdout + stderr }
  }

  test('holds the program and its documents, and no source maps', () => {
    expect(names).toContain('dist/main.js')
    expect(names).toContain('dist/dashboard/index.html')
    expect(names.filter((name) => /\.map$|^src\/|^test\/|^scripts\//.test(name))).toEqual([])
  })

  test('has everything that the README leads to', async () => {
    const readme = await readFile(join(packed, 'README.md'), 'utf8')
    const links = [...readme.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, path = '']) => path.replace(/\/$/, ''))
    const isThere = (path: string) => names.some((name) => name === path || name.startsWith(`${path}/`))
    expect(links.length).toBeGreaterThan(15)
    expect(links.filter((path) => !isThere(path))).toEqual([])
  })

  test('runs from elsewhere', async () => {
    const { version }: { version: string } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'))
    expect(await run('--version')).toEqual({ code: 0, text: `${version}\n` })
    await writeFile(join(elsewhere, 'iotawatt-sync.yaml'), 'devices: [{ name: a, url: "http://127.0.0.1:1" }]\n')
    const { code, text } = await run('check')
    expect(text).toMatch(/^GOOD {2}store: embedded store in .* is not there yet: the first copy makes it$/m)
    expect(text).toMatch(/^BAD {3}a: .*connection refused/m)
    expect(code).toBe(1)
  })

  test('without the program, advises only what can be done with a package', async () => {
    await rm(join(packed, 'dist'), { recursive: true })
    const { code, text } = await run('check')
    expect(text).toMatch(/^iotawatt-sync is not complete: dist\/ is missing from this package; install it again/)
    expect(text).not.toContain('npm run')
    expect(code).toBe(1)
  })
})

test('the image is built from what it copies, without a warning', async () => {
  const dockerfile = await readFile(join(ROOT, 'Dockerfile'), 'utf8')
  const stage = /^FROM \S+ AS build\n([^]*?)^FROM/m.exec(dockerfile)?.[1] ?? expect.unreachable()
  const copied = [...stage.matchAll(/^COPY (.+) \S+$/gm)].flatMap(([, names = '']) => names.split(' '))
  const allowed = (await readFile(join(ROOT, '.dockerignore'), 'utf8')).split('\n')
  expect(copied.filter((name) => !allowed.includes(`!${name}`))).toEqual([])
  const image = join(folder, 'image')
  for (const name of copied) await cp(join(ROOT, name), join(image, name), { recursive: true })
  await symlink(join(ROOT, 'node_modules'), join(image, 'node_modules'))
  const { stdout, stderr } = await execute(process.execPath, ['scripts/build.mjs'], { cwd: image })
  expect(stderr).toBe('')
  expect(stdout).toMatch(/^built dist\/main\.js: .*\nbuilt dist\/dashboard: .*\n$/)
})
