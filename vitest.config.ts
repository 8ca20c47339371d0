import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { LongestFirst } from './test/longest-first.ts'

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    globalSetup: ['test/build-first.ts'],
    setupFiles: ['test/set-up.ts'],
    isolate: false,
    sequence: { sequencer: LongestFirst },
    // What tests leave behind is soon garbage: in a wide nursery it costs a tenth less to find.
    execArgv: ['--min-semi-space-size=32', '--max-semi-space-size=64'],
    // They mostly wait, for servers and for processes.
    maxWorkers: 2 * availableParallelism(),
    // They end a test that hangs. One that a busy machine can reach would fail a good test.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    expect: { poll: { timeout: 300_000 } },
    coverage: { provider: 'v8', include: ['src/**'], exclude: ['src/**/*.test.ts'] },
  },
})
