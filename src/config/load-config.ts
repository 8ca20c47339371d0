import { readdir, stat } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { buildConfig } from './build-config.ts'
import { ConfigError, ForbiddenFileError, MAX_NAMED_PROBLEMS, type Problem } from './config-error.ts'
import { configWarnings, environmentWarnings, permissionWarnings } from './config-warnings.ts'
import type { Config } from './config.ts'
import { type DeviceFile, readDeviceFiles } from './device-files.ts'
import { deviceProblems, missingDevices, templateProblems } from './device-problems.ts'
import { CONFIG_VARIABLE, type Environment, withEnvironment } from './environment.ts'
import { fileSchema } from './file-schema.ts'
import { valueAt } from './key-path.ts'
import { readLoosely } from './loose-file.ts'
import { findMachineZone } from './machine-zone.ts'
import { readPriceFiles } from './price-files.ts'
import { NoPlainFileError, readReferencedFiles, readUpTo, TooLongError } from './referenced-files.ts'
import { type KeyProblem, placeProblems, schemaProblems } from './schema-problems.ts'
import { secretsIn } from './settings.ts'
import { withoutSecrets } from './show-value.ts'
import { alertProblems, storeProblems, webProblems } from './store-problems.ts'
import { tariffProblems } from './tariff-problems.ts'
import { type Origin, withDevices } from './with-devices.ts'
import { readYaml } from './yaml-source.ts'

export interface LoadedConfig {
  readonly config: Config
  /** The file that it came from; absolute. */
  readonly path: string
  /** Complete sentences about what is allowed and most likely not meant. */
  readonly warnings: readonly string[]
  readonly deviceFiles: {
    /** By absolute path. */
    readonly texts: ReadonlyMap<string, string>
    /** As `deviceFilesState` was. */
    readonly state: string
    /** What is wrong with those whose devices stay as they were. */
    readonly refused?: ConfigError
  }
}

/**
 * Reads and checks file and environment; throws `ConfigError` with all mistakes at once, or the first of very many.
 * `lastGood`: texts of files of devices that count where there are mistakes in these files alone.
 */
export async function loadConfig(
  options: FindOptions,
  lastGood?: LoadedConfig['deviceFiles']['texts'],
): Promise<LoadedConfig> {
  const path = await findConfigFile(options)
  const shownPath = shortest(path, options.cwd)
  const text = await readConfigText(path, shownPath)
  const place = { path, shownPath, env: options.env }
  try {
    return await readConfig(text, place)
  } catch (error) {
    const broken = error instanceof ConfigError ? error.problems.map(({ deviceFile }) => deviceFile) : []
    if (!lastGood || !(error instanceof ConfigError) || broken.includes(undefined)) throw error
    const replaced = new Map(broken.map((file = '') => [file, lastGood.get(file) ?? NO_DEVICES]))
    const loaded = await readConfig(text, { ...place, replaced }).catch(() => undefined)
    if (!loaded) throw error
    return { ...loaded, deviceFiles: { ...loaded.deviceFiles, refused: error } }
  }
}

const NO_DEVICES = '[]'

/** The names of its devices, whatever else of it is wrong. @throws ConfigError where it cannot be read. */
export async function readDeviceNames(options: FindOptions): Promise<string[]> {
  const path = await findConfigFile(options)
  const written = readYaml(await readConfigText(path, path)).tree
  const { files } = await readDeviceFiles(valueAt(written, ['deviceFiles']), { folder: dirname(path) })
  const { devices = [] } = readLoosely(withDevices(written, files).tree)
  return devices.flatMap(({ name }) => name ?? [])
}

interface TextOptions {
  /** Where the text is, or would be: absolute, as its relative paths start there. */
  readonly path: string
  /** What messages call it. */
  readonly shownPath: string
  readonly env: Environment
  /** Texts to take in place of those of files of devices, by absolute path. */
  readonly replaced?: ReadonlyMap<string, string> | undefined
}

