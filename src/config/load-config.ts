import { dirname, relative } from 'node:path'
import { buildConfig, DEFAULT_METRIC } from './build-config.ts'
import { ConfigError, type Problem } from './config-error.ts'
import { configWarnings } from './config-warnings.ts'
import type { Config } from './config.ts'
import { deviceProblems } from './device-problems.ts'
import { withEnvironment, type Overridden } from './environment.ts'
import { fileSchema } from './file-schema.ts'
import { exposedSecretsWarning } from './exposed-secrets.ts'
import { findConfigFile, type FindOptions } from './find-config-file.ts'
import { formatKeyPath } from './key-path.ts'
import { readLoosely } from './loose-file.ts'
import { readConfigText } from './read-config-text.ts'
import { readReferencedFiles } from './referenced-files.ts'
import { schemaProblems, type KeyProblem } from './schema-problems.ts'
import { storeProblems } from './store-problems.ts'
import { readYaml, type Position, type YamlSource } from './yaml-source.ts'

export interface LoadedConfig {
  readonly config: Config
  /** The file that it came from; absolute. */
  readonly path: string
  /** Whole sentences about what is allowed and most likely not meant. */
  readonly warnings: readonly string[]
}

/** Reads and checks file and environment; throws `ConfigError` with all mistakes at once. */
export async function loadConfig(options: FindOptions): Promise<LoadedConfig> {
  const path = await findConfigFile(options)
  const shownPath = shortest(path, options.cwd)
  const source = readYaml(await readConfigText(path, shownPath))
  const overridden = withEnvironment(source.tree, options.env)
  const syntax = source.problems.map(({ path: keys, position, message }) => ({
    place: placeIn(shownPath, position, formatKeyPath(keys)),
    message,
  }))
  if (source.tree === undefined) throw refusal([...syntax, ...overridden.problems])

  const loose = readLoosely(overridden.tree)
  const files = await readReferencedFiles(loose, dirname(path))
  const parsed = fileSchema.safeParse(overridden.tree)
  const mistakes = [
    ...schemaProblems(overridden.tree, parsed.error?.issues ?? []),
    ...storeProblems(loose.store ?? {}),
    ...deviceProblems(loose.devices ?? [], loose.metric ?? DEFAULT_METRIC),
    ...files.problems,
  ]
  const problems = [...syntax, ...overridden.problems, ...placed(mistakes, { source, overridden, file: shownPath })]
  if (!parsed.success || problems.length > 0) throw refusal(problems)
  const config = buildConfig(parsed.data, { folder: dirname(path), files })
  return { config, path, warnings: [...(await exposedSecretsWarning(path, source.tree)), ...configWarnings(config)] }
}

interface Sources {
  readonly source: YamlSource
  readonly overridden: Overridden
  readonly file: string
}

function placed(mistakes: readonly KeyProblem[], { source, overridden, file }: Sources): Problem[] {
  return mistakes.map(({ path, message, atKey }) => {
    const key = formatKeyPath(path)
    const variable = overridden.variableOf(path)
    if (variable !== undefined) return { place: `${variable} (${key})`, message }
    const position = atKey ? source.positionOfKey(path) : source.positionOf(path)
    return { place: placeIn(file, position, key), message }
  })
}

function placeIn(file: string, { line, column }: Position, key: string): string {
  return `${file}:${line}:${column}${key === '' ? '' : ` ${key}`}`
}

/** Relative where that is shorter to read. */
function shortest(path: string, cwd: string): string {
  const fromHere = relative(cwd, path)
  return fromHere.startsWith('..') ? path : fromHere
}

function refusal(problems: readonly Problem[]): ConfigError {
  const count = problems.length === 1 ? 'One mistake' : `${problems.length} mistakes`
  return new ConfigError(problems, `${count} in the configuration. To look again after mending: iotawatt-sync check.`)
}
