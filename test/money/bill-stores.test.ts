import { afterAll, expect, test } from 'vitest'
import { askInfluxd, startInfluxd } from '../../scripts/influxdb.mjs'
import { openStore } from '../../src/cli/open-store.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { DEFAULT_LABEL_RULES } from '../../src/labels/default-rules.ts'
import { labelsFor } from '../../src/labels/labels-for.ts'
import type { Store } from '../../src/model/store.ts'
import { MINUTE_MS } from '../../src/model/time-window.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { silentLog } from '../../src/runtime/log.ts'
import { openCliHome } from '../cli-home.ts'
import { influxdForTests } from '../doubles/test-server.ts'
import { realBinary, startRealStore } from '../real-store.ts'

const { signal } = new AbortController()
/** The day on which clocks are put back is the second. */
const [FROM_MS, UNTIL_MS] = [Date.parse('2025-10-25T00:00+02:00'), Date.parse('2025-10-28T00:00+01:00')]
const HOUSE = {
  devices: [{ name: 'house', url: 'http://127.0.0.1:1' }],
  house: { timezone: 'Europe/Berlin', wiring: 'behind', mains: ['Grid'], solar: ['Roof'] },
  currency: 'EUR',
  holidays: { country: 'DE', state: 'BY', add: ['2025-10-27'] },
  tariffs: [
    {
      name: 'Night',
      import: [
        { name: 'Day', price: 0.31 },
        { name: 'Night', hours: '22-06', price: 0.22 },
        { name: 'Holiday', days: 'holiday', price: 0.2 },
      ],
      export: [{ price: 0.08 }],
      demand: [{ window: '15m', pricePerKw: 2 }],
      tax: '19%',
    },
  ],
}
const closing: (() => Promise<void>)[] = []
afterAll(async () => {
  for (const close of closing.toReversed()) await close()
})

async function fill(store: Store): Promise<void> {
  const series = ['Grid', 'Roof'].map((location, place) => {
    const timestampsMs = Array.from(
      { length: (UNTIL_MS - FROM_MS) / MINUTE_MS },
      (_, minute) => FROM_MS + minute * MINUTE_MS,
    )
    const present = timestampsMs.filter((_, minute) => minute % 1000 !== 7)
    const values = present.map(
      (atMs) => ((((atMs / MINUTE_MS) * (7919 + place)) % 400_000) - 100_000 * (1 - place)) / 100,
    )
    const labels = labelsFor({ metric: 'power', location }, { device: 'house', rules: DEFAULT_LABEL_RULES })
    return { labels, timestampsMs: present, values }
  })
  await store.write(series, signal)
  await store.flush(signal)
  await store.close()
}

/** The commands open the store once more. */
async function billOf(store: object): Promise<unknown> {
  const home = await openCliHome({ ...HOUSE, store })
  closing.push(() => home.close())
  const { config } = await loadConfig({ cwd: home.folder, env: {} })
  await fill(await openStore(config, { clock: systemClock, log: silentLog, random: Math.random }))
  const { stdout, stderr } = await home.run(['bill', '--from', '2025-10-25', '--to', '2025-10-28', '--json'])
  return stdout === '' ? stderr : JSON.parse(stdout)
}

const embedded = await billOf({ type: 'embedded' })
const influxd = await influxdForTests()

test('the embedded store has all but the minutes that were left out', () =>
  expect(embedded).toMatchObject({ bills: [{ missingMinutes: 5, days: 3, exportKwh: expect.any(Number) }] }))

test.skipIf(realBinary === undefined)('a bill of VictoriaMetrics is the same', async () => {
  const server = await startRealStore()
  closing.push(() => server.stop())
  expect(await billOf({ type: 'victoriametrics', url: server.url })).toEqual(embedded)
})

test.skipIf(influxd === undefined)('a bill of an InfluxDB is the same', async () => {
  const server = await startInfluxd({ binary: influxd! })
  closing.push(() => server.stop())
  await askInfluxd(server.url, 'CREATE DATABASE "energy"')
  expect(await billOf({ type: 'influxdb', url: server.url, database: 'energy' })).toEqual(embedded)
})