/** The same of a text that need not be in a file. */
export async function readConfig(text: string, { path, shownPath, env, replaced }: TextOptions): Promise<LoadedConfig> {
  const source = readYaml(text)
  const overridden = withEnvironment(source.tree, env, await findCredentials(env))
  const sources = { source, overridden, file: shownPath }
  if (source.tree === undefined) throw refusal(placeProblems([], sources))

  const folder = dirname(path)
  const lists = await readDeviceFiles(valueAt(overridden.tree, ['deviceFiles']), { folder, replaced })
  const { tree, originOf, describePlace } = withDevices(overridden.tree, lists.files)
  const loose = readLoosely(tree)
  const files = await readReferencedFiles(tree, folder)
  const parsed = fileSchema.safeParse(tree)
  const metric = loose.metric ?? fileSchema.shape.metric.parse(undefined)
  const mistakes = [
    ...schemaProblems(tree, parsed.error?.issues ?? []),
    ...storeProblems(loose.store ?? {}),
    ...templateProblems(loose, metric),
    ...missingDevices(tree),
    ...deviceProblems(loose.devices ?? [], { wattsMetric: metric, rules: loose.labels, describePlace }),
    ...webProblems(loose.web ?? {}),
    ...alertProblems(loose.alerts ?? {}),
    ...tariffProblems(tree),
    ...files.problems,
    ...lists.problems,
  ]
  const refuse = (found: readonly KeyProblem[]) => {
    const origins = distinct(found.map((problem) => ({ ...problem, ...originOf(problem.path) })))
    const inFile = origins.filter(({ file }) => file === undefined)
    const inLists = lists.files.flatMap((file) => {
      const own = [...file.problems, ...origins.filter((problem) => problem.file === file)]
      const placed = placeProblems(own, { source: file.source, file: file.shownPath })
      return placed.map((problem) => ({ ...problem, deviceFile: file.path }))
    })
    const problems = [...placeProblems(inFile, sources), ...overridden.problems, ...inLists]
    if (problems.length > 0 || !parsed.success) throw refusal(problems, secretsIn(tree))
    return parsed.data
  }
  const file = refuse(mistakes)
  const zone = await findMachineZone(env)
  const config = buildConfig(file, { folder, files, timezone: zone.timezone })
  refuse((await readPriceFiles(config.tariffs, config.house.timezone)).problems)
  const { stateDir } = config
  const texts = [{ path, tree: source.tree }, ...lists.files.map(asText)]
  const permissions = await permissionWarnings({ texts, secretFiles: files.secretFiles, stateDir })
  const unknownZone = file.house?.timezone === undefined && zone.warning !== undefined ? [zone.warning] : []
  return {
    config,
    path,
    deviceFiles: { texts: new Map(lists.files.map((list) => [list.path, list.text])), state: lists.state },
    warnings: [
      ...permissions,
      ...environmentWarnings(env),
      ...unknownZone,
      ...lists.warnings,
      ...configWarnings(config),
    ],
  }
}

function asText({ path, devices }: DeviceFile) {
  return { path, tree: { devices: devices.map(({ value }) => value) } }
}

/** What devices have from the same place is named once. */
function distinct<T extends KeyProblem & Origin>(problems: readonly T[]): T[] {
  const keyOf = ({ file, path, message }: T) => JSON.stringify([file?.path, path, message])
  return [...new Map(problems.map((problem) => [keyOf(problem), problem])).values()]
}

/** Relative where that is shorter to read, and a name. */
function shortest(path: string, cwd: string): string {
  const fromHere = relative(cwd, path)
  return fromHere === '' || fromHere.startsWith('..') ? path : fromHere
}

function refusal(problems: readonly Problem[], secrets: readonly unknown[] = []): ConfigError {
  const named = problems
    .slice(0, MAX_NAMED_PROBLEMS)
    .map(({ message, ...problem }) => ({ ...problem, message: withoutSecrets(message, secrets) }))
  return new ConfigError(named, `${summary(problems.length)}. To check again afterwards: iotawatt-sync check.`)
}

