import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve } from 'node:path'
import * as z from 'zod'
import { fitsGlob } from '../model/fits-glob.ts'
import { isList, isMapping, type KeyPath, type Mapping } from './key-path.ts'
import { readUpTo } from './referenced-files.ts'
import { type KeyProblem, schemaProblems } from './schema-problems.ts'
import { readYaml, type YamlSource } from './yaml-source.ts'

export interface DeviceFile {
  /** Absolute. */
  readonly path: string
  /** What messages call it. */
  readonly shownPath: string
  readonly text: string
  readonly source: YamlSource
  readonly devices: readonly ListedDevice[]
  /** With paths of keys in this file. */
  readonly problems: readonly KeyProblem[]
}

interface ListedDevice {
  /** As it would stand in `devices`. */
  readonly value: unknown
  /** Where in its file that stands which the device has at this path. */
  pathOf(path: KeyPath): KeyPath
}

export interface DeviceFiles {
  readonly files: readonly DeviceFile[]
  /** As `deviceFilesState` was before they were read. */
  readonly state: string
  /** With paths of keys in the configuration. */
  readonly problems: readonly KeyProblem[]
  /** Complete sentences. */
  readonly warnings: readonly string[]
}

interface ReadOptions {
  /** What relative patterns start from. */
  readonly folder: string
  /** Texts to take in place of those of the files, by absolute path. */
  readonly replaced?: ReadonlyMap<string, string> | undefined
}

/** The files that `deviceFiles` names, each once, in the order of the patterns and then of their names. */
export async function readDeviceFiles(patterns: unknown, { folder, replaced }: ReadOptions): Promise<DeviceFiles> {
  const { paths, ...found } = await findDeviceFiles(patterns, folder)
  const state = await stateOf(paths)
  const read = async (path: string) => {
    const text = replaced?.get(path) ?? (await readUpTo(path, MAX_BYTES).then(decode).catch(asError))
    const fromHere = relative(folder, path)
    return readDeviceFile(text, path, fromHere.startsWith('..') ? path : fromHere)
  }
  return { files: await Promise.all(paths.map(read)), state, ...found }
}

/** A text that is another one when one of the files is added, changed or removed. */
export async function deviceFilesState(patterns: unknown, folder: string): Promise<string> {
  return stateOf((await findDeviceFiles(patterns, folder)).paths)
}

async function stateOf(paths: readonly string[]): Promise<string> {
  const states = paths.map(async (path) => {
    const found = await stat(path).catch(() => undefined)
    return [path, found?.ino, found?.size, found?.mtimeMs, found?.mode]
  })
  return JSON.stringify(await Promise.all(states))
}

interface FoundFiles extends Pick<DeviceFiles, 'problems' | 'warnings'> {
  /** Absolute. */
  readonly paths: readonly string[]
}

async function findDeviceFiles(patterns: unknown, folder: string): Promise<FoundFiles> {
  const paths = new Set<string>()
  const problems: KeyProblem[] = []
  const warnings: string[] = []
  for (const [index, pattern] of (isList(patterns) ? patterns : []).entries()) {
    if (typeof pattern !== 'string' || pattern === '') continue
    const { found = [], problem } = await findFiles(resolve(folder, pattern))
    if (problem !== undefined) problems.push({ path: ['deviceFiles', index], message: problem })
    else if (found.length === 0) warnings.push(`deviceFiles: no file is called ${pattern}, so it adds no device.`)
    for (const path of found) paths.add(path)
  }
  return { paths: [...paths], problems, warnings }
}

/** 10,000 devices with labels. */
const MAX_BYTES = 8 * 1024 * 1024

const decode = (bytes: Uint8Array) => new TextDecoder('utf-8', { fatal: true }).decode(bytes)
const asError = (error: unknown) => (error instanceof Error ? error : new Error(String(error)))

const WILDCARD = /[*?]/

