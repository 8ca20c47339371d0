import { findInfluxd } from '../../scripts/influxdb.mjs'

/** The binary for tests; none is a failure where CI=true, and is reported loudly elsewhere. */
export async function influxdForTests(): Promise<string | undefined> {
  const binary = await findInfluxd()
  if (binary !== undefined) return binary
  if (process.env['CI'] === 'true') throw new Error('CI=true, and there is no InfluxDB to test with')
  console.error('### The tests against a real InfluxDB DID NOT RUN: there is none (see above) ###')
  return undefined
}
