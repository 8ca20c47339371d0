import { describe, expect, it } from 'vitest'
import { createDeviceWorker } from '../src/daemon/device-worker.ts'
import { DAY_MS, floorToMinute, MINUTE_MS } from '../src/model/time-window.ts'
import { createSimulatedDevice } from './doubles/simulated-device.ts'
import { checkDevice } from '../src/sync/check/check-device.ts'
import { surveyDevice } from '../src/sync/check/survey-device.ts'
import { loadWork } from '../src/sync/load/load-device.ts'
import { claimDevices, isClaim, type Writer } from '../src/sync/session/claim-device.ts'
import { createDirectQueue } from '../src/sync/session/device-work.ts'
import { createSimulatedClock } from './doubles/simulated-clock.ts'
import { createSimulatedStore } from './doubles/simulated-store.ts'
import type { SimulatedStoreSettings } from './doubles/store-settings.ts'
import { inProcess, minutesOf, SMALL_CHANNELS, smallUnit, sourceOf } from './small-house.ts'

const START_MS = Date.UTC(2026, 2, 27, 12, 0, 37)
const FROM_MS = START_MS - 37_000 - DAY_MS
const INTERVAL_MS = 5 * MINUTE_MS
const HOME: Writer = { id: 'b-home', host: 'laptop', process: 4411, stateDir: '/home/me/data' }
const SERVICE: Writer = { id: 'a-service', host: 'nas', process: 812, stateDir: '/var/lib/iotawatt-sync' }

/** A device and a store, and processes with state folders of their own that copy the one into the other. */
function setUp(settings: Partial<SimulatedStoreSettings> = {}) {
  const clock = createSimulatedClock(START_MS)
  const store = createSimulatedStore({ clock, ...settings })
  const device = createSimulatedDevice({ source: sourceOf(smallUnit('garage'), { fromMs: FROM_MS }), clock })
  const never = new AbortController().signal

  function contextOf(writer: Writer) {
    const claim = claimDevices({ intervalMs: INTERVAL_MS, store, clock, writer: () => Promise.resolve(writer) })(
      'garage',
    )
    return { ...inProcess(device, { clock, store }), claim }
  }

  function start(writer: Writer) {
    const context = contextOf(writer)
    const worker = createDeviceWorker(context, { intervalMs: INTERVAL_MS, backfill: true })
    const stop = new AbortController()
    const ended = worker.start(stop.signal)
    /** As by force: what it holds stays as it is. */
    async function kill() {
      stop.abort()
      await clock.runUntilDone(ended)
    }
    return {
      worker,
      kill,
      async stop() {
        await kill()
        await clock.runUntilDone(context.claim.release(never))
      },
    }
  }

  return {
    clock,
    store,
    start,
    contextOf,
    /** How many samples there are of each minute of the device, over all channels. */
    expectEachOnce(untilMs: number) {
      const window = { fromMs: FROM_MS, untilMs: floorToMinute(untilMs) }
      for (const [channel, minutes] of minutesOf(device, SMALL_CHANNELS, window)) {
        const series = store.allSeries().filter(({ location }) => location === channel)
        const stored = series.flatMap((labels) => store.samplesOf(labels)).filter(({ atMs }) => atMs < window.untilMs)
        expect(stored.map(({ atMs, value }) => [atMs, value])).toEqual([...minutes])
      }
    },
  }
}

