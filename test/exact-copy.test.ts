import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { RunningServer } from '../scripts/victoria-metrics.mjs'
import { openIotawatt } from '../src/iotawatt/open-iotawatt.ts'
import { DEFAULT_LABEL_RULES } from '../src/labels/default-rules.ts'
import { labelsFor } from '../src/labels/labels-for.ts'
import { seriesKey } from '../src/model/series.ts'
import { systemClock } from '../src/runtime/clock.ts'
import { silentLog } from '../src/runtime/log.ts'
import { RECORDED_AT_MS } from '../src/simulator/fixtures/load-fixtures.ts'
import type { ServedDevice } from './doubles/serve-simulated-device.ts'
import { syncDevice } from '../src/sync/tail/sync-device.ts'
import { exportAll, type ExportedSeries, openReal, realBinary, startRealStore } from './real-store.ts'
import { contextFor, loadAll, recordedMinutes, serveCard, type Unit, UNITS } from './two-units.ts'

const { signal } = new AbortController()

describe.skipIf(!realBinary)('two units into an empty VictoriaMetrics', () => {
  let server: RunningServer
  let devices: Map<Unit, ServedDevice>
  beforeAll(async () => {
    server = await startRealStore()
    // In its first second it does not tell when it started, and what is written is counted once more.
    const store = openReal(server.url)
    const tellsStart = async () => expect((await store.status(signal)).startedAtMs).toBeDefined()
    await vi.waitFor(tellsStart, { timeout: 300_000 })
    await store.close()
    devices = new Map(await Promise.all(UNITS.map(async (unit) => [unit, await serveCard(unit)] as const)))
  })
  afterAll(async () => {
    for (const served of devices.values()) await served.close()
    await server.stop()
  })
  const context = (unit: Unit) => {
    const { url } = served(unit)
    // For its client, every answer takes no time: batches do not shrink on a busy machine.
    const clock = { ...systemClock, nowMs: () => RECORDED_AT_MS }
    const device = openIotawatt({ name: unit, url, maxDeviceLoad: 1 }, { clock, log: silentLog, random: Math.random })
    return contextFor(unit, url, openReal(server.url), { device })
  }
  const served = (unit: Unit) => devices.get(unit) ?? expect.unreachable()

  it.each(UNITS)('loads %s with at most 1.02 × the least number of record reads, one query per batch', async (unit) => {
    const report = await loadAll(context(unit))
    const { recordReads, requestsByPath } = served(unit).device.counters()
    const minutes = (report.window.untilMs - report.window.fromMs) / 60_000
    const pages = requestsByPath.get('/query') ?? 0
    expect(minutes).toBe(4320)
    expect(pages - 1).toBeLessThanOrEqual(Math.ceil(minutes / 500))
    expect(recordReads).toBeLessThanOrEqual(1.02 * (minutes + pages - 1))
  })

  it('leaves exactly the samples that the firmware answered, under the labels of the original system', async () => {
    expect(await exportAll(server.url)).toEqual(await expectedSeries())
  })

  it.each(UNITS)('reads next to nothing of %s in a second load and a sync', async (unit) => {
    served(unit).device.resetCounters()
    expect((await loadAll(context(unit))).sampleCount).toBe(0)
    const { recordReads } = served(unit).device.counters()
    const outages = countOutages(unit)
    expect(recordReads).toBeLessThanOrEqual(10 * outages)
    const cycle = await syncDevice(context(unit), { signal, countMissing: true, durable: true })
    expect(cycle).toMatchObject({ sampleCount: 0, holeMinutes: 0, warnings: [expect.stringContaining('clock')] })
    expect(await exportAll(server.url)).toEqual(await expectedSeries())
  })
})

/** By an own way from the recordings: key → series. */
async function expectedSeries(): Promise<Map<string, ExportedSeries>> {
  const series = new Map<string, ExportedSeries>()
  for (const unit of UNITS)
    for (const [location, minutes] of recordedMinutes(unit)) {
      const labels = labelsFor({ metric: 'power', location }, { device: unit, rules: DEFAULT_LABEL_RULES })
      series.set(seriesKey(labels), { labels, samples: [...minutes].sort(([a], [b]) => a - b) })
    }
  expect(series.size).toBe(28)
  return series
}

function countOutages(unit: Unit): number {
  const [minutes] = recordedMinutes(unit).values()
  const times = [...(minutes ?? new Map<number, number>()).keys()].sort((a, b) => a - b)
  return times.filter((atMs, index) => index > 0 && atMs - (times[index - 1] ?? 0) > 60_000).length
}
