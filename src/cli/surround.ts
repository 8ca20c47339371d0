import { loadConfig, type LoadedConfig } from '../config/load-config.ts'
import { systemClock } from '../runtime/clock.ts'
import { createLog } from './create-log.ts'
import type { CommonFlags } from './flags.ts'
import type { Surroundings } from './open-store.ts'
import type { Redaction } from './redaction.ts'

export async function loadFor({ config }: CommonFlags, redaction: Redaction): Promise<LoadedConfig> {
  const loaded = await loadConfig({
    ...(config !== undefined && { path: config }),
    env: process.env,
    cwd: process.cwd(),
  })
  redaction.learn(loaded.config)
  // It was warned about and has no effect; Node would say that it has.
  delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']
  return loaded
}

export function surround(
  { config, warnings }: LoadedConfig,
  { verbose }: CommonFlags,
  { redact }: Redaction,
): Surroundings {
  const log = createLog({ ...config.log, ...(verbose && { level: 'debug' }), redact })
  for (const warning of warnings) log.warn(warning)
  return { clock: systemClock, log, random: Math.random }
}
