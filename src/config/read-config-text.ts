import { ConfigError, ForbiddenFileError } from './config-error.ts'
import { NoPlainFileError, readUpTo, TooLongError } from './read-up-to.ts'

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
  if (hasCode(error, 'EACCES')) return 'found a file that this user may not read; expected the right to read it'
  return `found a file that cannot be read: ${error instanceof Error ? error.message : String(error)}`
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
