import { ConfigError } from './config-error.ts'
import { NoPlainFileError, readUpTo, TooLongError } from './read-up-to.ts'

/** A house has some kB. */
const MAX_CONFIG_BYTES = 1024 * 1024

/** The text of a configuration file; `shownPath` is what messages call it. */
export async function readConfigText(path: string, shownPath: string): Promise<string> {
  const bytes = await readUpTo(path, MAX_CONFIG_BYTES).catch((error: unknown) => {
    throw new ConfigError([{ place: shownPath, message: explain(error) }], 'To make one: iotawatt-sync init.')
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
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ENOENT') return 'found no such file; expected the configuration, YAML'
  if (code === 'EACCES') return 'found a file that this user may not read; expected the right to read it'
  return `found a file that cannot be read: ${error instanceof Error ? error.message : String(error)}`
}
