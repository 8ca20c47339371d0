import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { EditError } from '../model/house-editor.ts'
import { ConfigError } from './config-error.ts'
import { findObstacle, fingerprintOf, saveSections } from './save-sections.ts'

const TEXT = `# my house
devices:
  - { name: a, url: http://a } # cellar
house:
  timezone: UTC # for now
`
const HOUSE = { timezone: 'Asia/Kathmandu' }
const AFTER = TEXT.replace('UTC', 'Asia/Kathmandu')
const isRoot = process.getuid?.() === 0

let folder: string
let path: string
let stateDir: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'save-'))
  stateDir = join(folder, 'state')
  path = join(folder, 'conf', 'c.yaml')
  await mkdir(stateDir)
  await mkdir(join(folder, 'conf'))
  await writeFile(path, TEXT, { mode: 0o640 })
  await chmod(path, 0o640)
})
afterEach(async () => {
  await chmod(join(folder, 'conf'), 0o755)
  await rm(folder, { recursive: true })
})

interface SaveOptions {
  readonly seen?: string
  readonly file?: string
  readonly move?: () => Promise<void>
}
const save = (
  house: Readonly<Record<string, unknown>> = HOUSE,
  { seen = TEXT, file = path, ...more }: SaveOptions = {},
) =>
  saveSections(
    { path: file, env: {}, stateDir },
    { fingerprint: fingerprintOf(seen), sectionsIn: () => ({ house }), ...more },
  )
const failWith = (code: string) => () => Promise.reject(Object.assign(new Error(code), { code }))
const read = (file = path) => readFile(file, 'utf8')
const filesBeside = () => readdir(join(folder, 'conf'))

test('the section is changed, and what was there is the one backup; the mode stays', async () => {
  const first = await save()
  expect([await read(), await read(first.backup)]).toEqual([AFTER, TEXT])
  expect(first).toEqual({ backup: `${path}.bak`, fingerprint: fingerprintOf(AFTER) })
  await save({ timezone: 'Asia/Tokyo' }, { seen: AFTER })
  expect(await read(`${path}.bak`)).toBe(AFTER)
  expect(await filesBeside()).toEqual(['c.yaml', 'c.yaml.bak'])
  for (const file of [path, `${path}.bak`]) expect((await stat(file)).mode & 0o777).toBe(0o640)
})

test('nothing is written where nothing changes', async () => {
  const before = await stat(path)
  expect(await save({ timezone: 'UTC' })).toEqual({ fingerprint: fingerprintOf(TEXT) })
  expect((await stat(path)).ino).toBe(before.ino)
  expect(await filesBeside()).toEqual(['c.yaml'])
})

test('what an editor puts before the text stays', async () => {
  await writeFile(path, `\ufeff${TEXT}`)
  await save()
  expect(await read()).toBe(`\ufeff${AFTER}`)
})

test('a link stays one, and what it leads to is changed', async () => {
  const link = join(folder, 'linked.yaml')
  await symlink(path, link)
  expect(await save(HOUSE, { file: link })).toMatchObject({ backup: `${path}.bak` })
  expect([await read(), await read(link)]).toEqual([AFTER, AFTER])
  expect(await readdir(folder)).toEqual(['conf', 'linked.yaml', 'state'])
})

test.runIf(isRoot)('the owner stays', async () => {
  const { chown } = await import('node:fs/promises')
  await chown(path, 1234, 2345)
  await save()
  for (const file of [path, `${path}.bak`]) expect(await stat(file)).toMatchObject({ uid: 1234, gid: 2345 })
})

describe('is refused, and leaves all as it is:', () => {
  const isLeft = async (text = TEXT) => {
    expect(await read()).toBe(text)
    expect(await filesBeside()).toEqual(['c.yaml'])
  }

  test('a file that has changed since', async () => {
    await writeFile(path, `${TEXT}# mine\n`)
    await expect(save()).rejects.toThrow(`${path} has changed since it was read here`)
    await isLeft(`${TEXT}# mine\n`)
  })

  test('a house with a mistake', async () => {
    await expect(save({ timezone: 'Mars' })).rejects.toThrow(ConfigError)
    await isLeft()
  })

  test('a file that has a mistake elsewhere', async () => {
    const text = `${TEXT}intervall: 5m\n`
    await writeFile(path, text)
    await expect(save(HOUSE, { seen: text })).rejects.toThrow('did you mean "interval"')
    await isLeft(text)
  })

  test('a section that is used elsewhere', async () => {
    const text = TEXT.replace('house:', 'house: &h').replace('devices:', 'devices: &d')
    await writeFile(path, `${text}log: *h\n`)
    await expect(save(HOUSE, { seen: `${text}log: *h\n` })).rejects.toThrow(EditError)
    await isLeft(`${text}log: *h\n`)
  })

  test('a full disk', async () => {
    await expect(save(HOUSE, { move: failWith('ENOSPC') })).rejects.toThrow(
      `${path} cannot be written: the disk is full`,
    )
    expect(await read()).toBe(TEXT)
  })
})

test.each(['EBUSY', 'EXDEV', 'EACCES', 'EPERM', 'EROFS'])(
  'a file whose place nothing can take (%s) is written in place, after the backup',
  async (code) => {
    const before = await stat(path)
    expect(await save(HOUSE, { move: failWith(code) })).toMatchObject({ backup: `${path}.bak` })
    expect([await read(), await read(`${path}.bak`)]).toEqual([AFTER, TEXT])
    expect(await stat(path)).toMatchObject({ ino: before.ino, mode: before.mode })
    expect(await filesBeside()).toEqual(['c.yaml', 'c.yaml.bak'])
  },
)

test('in place, a text that is shorter leaves nothing of the longer one', async () => {
  await save({}, { move: failWith('EBUSY') })
  expect(await read()).toBe(TEXT.replace('house:\n  timezone: UTC #', 'house: {} #'))
})

test.skipIf(isRoot)(
  'in a folder that may not be written, the file is, and the backup is in that of the state',
  async () => {
    await chmod(join(folder, 'conf'), 0o555)
    const { backup = '' } = await save()
    expect([await read(), await read(backup)]).toEqual([AFTER, TEXT])
    expect(backup).toBe(join(stateDir, 'c.yaml.bak'))
    expect((await stat(backup)).mode & 0o777).toBe(0o600)
  },
)

test.skipIf(isRoot)('a file that may only be read is not written, though its folder could be', async () => {
  await chmod(path, 0o440)
  await expect(save()).rejects.toThrow(`${path} may not be written by the user of the daemon`)
  expect(await filesBeside()).toEqual(['c.yaml'])
})

test('what is no file cannot be saved', async () => {
  expect(await findObstacle(folder)).toBe(`${folder} is no plain file`)
  expect(await findObstacle('/dev/null')).toBe('/dev/null is no plain file')
  expect(await findObstacle(join(folder, 'none'))).toMatch('cannot be written: ENOENT')
  expect(await findObstacle(path)).toBeUndefined()
})
