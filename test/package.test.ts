import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { clone } from './clone.ts'
import { freePort } from './free-port.ts'

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

const ROOT = fileURLToPath(new URL('..', import.meta.url))

const execute = promisify(execFile)
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'package-'))
})
afterAll(async () => {
  vi.resetConfig()
  await rm(folder, { recursive: true })
})

/** Other versions of Node that it is tried on; npm has each as a package. */
const NODES = process.env['LONG'] ? [20, 22, 24] : []

describe('what npm pack makes of a fresh clone', () => {
  let tarball: string
  let prefix: string
  let packed: string
  let names: readonly string[]

  beforeAll(async () => {
    const copy = await clone(join(folder, 'clone'))
    await execute('npm', ['pack', '--pack-destination', folder], { cwd: copy })
    const [found = expect.unreachable()] = (await readdir(folder)).filter((name) => name.endsWith('.tgz'))
    tarball = join(folder, found)
    prefix = await install('prefix', ['--offline', '--omit=optional'])
    packed = join(prefix, 'lib/node_modules/iotawatt-sync')
    // What the bundle leaves out is only what has a native binary.
    await symlink(join(ROOT, 'node_modules/@duckdb'), join(packed, '../@duckdb'))
    names = (await readdir(packed, { recursive: true, withFileTypes: true })).flatMap((entry) =>
      entry.isFile() ? [join(entry.parentPath, entry.name).slice(packed.length + 1)] : [],
    )
  })

  /** Into an empty prefix, as a user would do it. */
  async function install(name: string, flags: readonly string[] = []): Promise<string> {
    const prefix = join(folder, name)
    await execute('npm', ['install', '--global', '--prefix', prefix, '--no-audit', '--no-fund', ...flags, tarball])
    const config = {
      web: { listen: `127.0.0.1:${await freePort()}` },
      devices: [{ name: 'a', url: 'http://127.0.0.1:1' }],
    }
    await writeFile(join(prefix, 'iotawatt-sync.yaml'), JSON.stringify(config))
    return prefix
  }

  /** What it prints until it ends, or is ended as it has said this. */
  async function run(args: readonly string[], { until = /^$/, from = prefix, node = process.execPath } = {}) {
    const child = spawn(node, [join(from, 'bin/iotawatt-sync'), ...args], {
      cwd: from,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let text = ''
    const onData = (data: string) => {
      text += data
      // A second one would cut it.
      if (!child.killed && until.test(text)) child.kill('SIGINT')
    }
    child.stdout.setEncoding('utf8').on('data', onData)
    child.stderr.setEncoding('utf8').on('data', onData)
    const [code] = await once(child, 'close')
    return { code, text }
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

  test('is small, and brings nothing that it has in itself', async () => {
    expect((await stat(tarball)).size).toBeLessThan(2_800_000)
    expect((await readdir(join(packed, '..'))).sort()).toEqual(['@duckdb', 'iotawatt-sync'])
    expect(await readFile(join(packed, 'dist/LICENSES'), 'utf8')).toMatch(
      /^commander [\d.]+: MIT\n\n.*The MIT License/ms,
    )
  })

  test('installs its man page', async () => {
    expect(await readFile(join(prefix, 'share/man/man1/iotawatt-sync.1'), 'utf8')).toContain('.SH SYNOPSIS')
  })

  test('runs from an empty prefix', async () => {
    const { version }: { version: string } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'))
    expect(await run(['--version'])).toEqual({ code: 0, text: `${version}\n` })
    await expectToWork({ from: prefix, node: process.execPath, demo: /dashboard on/ })
  })

  test.each(NODES)('runs from an empty prefix on Node %i', async (major) => {
    const name = `node-${process.platform}-${process.arch}`
    const place = join(folder, `node-${major}`)
    await mkdir(place)
    await execute('npm', ['install', '--prefix', place, '--no-audit', '--no-fund', '--no-save', `${name}@${major}`])
    const node = join(place, 'node_modules', name, 'bin/node')
    expect((await execute(node, ['--version'])).stdout).toMatch(new RegExp(`^v${major}\\.`))
    await expectToWork({ from: await install(`prefix-${major}`), node, demo: /the house at .*W from the grid/ })
  })

  async function expectToWork({ demo, ...where }: { from: string; node: string; demo: RegExp }) {
    const checked = await run(['check'], where)
    expect(checked.text).toMatch(/^GOOD {2}store: embedded store in .* is not there yet: the first copy makes it$/m)
    expect(checked.text).toMatch(/^BAD {3}a: .*connection refused/m)
    expect(checked.code).toBe(1)
    expect(await run(['run'], { ...where, until: /a: .*connection refused/ })).toMatchObject({ code: 0 })
    expect(await run(['demo'], { ...where, until: demo })).toMatchObject({ code: 0, text: expect.stringMatching(demo) })
  }

  test('without the program, advises only what can be done with a package', async () => {
    await rm(join(packed, 'dist'), { recursive: true })
    const { code, text } = await run(['check'])
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
