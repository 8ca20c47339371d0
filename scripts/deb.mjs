// npm run deb -- [FOLDER]: packs the program as a Debian package for the architecture of this machine, with dpkg-deb.
import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'

const run = promisify(execFile)
const ROOT = fileURLToPath(new URL('..', import.meta.url))
const PROGRAM = 'usr/lib/iotawatt-sync'
const DOCUMENTS = 'usr/share/doc/iotawatt-sync'
const COMPLETIONS = {
  bash: 'usr/share/bash-completion/completions/iotawatt-sync',
  zsh: 'usr/share/zsh/vendor-completions/_iotawatt-sync',
  fish: 'usr/share/fish/vendor_completions.d/iotawatt-sync.fish',
}
/** Of lintian. */
const OVERRIDES = `# Byte for byte what npm has, whose hash is in the lockfile.
iotawatt-sync: unstripped-binary-or-object
# For people, and in the changelog of the project: CHANGELOG.md.gz
iotawatt-sync: no-changelog
`

const target = resolve(process.argv[2] ?? '.')
console.log('packing; it takes a minute or two …')
const work = await mkdtemp(join(tmpdir(), 'iotawatt-sync-deb-'))
try {
  console.log(`packed ${await makePackage(join(work, 'package'))}`)
} finally {
  await rm(work, { recursive: true, force: true })
}

async function makePackage(stage) {
  const at = (path) => join(stage, path)
  await unpackProgram(at(PROGRAM))
  const { version } = JSON.parse(await readFile(at(`${PROGRAM}/package.json`), 'utf8'))

  await mkdir(at(DOCUMENTS), { recursive: true })
  const notes = (await readdir(at(PROGRAM))).filter((name) => name.endsWith('.md'))
  for (const name of [...notes, 'docs', 'deploy', 'examples'])
    await rename(at(`${PROGRAM}/${name}`), at(`${DOCUMENTS}/${name}`))
  await compress(at(`${DOCUMENTS}/CHANGELOG.md`), at(`${DOCUMENTS}/CHANGELOG.md.gz`))
  await compress(at(`${PROGRAM}/dist/iotawatt-sync.1`), at('usr/share/man/man1/iotawatt-sync.1.gz'))
  await rename(at(`${PROGRAM}/dist/LICENSES`), at(`${DOCUMENTS}/LICENSES`))
  await rename(at(`${PROGRAM}/LICENSE`), at(`${DOCUMENTS}/copyright`))
  for (const [shell, path] of Object.entries(COMPLETIONS))
    await write(at(path), await output(at(`${PROGRAM}/bin/iotawatt-sync`), ['completion', shell]))
  await rename(
    at(`${DOCUMENTS}/deploy/iotawatt-sync.service`),
    await made(at('usr/lib/systemd/system/iotawatt-sync.service')),
  )
  await rename(at(`${DOCUMENTS}/deploy/debian/iotawatt-sync`), await made(at('usr/bin/iotawatt-sync')))
  await rename(at(`${DOCUMENTS}/deploy/debian`), at('DEBIAN'))

  await write(at('usr/share/lintian/overrides/iotawatt-sync'), OVERRIDES)
  await write(at('DEBIAN/control'), await describePackage(stage, version))
  // dpkg wants the same whatever the umask of who builds it is.
  await run('chmod', ['-R', 'u=rwX,go=rX', stage])
  await mkdir(target, { recursive: true })
  const { stdout } = await run('dpkg-deb', ['--build', '--root-owner-group', '-Zxz', stage, target])
  return /'([^']+)'\.$/.exec(stdout.trim())?.[1] ?? target
}

/** What npm would install: the packed program, and beside it what has a native binary. */
async function unpackProgram(folder) {
  await mkdir(folder, { recursive: true })
  await run('npm', ['pack', '--pack-destination', work], { cwd: ROOT })
  const tarball = (await readdir(work)).find((name) => name.endsWith('.tgz'))
  await run('tar', ['xzf', join(work, tarball), '--strip-components=1', '-C', folder])
  for (const name of ['package-lock.json', '.npmrc']) await cp(join(ROOT, name), join(folder, name))
  await run('npm', ['ci', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: folder })
  for (const name of ['package-lock.json', '.npmrc', 'node_modules/.package-lock.json']) await rm(join(folder, name))
}

async function describePackage(stage, version) {
  const architecture = (await output('dpkg', ['--print-architecture'])).trim()
  const [size] = (await output('du', ['-k', '-s', stage])).split('\t')
  const { DEBFULLNAME = 'The iotawatt-sync authors', DEBEMAIL = 'root@localhost' } = process.env
  return `Package: iotawatt-sync
Version: ${version.replace('-', '~')}
Architecture: ${architecture}
Maintainer: ${DEBFULLNAME} <${DEBEMAIL}>
Installed-Size: ${size}
Depends: nodejs (>= 20), adduser, libc6, libstdc++6
Section: utils
Priority: optional
Description: copies the history of IoTaWatt energy monitors into a store
 A daemon that copies the complete one-minute history of IoTaWatt energy
 monitors into VictoriaMetrics, InfluxDB or a local file, each minute exactly
 once, and keeps it current. It serves a dashboard of the house.
`
}

async function compress(from, to) {
  await write(to, gzipSync(await readFile(from), { level: 9 }))
  await rm(from)
}

async function output(program, args) {
  return (await run(program, args)).stdout
}

async function write(path, content) {
  await writeFile(await made(path), content)
}

/** The path, whose folder is there. */
async function made(path) {
  await mkdir(dirname(path), { recursive: true })
  return path
}
