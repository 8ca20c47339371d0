import { ConfigError, ForbiddenFileError } from '../config/config-error.ts'
import { variableName } from '../config/environment.ts'
import { loadConfig, type LoadedConfig } from '../config/load-config.ts'
import { systemClock } from '../runtime/clock.ts'
import { findForeign, thisUser } from '../runtime/foreign-path.ts'
import { createLog } from './create-log.ts'
import { asUser, type Redaction } from './explain-error.ts'
import type { CommonFlags } from './flags.ts'
import type { Deps } from './open-store.ts'

export async function loadFor(
  { config, shard }: CommonFlags,
  redaction: Redaction,
  lastGood?: LoadedConfig['deviceFiles']['texts'],
): Promise<LoadedConfig> {
  const env = shard === undefined ? process.env : { ...process.env, [variableName(['shard'])]: shard }
  const place = { ...(config !== undefined && { path: config }), env, cwd: process.cwd() }
  const loaded = await loadConfig(place, lastGood).catch(explainForbidden)
  redaction.learn(loaded.config)
  // It was warned about and has no effect; Node would say that it has.
  delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']
  return loaded
}

export function openDeps({ config, warnings }: LoadedConfig, { verbose }: CommonFlags, { redact }: Redaction): Deps {
  const log = createLog({ ...config.log, zone: config.house.timezone, ...(verbose && { level: 'debug' }), redact })
  for (const warning of warnings) log.warn(warning)
  return { clock: systemClock, log, random: Math.random }
}

/** A file that another user may read is told with whose it is. */
async function explainForbidden(error: unknown): Promise<never> {
  if (!(error instanceof ForbiddenFileError)) throw error
  const found = await findForeign(error.path)
  if (!found) throw error
  const { path, owner, group, permissions, user } = found
  const what = path === error.path ? 'it' : path
  const message = `found a file that this user (${thisUser()}) may not read: ${what} belongs to ${owner}, group ${group}, ${permissions}`
  const place = error.problems[0]?.place ?? error.path
  const next = `To give this user permission to read it: chmod or setfacl; ${asUser(user, process.argv.slice(2))}`
  throw new ConfigError([{ place, message }], next)
}
