import { describe, expect, it } from 'vitest'
import { HOUR_MS } from '../../src/model/time-window.ts'
import { startMortalStore } from '../mortal-store.ts'
import { describeFailure } from './describe-failure.ts'
import { realStoreOfWorld } from './real-store-world.ts'
import { runSeed } from './run-seed.ts'

const SCENARIOS = 20

/** The real store takes its own time, so a seed is no promise here: each run has others. */
describe.runIf(process.env['LONG'])('two weeks of faults around a real VictoriaMetrics', () => {
  const first = Date.now() % 1_000_000
  it.each(Array.from({ length: SCENARIOS }, (_, index) => first + index))(
    'leave it exact: scenario %i',
    async (scenario) => {
      const server = await startMortalStore()
      try {
        const outcome = await runSeed(scenario, { real: realStoreOfWorld(server), intervalMs: HOUR_MS })
        expect(outcome.wrong.length === 0 ? '' : describeFailure(outcome)).toBe('')
      } finally {
        await server.close()
      }
    },
  )
})
