import { dirname, relative } from 'node:path'
import { buildConfig, DEFAULT_METRIC } from './build-config.ts'
import { ConfigError, MAX_NAMED_PROBLEMS, type Problem } from './config-error.ts'
import { configWarnings, environmentWarnings } from './config-warnings.ts'
import type { Config } from './config.ts'
import { findCredentials } from './credentials.ts'
import { deviceProblems } from './device-problems.ts'
import { withEnvironment, type Environment } from './environment.ts'
import { fileSchema } from './file-schema.ts'
import { rightsWarnings } from './file-permissions.ts'
import { findConfigFile, type FindOptions } from './find-config-file.ts'
import { readLoosely, secretsIn } from './loose-file.ts'
import { findMachineZone } from './machine-zone.ts'
import { placeProblems } from './place-problems.ts'
import { readConfigText } from './read-config-text.ts'
import { readReferencedFiles } from './referenced-files.ts'
import { webProblems } from './web-problems.ts'
import { schemaProblems } from './schema-problems.ts'
import { withoutSecrets } from './show-value.ts'
import { storeProblems } from './store-problems.ts'
import { readYaml } from './yaml-source.ts'

export interface LoadedConfig {
  readonly config: Config
  /** The file that it came from; absolute. */
  readonly path: string
  /** Whole sentences about what is allowed and most likely not meant. */
  readonly warnings: readonly string[]
}

/** Reads and checks file and environment; throws `ConfigError` with all mistakes at once, or the first of very many. */
export async function loadConfig(options: FindOptions): Promise<LoadedConfig> {
  const path = await findConfigFile(options)
  const shownPath = shortest(path, options.cwd)
  return readConfig(await readConfigText(path, shownPath), { path, shownPath, env: options.env })
}

interface TextOptions {
  /** Where the text is, or would be: absolute, as its relative paths start there. */
  readonly path: string
  /** What messages call it. */
  readonly shownPath: string
  readonly env: Environment
}

/** The same of a text that need not be in a file. */
export async function readConfig(text: string, { path, shownPath, env }: TextOptions): Promise<LoadedConfig> {
  const source = readYaml(text)
  const overridden = withEnvironment(source.tree, env, await findCredentials(env))
  const sources = { source, overridden, file: shownPath }
  if (source.tree === undefined) throw refusal(placeProblems([], sources))

  const loose = readLoosely(overridden.tree)
  const files = await readReferencedFiles(loose, dirname(path))
  const parsed = fileSchema.safeParse(overridden.tree)
  const mistakes = [
    ...schemaProblems(overridden.tree, parsed.error?.issues ?? []),
    ...storeProblems(loose.store ?? {}),
    ...deviceProblems(loose.devices ?? [], loose.metric ?? DEFAULT_METRIC),
    ...webProblems(loose.web ?? {}),
    ...files.problems,
  ]
  const problems = [...placeProblems(mistakes, sources), ...overridden.problems]
  if (!parsed.success || problems.length > 0) throw refusal(problems, secretsIn(loose))
  const zone = await findMachineZone(env)
  const config = buildConfig(parsed.data, { folder: dirname(path), files, timezone: zone.timezone })
  const { stateDir } = config
  const rights = await rightsWarnings({ path, tree: source.tree, secretFiles: files.secretFiles, stateDir })
  const unknownZone = parsed.data.house?.timezone === undefined && zone.warning !== undefined ? [zone.warning] : []
  return { config, path, warnings: [...rights, ...environmentWarnings(env), ...unknownZone, ...configWarnings(config)] }
}

/** Relative where that is shorter to read, and a name. */
function shortest(path: string, cwd: string): string {
  const fromHere = relative(cwd, path)
  return fromHere === '' || fromHere.startsWith('..') ? path : fromHere
}

function refusal(problems: readonly Problem[], secrets: readonly unknown[] = []): ConfigError {
  const named = problems
    .slice(0, MAX_NAMED_PROBLEMS)
    .map(({ place, message }) => ({ place, message: withoutSecrets(message, secrets) }))
  return new ConfigError(named, `${summary(problems.length)}. To look again after mending: iotawatt-sync check.`)
}

function summary(count: number): string {
  if (count > MAX_NAMED_PROBLEMS)
    return `More than ${MAX_NAMED_PROBLEMS} mistakes in the configuration; ${MAX_NAMED_PROBLEMS} are named`
  return `${count === 1 ? 'One mistake' : `${count} mistakes`} in the configuration`
}
