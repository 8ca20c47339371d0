import type { StoreAdvice } from '../../model/store.ts'
import type { InfluxDbTarget } from './influxdb-options.ts'
import { identifier } from './influxql.ts'

export function adviceFor(target: InfluxDbTarget): StoreAdvice {
  if (target.version === '2.x')
    return { keepLonger: 'let the bucket keep samples for ever: influx bucket update --id ID --retention 0' }
  const policy = identifier(target.retentionPolicy ?? 'autogen')
  return {
    keepLonger: `let its retention policy keep samples for ever: influx -execute 'ALTER RETENTION POLICY ${policy} ON ${identifier(target.database)} DURATION INF'`,
  }
}
