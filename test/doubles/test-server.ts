import { findInfluxd } from '../../scripts/influxdb.mjs'
import { findVictoriaMetrics } from '../../scripts/victoria-metrics.mjs'

export const KEEP_ALL = '-retentionPeriod=100y'

export const binaryForTests = () => required(findVictoriaMetrics(), 'VictoriaMetrics')
export const influxdForTests = () => required(findInfluxd(), 'InfluxDB')

/** The binary for tests; none is a failure where CI=true, and reported loudly elsewhere. */
async function required(find: Promise<string | undefined>, title: string): Promise<string | undefined> {
  const binary = await find
  if (binary !== undefined) return binary
  if (process.env['CI'] === 'true') throw new Error(`CI=true, and there is no ${title} to test with`)
  console.error(`### The tests against a real ${title} DID NOT RUN: there is none (see above) ###`)
  return undefined
}
