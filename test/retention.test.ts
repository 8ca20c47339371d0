import { describe, expect, it } from 'vitest'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../src/model/time-window.ts'
import { silentLog } from '../src/runtime/log.ts'
import { createSimulatedDevice } from './doubles/simulated-device.ts'
import { type LoadOptions, loadWork } from '../src/sync/load/load-device.ts'
import { planWork } from '../src/sync/load/plan-load.ts'
import { createDirectQueue } from '../src/sync/session/device-work.ts'
import { createSimulatedClock } from './doubles/simulated-clock.ts'
import { createSimulatedStore } from './doubles/simulated-store.ts'
import type { SimulatedStoreSettings } from './doubles/store-settings.ts'
import { inProcess, minutesOf, settingsFor, SMALL_CHANNELS, smallUnit, sourceOf } from './small-house.ts'

const START_MS = Date.UTC(2024, 5, 1) + 5_000
const FROM_MS = Date.UTC(2024, 4, 1)
const KEPT_MS = 6 * DAY_MS + 7 * HOUR_MS
const { signal } = new AbortController()

const TELLS = {}
/** What a queue in front lets nobody see. */
const SILENT = { isSilent: true }

/** A device that has logged for a month, and a store that keeps a few days of it. */
function setUp(settings: Partial<SimulatedStoreSettings>) {
  const clock = createSimulatedClock(START_MS)
  const device = createSimulatedDevice({ source: sourceOf(smallUnit('garage'), { fromMs: FROM_MS }), clock })
  const store = createSimulatedStore({ clock, retentionMs: KEPT_MS, ...settings })
  const warnings: string[] = []
  const log = { ...silentLog, warn: (message: string) => void warnings.push(message) }
  const context = inProcess(device, { clock, store, log, settings: settingsFor('garage', { allowDuplicates: true }) })
  const queue = createDirectQueue(context)
  const scope = { signal, refuseBeyondRetention: true }
  return {
    device,
    store,
    warnings,
    plan: (isDryRun = false) => clock.runUntilDone(queue.run((c) => planWork(c, { ...scope, isDryRun }), signal)),
    load: (options: Partial<LoadOptions> = {}) =>
      clock.runUntilDone(queue.run((c) => loadWork(c, { ...scope, ...options }), signal)),
    expectComplete(fromMs: number) {
      const untilMs = START_MS - 5_000
      for (const [name, minutes] of minutesOf(device, SMALL_CHANNELS, { fromMs, untilMs })) {
        const labels = store.allSeries().find(({ location }) => location === name)
        expect(store.samplesOf(labels ?? {}).map(({ atMs, value }) => [atMs, value])).toEqual([...minutes])
      }
    },
    probes: () => store.allSeries().filter(({ __name__ }) => __name__?.includes('probe')),
  }
}

describe.each([
  ['that tells how long it keeps samples', TELLS, START_MS + HOUR_MS - KEPT_MS],
  ['that does not tell, and drops a probe of that age', SILENT, START_MS - 5_000 - 6 * DAY_MS + HOUR_MS],
])('a store %s', (_, settings, keptFromMs) => {
  const limitMs = Math.ceil(keptFromMs / MINUTE_MS) * MINUTE_MS

  it('is not asked to keep what it would drop: no record is read of the device, and the error tells what to do', async () => {
    const { device, plan, load, probes, store } = setUp(settings)
    for (const act of [plan, load])
      await expect(act()).rejects.toMatchObject({
        reason: 'retention',
        message: expect.stringMatching(/simulated store keeps nothing older than 2024-05-2.*would be dropped silently/),
        hint: expect.stringMatching(/-retentionPeriod=100y \(at least 32d; .*--since 2024-05-2\d/),
      })
    expect(device.counters().recordReads).toBe(0)
    expect(probes()).toEqual([])
    expect(store.allSeries()).toEqual([])
  })

  it('is given what it keeps, with a --since that the refusal names', async () => {
    const { load, warnings, expectComplete } = setUp(settings)
    const refusal = await load().catch((error: unknown) => error)
    const [, date = ''] = /--since (\S+)/.exec((refusal as { hint: string }).hint) ?? []
    await load({ sinceMs: Date.parse(date) })
    expectComplete(Date.parse(date))
    expect(warnings).toEqual([])
  })

  it('is given by the daemon what it keeps, which warns once', async () => {
    const { load, warnings, expectComplete, probes } = setUp(settings)
    for (let time = 0; time < 2; time++) await load({ refuseBeyondRetention: false })
    expect(warnings).toEqual([expect.stringMatching(/^garage: simulated store keeps nothing older than .* left out/)])
    expectComplete(limitMs)
    expect(probes()).toEqual([])
  })
})

it('a store that does not tell, and keeps everything, is asked once and given everything', async () => {
  const { store, plan, load, probes, expectComplete } = setUp({ ...SILENT, retentionMs: 100 * 365 * DAY_MS })
  expect((await plan()).isRetentionUnknown).toBe(false)
  const { write } = store.calls
  expect(write).toBe(1)
  await load()
  expectComplete(FROM_MS)
  expect(probes()).toEqual([])
})

it('a dry run writes nothing, and says what it could not look at', async () => {
  const { store, plan } = setUp(SILENT)
  expect(await plan(true)).toMatchObject({ isRetentionUnknown: true, missingMinutes: 31 * 1440 })
  expect(store.calls.write).toBe(0)
})
