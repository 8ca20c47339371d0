import { loadConfig, type LoadedConfig } from '../config/load-config.ts'
import { systemClock } from '../runtime/clock.ts'
import { createLog } from './create-log.ts'
import type { CommonFlags } from './flags.ts'
import type { Surroundings } from './open-store.ts'

export async function loadFor({ config }: CommonFlags): Promise<LoadedConfig> {
  return loadConfig({ ...(config !== undefined && { path: config }), env: process.env, cwd: process.cwd() })
}

export function surround({ config, warnings }: LoadedConfig, { verbose }: CommonFlags): Surroundings {
  const log = createLog({ ...config.log, ...(verbose && { level: 'debug' }) })
  for (const warning of warnings) log.warn(warning)
  return { clock: systemClock, log, random: Math.random }
}
