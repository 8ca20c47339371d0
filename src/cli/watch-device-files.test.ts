import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadConfig, type LoadedConfig } from '../config/load-config.ts'
import { watchDeviceFiles } from './watch-device-files.ts'

interface Files {
  write(name: string, text: string): Promise<void>
  remove(name: string): Promise<void>
  load(before?: LoadedConfig): Promise<LoadedConfig>
}

async function inFolder(act: (files: Files) => Promise<void>): Promise<void> {
  const cwd = await mkdtemp(join(tmpdir(), 'watch-'))
  const write = (name: string, text: string) => writeFile(join(cwd, name), text)
  try {
    await write('c.yaml', 'deviceFiles: ["list-*.yaml"]\ndevices: [{ name: own, url: http://own }]')
    await act({
      write,
      remove: (name) => rm(join(cwd, name)),
      load: (before) => loadConfig({ path: 'c.yaml', env: {}, cwd }, before?.deviceFiles.texts),
    })
  } finally {
    await rm(cwd, { recursive: true })
  }
}

/** At which looks it reported a change; each step happens before one look. */
async function reportedAt(loaded: LoadedConfig, steps: readonly (() => Promise<void> | void)[]): Promise<number[]> {
  const stop = new AbortController()
  const reported: number[] = []
  let look = 0
  const clock = {
    nowMs: () => 0,
    async sleep() {
      if (look === steps.length) stop.abort()
      stop.signal.throwIfAborted()
      await steps[look++]?.()
    },
  }
  await watchDeviceFiles({ inUse: () => loaded, onChange: () => reported.push(look), clock, signal: stop.signal })
  return reported
}

const A = '- { name: a, url: http://a }'
const nothing = () => {}

test('a change is reported once, when the files have been the same for an interval', async () =>
  inFolder(async ({ write, remove, load }) => {
    await write('list-a.yaml', A)
    const loaded = await load()
    const add = () => write('list-b.yaml', '')
    const addMore = () => write('list-b.yaml', '[]')
    expect(await reportedAt(loaded, [nothing, nothing, add, addMore, nothing, nothing])).toEqual([5])
    const removeB = () => remove('list-b.yaml')
    expect(await reportedAt(loaded, [nothing, nothing, removeB, nothing, add, nothing])).toEqual([2, 6])
    const removeBoth = () => Promise.all([removeB(), remove('list-a.yaml')]).then(nothing)
    expect(await reportedAt(loaded, [removeBoth, nothing, nothing])).toEqual([2])
  }))

const namesOf = ({ config }: LoadedConfig) => config.devices.map(({ name }) => name)

test('a file with mistakes counts as it last was without; others change', async () =>
  inFolder(async ({ write, remove, load }) => {
    await write('list-a.yaml', A)
    await write('list-c.yaml', '- { name: c, url: http://c }')
    const first = await load()
    await write('list-a.yaml', '- { name: a, url: http')
    await write('list-b.yaml', '- { name: b, url: http://b }')
    await write('list-d.yaml', '- { name: d }')
    await remove('list-c.yaml')
    const second = await load(first)
    expect(namesOf(second)).toEqual(['own', 'a', 'b'])
    expect(second.deviceFiles.refused?.message).toMatch(/^list-a\.yaml:1:\d+.*\nlist-d\.yaml:1:3 \[0\]\.url: /)
    const third = await load(second)
    expect(namesOf(third)).toEqual(['own', 'a', 'b'])
    await write('list-a.yaml', '- { name: e, url: http://e }')
    await write('list-d.yaml', '[]')
    const fourth = await load(third)
    expect(namesOf(fourth)).toEqual(['own', 'e', 'b'])
    expect(fourth.deviceFiles.refused).toBeUndefined()
  }))

test('two files that come to name one device: the one that had it keeps it', async () =>
  inFolder(async ({ write, load }) => {
    await write('list-b.yaml', A)
    const first = await load()
    await write('list-c.yaml', '- { name: a, url: http://c }')
    expect(namesOf(await load(first))).toEqual(['own', 'a'])
    await write('list-c.yaml', '[]')
    await write('list-a.yaml', '- { name: a, url: http://c }')
    await expect(load(first)).rejects.toThrow('list-b.yaml:1:11 [0].name: found "a" as in list-a.yaml:1 [0].name')
  }))

test('a mistake elsewhere refuses the configuration', async () =>
  inFolder(async ({ write, load }) => {
    const first = await load()
    await write('list-a.yaml', '- 5')
    await write('c.yaml', 'deviceFiles: ["list-*.yaml"]\nchunk: 5')
    await expect(load(first)).rejects.toThrow('c.yaml:2:8 chunk')
  }))
