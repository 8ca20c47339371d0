import { defineConfig, mergeConfig } from 'vitest/config'
import config from './vitest.config.ts'

/** The same tests with their full numbers: 20 kills, every write that fails, 3 years. */
export default mergeConfig(config, defineConfig({ test: { env: { LONG: '1' }, testTimeout: 4 * 3_600_000 } }))