describe('another process with a state folder of its own that copies the same device', () => {
  it('is noticed by the later one before it writes anything, and the earlier one goes on', async () => {
    const { clock, start, expectEachOnce } = setUp()
    const first = start(SERVICE)
    await clock.advance(30 * MINUTE_MS)
    const second = start(HOME)
    await clock.advance(30 * MINUTE_MS)
    expect(first.worker.health()).toMatchObject({ state: 'ok', history: { state: 'done' } })
    const { state, failure, lastPass } = second.worker.health()
    expect({ state, lastPass, of: failure?.of }).toEqual({ state: 'failing', lastPass: undefined, of: 'writer' })
    expect(failure?.message).toMatch(
      /^garage: another iotawatt-sync copies .* since 2026-03-27T12:00Z: host nas, process 812, state folder \/var\/lib\/iotawatt-sync; this one \(host laptop, process 4411, state folder \/home\/me\/data\) writes nothing of it\n {2}stop one of the two; .* ends 15 min after/,
    )
    expectEachOnce(clock.nowMs() - INTERVAL_MS)

    await first.stop()
    await clock.advance(INTERVAL_MS + MINUTE_MS)
    expect(second.worker.health().state).toBe('ok')
    await clock.advance(30 * MINUTE_MS)
    expectEachOnce(clock.nowMs() - INTERVAL_MS)
    await second.stop()
  })

  it('is waited for three intervals when it was killed by force', async () => {
    const { clock, start, expectEachOnce } = setUp()
    const first = start(SERVICE)
    await clock.advance(30 * MINUTE_MS)
    await first.kill()
    const second = start(HOME)
    await clock.advance(2 * INTERVAL_MS)
    expect(second.worker.health()).toMatchObject({ state: 'failing', failure: { of: 'writer' } })
    await clock.advance(2 * INTERVAL_MS)
    expect(second.worker.health().state).toBe('ok')
    await clock.advance(20 * MINUTE_MS)
    expectEachOnce(clock.nowMs() - INTERVAL_MS)
    await second.stop()
  })

  it('is not taken for another when it was restarted in the same state folder, though its host has another name', async () => {
    const { clock, start } = setUp()
    const first = start(SERVICE)
    await clock.advance(10 * MINUTE_MS)
    await first.kill()
    const second = start({ ...SERVICE, host: 'another-container', process: 1 })
    await clock.advance(MINUTE_MS)
    expect(second.worker.health().state).toBe('ok')
    await second.stop()
  })

  it.each<[string, Partial<SimulatedStoreSettings>]>([
    ['one node', {}],
    ['a store that may not be flushed', { mayFlush: false, maySnapshot: false }],
    ['a cluster that deduplicates', { buffers: true, deduplicates: true }],
  ])('that begins at the same moment: one of them goes on, and no minute is stored twice (%s)', async (_, settings) => {
    const { clock, start, expectEachOnce } = setUp(settings)
    const both = [start(HOME), start(SERVICE)]
    await clock.advance(40 * MINUTE_MS)
    expect(both.map(({ worker }) => worker.health().state).toSorted()).toEqual(['failing', 'ok'])
    expectEachOnce(clock.nowMs() - INTERVAL_MS)
    for (const { stop } of both) await stop()
  })

  it('is BAD in a check, which writes nothing, until it has ended or is over', async () => {
    const { clock, store, start, contextOf } = setUp()
    const { signal } = new AbortController()
    const rivals = async (writer: Writer) => {
      const queue = createDirectQueue(contextOf(writer))
      const findings = await clock.runUntilDone(queue.readOnly((context) => checkDevice(context, signal)))
      const survey = await clock.runUntilDone(queue.readOnly((context) => surveyDevice(context, signal)))
      const messages = findings.filter(({ message }) => message.includes('another iotawatt-sync'))
      expect(survey.problem).toBe(messages[0]?.message)
      return messages
    }
    expect(await rivals(HOME)).toEqual([])
    const first = start(SERVICE)
    await clock.advance(30 * MINUTE_MS)
    const before = store.allSeries().length
    expect(await rivals(SERVICE)).toEqual([])
    expect(await rivals(HOME)).toEqual([
      {
        verdict: 'BAD',
        subject: 'garage',
        message: expect.stringMatching(
          /: host nas, process 812, .+; this one \(host laptop, process 4411, .+ stop one/s,
        ),
      },
    ])
    expect(store.allSeries()).toHaveLength(before)
    await first.stop()
    expect(await rivals(HOME)).toEqual([])
  })

  it('is not BAD for the one that goes on', async () => {
    const { clock, start, contextOf } = setUp()
    const first = start(SERVICE)
    await clock.advance(10 * MINUTE_MS)
    const second = start(HOME)
    await clock.advance(10 * MINUTE_MS)
    const { signal } = new AbortController()
    const problemOf = async (writer: Writer) => {
      const look = createDirectQueue(contextOf(writer)).readOnly((context) => surveyDevice(context, signal))
      return (await clock.runUntilDone(look)).problem
    }
    expect(await problemOf(SERVICE)).toBeUndefined()
    expect(await problemOf(HOME)).toMatch(/another iotawatt-sync copies/)
    const looked = await clock.runUntilDone(second.worker.readOnly((context) => surveyDevice(context, signal)))
    expect(looked.problem).toMatch(/another iotawatt-sync copies/)
    for (const { stop } of [first, second]) await stop()
  })

  it('keeps a load from starting, and not those who only look', async () => {
    const { clock, start, contextOf } = setUp()
    const first = start(SERVICE)
    await clock.advance(30 * MINUTE_MS)
    const { signal } = new AbortController()
    const queue = createDirectQueue(contextOf(HOME))
    const loading = queue.run((context) => loadWork(context, { signal, refuseBeyondRetention: true }), signal)
    await expect(clock.runUntilDone(loading)).rejects.toThrow(/another iotawatt-sync copies/)
    const survey = await clock.runUntilDone(queue.readOnly((context) => surveyDevice(context, signal)))
    expect(survey.storedUntilMs).toBeGreaterThan(START_MS)
    await first.stop()
  })
})

it('claims are series of their own that no device owns', async () => {
  const { clock, store, start } = setUp()
  const only = start(SERVICE)
  await clock.advance(10 * MINUTE_MS)
  const claims = store.allSeries().filter(isClaim)
  expect(new Set(claims.map((labels) => labels['__name__']))).toEqual(
    new Set(['iotawatt_sync_claim_process_id', 'iotawatt_sync_claim_since_minutes']),
  )
  expect(claims[0]).not.toHaveProperty('source')
  await only.stop()
})
