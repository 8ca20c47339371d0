// npm run lockfile: makes package-lock.json correct for every platform.
// A registry mirror without the binaries of other platforms makes npm leave these optional packages out of the
// lockfile, and `npm ci` then refuses it. An entry with version, os and cpu is all that npm needs to skip or fetch one.
import { readFile, writeFile } from 'node:fs/promises'

const file = new URL('../package-lock.json', import.meta.url)
const lock = JSON.parse(await readFile(file, 'utf8'))
const packages = { ...lock.packages }

for (const entry of Object.values(packages)) delete entry.resolved
const added = Object.entries(lock.packages).flatMap(([path, entry]) =>
  Object.entries(entry.optionalDependencies ?? {})
    .filter(([name]) => path !== '' && !isLocked(path, name))
    .map(([name, version]) => addStub(path, { name, version })),
)
const sorted = Object.entries(packages).sort(([a], [b]) => a.localeCompare(b, 'en'))
await writeFile(file, `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, null, 2)}\n`)
console.log(
  `package-lock.json: ${added.length} optional packages of other platforms added${added.length > 0 ? `: ${added.join(' ')}` : ''}`,
)

function isLocked(path, name) {
  const folders = path
    .split('/node_modules/')
    .map((_, depth, parts) => parts.slice(0, depth + 1).join('/node_modules/'))
  return [...folders, ''].some((folder) => `${folder === '' ? '' : `${folder}/`}node_modules/${name}` in packages)
}

function addStub(path, { name, version }) {
  if (!/^\d/.test(version)) throw new Error(`${path} wants ${name}@${version}: only an exact version can be locked`)
  const { dev } = lock.packages[path]
  packages[`node_modules/${name}`] = { version, ...platformOf(name), ...(dev && { dev }), optional: true }
  return name
}

/** Platform packages carry theirs in their name: `@oxlint/binding-linux-arm64-musl`. */
function platformOf(name) {
  const os = /(?:^|[-/])(darwin|linux|win32|freebsd|openbsd|netbsd|sunos|aix|android|openharmony)(?:-|$)/.exec(
    name,
  )?.[1]
  const cpu = /-(x64|arm64|arm|ia32|ppc64|riscv64|s390x|loong64|mips64el|wasm32)(?:-|$|eabi)/.exec(name)?.[1]
  const libc = /musl/.test(name) ? ['musl'] : /gnu/.test(name) && os === 'linux' ? ['glibc'] : undefined
  return { ...(os && { os: [os] }), ...(cpu && { cpu: [cpu] }), ...(libc && { libc }) }
}
