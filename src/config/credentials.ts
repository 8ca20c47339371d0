import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { ConfigError } from './config-error.ts'
import type { Environment } from './environment.ts'

const FOLDER_VARIABLE = 'CREDENTIALS_DIRECTORY'

/**
 * The files of systemd's credentials, by the variable that each counts as: one that is called as the variable of a
 * secret, unless the environment itself gives the secret.
 */
export async function findCredentials(env: Environment): Promise<ReadonlyMap<string, string>> {
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
