import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Environment } from '../src/config/environment.ts'
import { ConfigError } from '../src/config/config-error.ts'
import { loadConfig, type LoadedConfig } from '../src/config/load-config.ts'

export interface Written {
  readonly env?: Environment
  /** Files beside the configuration, by name. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>
  /** Who may read them all; left out: their owner. */
  readonly mode?: number
}

/** For tests: what a text in a file `c.yaml` of a folder of its own loads as. */
export async function loadText(
  text: string,
  { env = {}, files = {}, mode = 0o600 }: Written = {},
): Promise<LoadedConfig> {
  const cwd = await mkdtemp(join(tmpdir(), 'config-'))
  try {
    for (const [name, content] of Object.entries({ 'c.yaml': text, ...files })) {
      await mkdir(dirname(join(cwd, name)), { recursive: true })
      await writeFile(join(cwd, name), content, { mode })
    }
    return await loadConfig({ path: 'c.yaml', env, cwd })
  } finally {
    await rm(cwd, { recursive: true })
  }
}

/** For tests: the mistakes of a text, a line each. */
export async function mistakesIn(text: string, written: Written = {}): Promise<string[]> {
  const outcome = await loadText(text, written).catch((error: unknown) => error)
  if (!(outcome instanceof ConfigError)) throw new Error('loaded without a mistake', { cause: outcome })
  return outcome.problems.map(({ place, message }) => `${place}: ${message}`)
}
