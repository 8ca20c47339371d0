import { test } from 'vitest'
import { askInfluxd, startInfluxd } from '../../../scripts/influxdb.mjs'
import { influxdForTests } from '../../../test/doubles/test-server.ts'
import { storeContract } from '../../../test/store-contract.ts'
import { systemClock } from '../../runtime/clock.ts'
import { silentLog } from '../../runtime/log.ts'
import { DEFAULT_TEMPLATES } from '../../model/point-template.ts'
import { openInfluxDb } from './open-influxdb.ts'

const binary = await influxdForTests()

if (binary === undefined) test.skip('a real InfluxDB: DID NOT RUN, there is none here', () => {})
else
  storeContract('InfluxDB', {
    keepsDoubles: false,
    open: async () => {
      const server = await startInfluxd({ binary })
      await askInfluxd(server.url, 'CREATE DATABASE "energy"')
      const store = openInfluxDb(
        {
          url: server.url,
          target: { version: '1.x', database: 'energy' },
          templates: DEFAULT_TEMPLATES,
          channels: { devices: [], units: new Map(), labelsOf: () => ({}) },
        },
        { clock: systemClock, log: silentLog, random: Math.random },
      )
      return { store, stop: () => server.stop() }
    },
  })
