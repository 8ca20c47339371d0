import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { ConfigError } from './config-error.ts'
import { CONFIG_VARIABLE, type Environment } from './environment.ts'

const USUAL_PLACES = ['./iotawatt-sync.yaml', '/config/iotawatt-sync.yaml']

export interface FindOptions {
  /** What `--config` says. */
  readonly path?: string | undefined
  readonly env: Environment
  readonly cwd: string
}

/** The absolute path of the file to read: as told, else the first that is there. */
export async function findConfigFile({ path, env, cwd }: FindOptions): Promise<string> {
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
