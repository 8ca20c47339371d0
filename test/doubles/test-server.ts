import { findVictoriaMetrics } from '../../scripts/victoria-metrics.mjs'

export const KEEP_ALL = '-retentionPeriod=100y'

/** The binary for tests; none is a failure where CI=true, and reported loudly elsewhere. */
export async function binaryForTests(): Promise<string | undefined> {
  const binary = await findVictoriaMetrics()
  if (binary !== undefined) return binary
  if (process.env['CI'] === 'true') throw new Error('CI=true, and there is no VictoriaMetrics to test with')
  console.error('### The tests against a real VictoriaMetrics DID NOT RUN: there is none (see above) ###')
  return undefined
}