function summary(count: number): string {
  if (count > MAX_NAMED_PROBLEMS)
    return `More than ${MAX_NAMED_PROBLEMS} mistakes in the configuration; ${MAX_NAMED_PROBLEMS} are named`
  return `${count === 1 ? 'One mistake' : `${count} mistakes`} in the configuration`
}

const FOLDER_VARIABLE = 'CREDENTIALS_DIRECTORY'

/**
 * The files of systemd's credentials, by the variable that each counts as: one that is called as the variable of a
 * secret, unless the environment itself gives the secret.
 */
async function findCredentials(env: Environment): Promise<ReadonlyMap<string, string>> {
  const folder = env[FOLDER_VARIABLE]
  if (!folder) return new Map()
  const names = await readdir(folder).catch((error: unknown) => {
    const message = `found ${folder}, which cannot be read (${error instanceof Error ? error.message : String(error)}); expected the folder of systemd's credentials`
    throw new ConfigError([{ place: FOLDER_VARIABLE, message }], 'Run it as the user of the service, or unset it.')
  })
  const isGiven = (name: string) => Boolean(env[name] ?? '') || Boolean(env[`${name}_FILE`] ?? '')
  const files = names
    .filter((name) => /^IOTAWATT_SYNC_\w+_(PASSWORD|TOKEN)$/.test(name) && !isGiven(name))
    .map((name): [string, string] => [`${name}_FILE`, join(folder, name)])
  return new Map(files)
}

const USUAL_PLACES = ['./iotawatt-sync.yaml', '/config/iotawatt-sync.yaml']

interface FindOptions {
  /** What `--config` says. */
  readonly path?: string | undefined
  readonly env: Environment
  readonly cwd: string
}

/** The absolute path of the file to read: as told, else the first that is there. */
async function findConfigFile({ path, env, cwd }: FindOptions): Promise<string> {
  const told = path ?? (env[CONFIG_VARIABLE] || undefined)
  if (told !== undefined) return resolve(cwd, told)
  for (const place of USUAL_PLACES) if (await isThere(resolve(cwd, place))) return resolve(cwd, place)
  throw new ConfigError(
    [
      {
        place: 'configuration',
        message: `found no file at ${USUAL_PLACES.map((place) => resolve(cwd, place)).join(' or ')}`,
      },
    ],
    `To make one: iotawatt-sync init. To use a file elsewhere: --config FILE, or ${CONFIG_VARIABLE}=FILE.`,
  )
}

async function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    (error: unknown) => !(error instanceof Error && 'code' in error && error.code === 'ENOENT'),
  )
}

/** A house has some kB. */
const MAX_CONFIG_BYTES = 1024 * 1024

/** The text of a configuration file; `shownPath` is what messages call it. */
export async function readConfigText(path: string, shownPath: string): Promise<string> {
  const bytes = await readUpTo(path, MAX_CONFIG_BYTES).catch((error: unknown) => {
    const problem = { place: shownPath, message: explain(error) }
    if (hasCode(error, 'EACCES')) throw new ForbiddenFileError(path, problem)
    throw new ConfigError([problem], 'To make one: iotawatt-sync init.')
  })
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    const message = 'found bytes that are no text; expected YAML in UTF-8'
    throw new ConfigError([{ place: shownPath, message }], 'Save the file as UTF-8, without other changes.')
  }
}

function explain(error: unknown): string {
  if (error instanceof TooLongError) return `found a file that is no configuration: ${error.message}; expected YAML`
  if (error instanceof NoPlainFileError) return `found ${error.message}; expected the configuration, a plain file`
  if (hasCode(error, 'ENOENT')) return 'found no such file; expected the configuration, YAML'
  if (hasCode(error, 'EACCES')) return 'found a file that this user may not read; expected permission to read it'
  return `found a file that cannot be read: ${error instanceof Error ? error.message : String(error)}`
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
