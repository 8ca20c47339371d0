import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunningServer } from '../scripts/victoria-metrics.mjs'
import { seriesKey } from '../src/model/series.ts'
import type { Store } from '../src/model/store.ts'
import { DAY_MS, MINUTE_MS } from '../src/model/time-window.ts'
import { createDirectQueue } from '../src/sync/device-work.ts'
import { planWork, type PlanOptions } from '../src/sync/plan-migration.ts'
import { migrationWork } from '../src/sync/run-migration.ts'
import type { SyncContext } from '../src/sync/session.ts'
import { differences } from './expected-series.ts'
import { firstLabels } from './first-version.ts'
import { generatePower, importSamples, type GeneratedPower } from './generated-power.ts'
import { exportAll, openReal, realBinary, startRealStore, type ExportedSeries } from './real-store.ts'
import { channelsNamed, settingsFor } from './small-house.ts'
import { contextFor } from './two-units.ts'

const T0 = Date.UTC(2024, 4, 1)
const DAYS = 30
const STEPS_MS = { 'every 5 s': 5_000, 'every minute': MINUTE_MS }
const LOCATIONS = process.env['LONG'] ? Array.from({ length: 14 }, (_, index) => `Circuit_${index}`) : ['Furnace']
/** Nothing listens there: a device is never needed. */
const NO_DEVICE = 'http://127.0.0.1:9'
const { signal } = new AbortController()

describe.skipIf(!realBinary)('what another program left in VictoriaMetrics', () => {
  let server: RunningServer
  beforeAll(async () => {
    server = await startRealStore()
  })
  afterAll(() => server.stop())

  it.each(Object.entries(STEPS_MS))(
    `${DAYS} days of it, ${LOCATIONS.length} series of a point %s, migrate exactly, and a second time nothing is written`,
    async (name, stepMs) => {
      const window = { fromMs: T0, untilMs: T0 + DAYS * DAY_MS }
      const sources = LOCATIONS.map((location, seed) =>
        generatePower({ __name__: `Power_${location}`, device: name }, { window, stepMs, seed }),
      )
      await importSamples(server.url, sources.map(({ samples }) => samples)) // prettier-ignore
      const store = countWrites(openReal(server.url))
      const context = contextFor(name, NO_DEVICE, store, { settings: settingsFor(name, { channels: channelsNamed(...LOCATIONS) }) }) // prettier-ignore
      const report = await migrate(context)
      const minuteCount = sources.reduce((sum, { minutes }) => sum + minutes.length, 0)
      expect(sumOf(report.series, 'writtenMinutes')).toBe(minuteCount)
      expect(sumOf(report.series, 'absentMinutes')).toBeGreaterThan(0)
      const after = await exportAll(server.url, name)
      expect(differences(after, bothOf(name, sources))).toEqual([])

      const writeCount = store.writeCount()
      expect(writeCount).toBeGreaterThan(0)
      expect(sumOf((await migrate(context)).series, 'writtenMinutes')).toBe(0)
      expect(store.writeCount()).toBe(writeCount)
      expect(await exportAll(server.url, name)).toEqual(after)
    },
  )
})

/** Plans and runs, as the command does. */
async function migrate(context: SyncContext, options: Partial<PlanOptions> & { isDryRun?: boolean } = {}) {
  const queue = createDirectQueue(context)
  const template = { metric: 'Power_{location}', labels: { device: '{device}' } }
  const { isDryRun = false, ...changes } = options
  const plan = await queue.run((c) => planWork(c, { signal, template, ...changes }), signal)
  return queue.run((c) => migrationWork(c, plan, { signal, isDryRun }), signal)
}

function countWrites(store: Store): Store & { writeCount(): number } {
  let writeCount = 0
  return {
    ...store,
    write(batch, ...rest) {
      writeCount++
      return store.write(batch, ...rest)
    },
    writeCount: () => writeCount,
  }
}

/** The sources as they were, and beside them what they make. */
function bothOf(device: string, sources: readonly GeneratedPower[]): Map<string, ExportedSeries> {
  const all = new Map<string, ExportedSeries>()
  for (const { samples, minutes } of sources) {
    const { labels, timestampsMs, values } = samples
    all.set(seriesKey(labels), { labels, samples: timestampsMs.map((atMs, index) => [atMs, values[index] ?? NaN]) })
    const migrated = firstLabels(device, labels['__name__']?.replace('Power_', '') ?? '')
    all.set(seriesKey(migrated), { labels: migrated, samples: minutes })
  }
  return all
}

function sumOf<K extends string>(series: readonly Readonly<Record<K, number>>[], key: K): number {
  return series.reduce((sum, one) => sum + one[key], 0)
}