/** `pattern` is absolute. Hidden files are those of editors, and of Kubernetes, which mounts through them. */
async function findFiles(pattern: string): Promise<{ readonly found?: string[]; readonly problem?: string }> {
  const [folder, file] = [dirname(pattern), basename(pattern)]
  if (WILDCARD.test(folder))
    return { problem: 'found * or ? in the name of a folder; expected them in the name of the file alone' }
  if (!WILDCARD.test(file)) return { found: [pattern] }
  const names = await readdir(folder).catch(asError)
  if (names instanceof Error)
    return { problem: `found a folder that cannot be read (${names.message}); expected one with files of devices` }
  const fitting = names.filter((name) => fitsGlob(file, name) && (!name.startsWith('.') || file.startsWith('.')))
  return { found: fitting.toSorted().map((name) => join(folder, name)) }
}

const LIST =
  "expected a list of devices, each with name and url, or of targets in the format of Prometheus' file_sd; [] for none"

function readDeviceFile(text: string | Error, path: string, shownPath: string): DeviceFile {
  const source = readYaml(text instanceof Error ? '[]' : text)
  const of = { path, shownPath, text: text instanceof Error ? '' : text, source }
  const refused = (message: string) => ({ ...of, devices: [], problems: [{ path: [], message }] })
  if (text instanceof Error) return refused(`found a file that cannot be read (${text.message}); ${LIST}`)
  const { tree } = source
  if (source.problems.length > 0) return { ...of, devices: [], problems: [] }
  // A file that is being written is empty first: that is not the end of its devices.
  if (!isList(tree))
    return refused(`found ${isMapping(tree) ? 'a mapping' : tree === null ? 'nothing' : 'a text'}; ${LIST}`)
  const entries = tree.map((entry, index) =>
    isMapping(entry) && 'targets' in entry
      ? readGroup(tree, entry, index)
      : { devices: [ownDevice(entry, index)], problems: [] },
  )
  return {
    ...of,
    devices: entries.flatMap(({ devices }) => devices),
    problems: entries.flatMap(({ problems }) => problems),
  }
}

function ownDevice(value: unknown, index: number): ListedDevice {
  return { value, pathOf: (path) => [index, ...path] }
}

const TARGET = 'a target, such as "10.0.0.5:80"'

/** https://prometheus.io/docs/prometheus/latest/configuration/configuration/#file_sd_config */
const groupSchema = z.object({
  targets: z.array(z.string({ error: TARGET }).min(1, { error: TARGET }), { error: `a list, each ${TARGET}` }),
  labels: z
    .record(z.string(), z.string({ error: 'text, in quotes' }), {
      error: 'a mapping of label names to texts, such as { device: "hall" }',
    })
    .default({}),
})

interface Group {
  readonly devices: readonly ListedDevice[]
  readonly problems: readonly KeyProblem[]
}

function readGroup(tree: unknown, entry: Mapping, index: number): Group {
  const unknown = Object.keys(entry).filter((key) => !Object.hasOwn(groupSchema.shape, key))
  const message = 'found an unknown key; expected targets and labels'
  const problems = unknown.map((key): KeyProblem => ({ path: [index, key], atKey: true, message }))
  const parsed = groupSchema.safeParse(entry)
  if (!parsed.success) {
    const issues = parsed.error.issues.map((issue) => ({ ...issue, path: [index, ...issue.path] }))
    return { devices: [], problems: [...problems, ...schemaProblems(tree, issues)] }
  }
  const { targets, labels } = parsed.data
  const { device, __scheme__: scheme = 'http', ...others } = labels
  const ofSeries = Object.entries(others).filter(([name]) => !name.startsWith('__'))
  if (device !== undefined && targets.length > 1) {
    const oneName = `found one name for ${targets.length} targets; expected a group for each target that has a name`
    return { devices: [], problems: [...problems, { path: [index, 'labels', 'device'], message: oneName }] }
  }
  const devices = targets.map((target, at) => {
    const url = target.includes('://') ? target : `${scheme}://${target}`
    const places: Readonly<Record<string, KeyPath>> = {
      name: device === undefined ? [index, 'targets', at] : [index, 'labels', 'device'],
      url: [index, 'targets', at],
      labels: [index, 'labels'],
    }
    return {
      value: {
        name: device ?? url.replace(/^\w+:\/\//, '').replace(/:80$/, ''),
        url,
        labels: Object.fromEntries(ofSeries),
      },
      pathOf: ([key = '', ...rest]: KeyPath) => [...(places[key] ?? [index]), ...rest],
    }
  })
  return { devices, problems }
}
