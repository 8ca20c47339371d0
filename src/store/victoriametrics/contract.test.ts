import { test } from 'vitest'
import { startVictoriaMetrics } from '../../../scripts/victoria-metrics.mjs'
import { systemClock } from '../../runtime/clock.ts'
import { silentLog } from '../../runtime/log.ts'
import { storeContract } from '../../../test/store-contract.ts'
import { openVictoriaMetrics } from './open-victoriametrics.ts'
import { binaryForTests, KEEP_ALL } from '../../../test/doubles/test-server.ts'

const binary = await binaryForTests()

if (binary === undefined) test.skip('a real VictoriaMetrics: DID NOT RUN, there is none here', () => {})
else
  for (const [name, keepsDoubles, args] of [
    ['VictoriaMetrics', true, []],
    ['VictoriaMetrics that deduplicates', false, ['-dedup.minScrapeInterval=1ms']],
  ] as const)
    storeContract(name, {
      keepsDoubles,
      open: async () => {
        const server = await startVictoriaMetrics({ binary, args: [KEEP_ALL, ...args] })
        const deps = { clock: systemClock, log: silentLog, random: Math.random }
        return { store: openVictoriaMetrics({ url: server.url }, deps), stop: () => server.stop() }
      },
    })
