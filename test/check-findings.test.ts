import { describe, expect, it } from 'vitest'
import { DEFAULT_LABEL_RULES } from '../src/labels/default-rules.ts'
import { labelsFor } from '../src/labels/labels-for.ts'
import type { HouseSettings } from '../src/model/house-views.ts'
import type { Store } from '../src/model/store.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../src/model/time-window.ts'
import { createSimulatedClock } from './doubles/simulated-clock.ts'
import { createSimulatedDevice } from './doubles/simulated-device.ts'
import { createSimulatedStore } from './doubles/simulated-store.ts'
import { checkDevice } from '../src/sync/check/check-device.ts'
import { checkHouse, checkSolar } from '../src/sync/check/check-house.ts'
import { createDirectQueue } from '../src/sync/session/device-work.ts'
import { describeForeignSeries, describeUnownedSeries } from '../src/sync/session/foreign-series.ts'
import { openSession } from '../src/sync/session/open-session.ts'
import { surveyDevice } from '../src/sync/check/survey-device.ts'
import { syncDevice } from '../src/sync/tail/sync-device.ts'
import { verifyWork } from '../src/sync/verify/verify-device.ts'
import { inProcess, smallUnit, sourceOf } from './small-house.ts'

const FROM_MS = Date.UTC(2026, 2, 25)
const START_MS = FROM_MS + 26 * HOUR_MS + 37_000
const { signal } = new AbortController()

function setUp() {
  const clock = createSimulatedClock(START_MS)
  const device = createSimulatedDevice({ source: sourceOf(smallUnit('garage'), { fromMs: FROM_MS }), clock })
  const store = createSimulatedStore({ clock })
  const context = inProcess(device, { clock, store })
  return {
    clock,
    device,
    store,
    context,
    open: () => clock.runUntilDone(openSession(context, signal)),
    sync: () => clock.runUntilDone(syncDevice(context, { signal, countMissing: false, durable: false })),
    /** As another process, or an earlier configuration, has written it. */
    async put(location: string, owner = 'garage', atMs = START_MS - 37_000 - HOUR_MS) {
      const labels = labelsFor({ metric: 'power', location }, { device: owner, rules: DEFAULT_LABEL_RULES })
      await clock.runUntilDone(store.write([{ labels, timestampsMs: [atMs], values: [1] }], signal))
      await clock.advance(10_000)
    },
  }
}

describe('series that belong to none of the devices', () => {
  it('are not there after a sync', async () => {
    const { clock, context, sync, open } = setUp()
    await sync()
    expect(await clock.runUntilDone(describeForeignSeries(await open(), signal))).toBeUndefined()
    const asked = { metrics: ['power'], devices: ['garage'] }
    expect(await clock.runUntilDone(describeUnownedSeries(context, asked, signal))).toBeUndefined()
  })

  it('that were copied under the name of a device from another one are named, by verify too', async () => {
    const { clock, context, put, sync, open } = setUp()
    await put('Dishwasher')
    await sync()
    const words =
      /^garage: .* has 1 series under its name of channels that it does not have: power\{.*location="Dishwasher"/
    expect(await clock.runUntilDone(describeForeignSeries(await open(), signal))).toMatch(words)
    const verified = await clock.runUntilDone(
      createDirectQueue(context).run((fresh) => verifyWork(fresh, { signal, repair: false }), signal),
    )
    expect(verified.warnings).toEqual([expect.stringMatching(words)])
  })

  it('of a device that the configuration does not have are named', async () => {
    const { clock, context, put } = setUp()
    await put('Furnace', 'celar')
    const asked = { metrics: ['power'], devices: ['garage', 'cellar'] }
    expect(await clock.runUntilDone(describeUnownedSeries(context, asked, signal))).toMatch(
      /has 1 series of devices that the configuration does not have: power\{.*device="celar"/,
    )
  })
})

describe('a solar channel', () => {
  it.each([
    ['that is only ever negative', () => -900, 1],
    ['of an inverter that takes some watts at night and was off by day', () => -12, 0],
    ['that was positive by day', (hour: number) => (hour > 6 && hour < 18 ? 2_000 : -12), 0],
  ])('%s', async (_, watts, found) => {
    const { clock, device, open } = setUp()
    device.spoilCells(({ channel, atS }) =>
      channel === 'Furnace' ? watts(new Date(atS * 1000).getUTCHours()) : undefined,
    )
    const session = await open()
    const findings = await clock.runUntilDone(checkSolar(session, ['Furnace'], signal))
    expect(findings).toHaveLength(found)
    for (const { verdict, message } of findings) {
      expect(verdict).toBe('WARN')
      expect(message).toMatch(/^Furnace is solar, and was never positive .* tick "reverse"/)
    }
  })
})

it('expected minutes that the store will soon drop are reported before it does', async () => {
  const { clock, store, context } = setUp()
  const status: Store['status'] = async (...asked) => ({
    ...(await store.status(...asked)),
    retainsFromMs: clock.nowMs() - 31 * DAY_MS,
  })
  const settings = { ...context.settings, lookbackMs: DAY_MS }
  const findings = await clock.runUntilDone(checkDevice({ ...context, settings, store: { ...store, status } }, signal))
  expect(findings.filter(({ verdict }) => verdict !== 'GOOD')).toEqual([
    {
      verdict: 'WARN',
      subject: 'garage',
      message: expect.stringMatching(/keeps samples for 31 days, and the oldest expected ones are 1 day old/),
    },
  ])
})

it('names of the house that no channel has are told, with the nearest', async () => {
  const { open } = setUp()
  const { targets } = await open()
  const house: HouseSettings = {
    timezone: 'UTC',
    wiring: 'ahead',
    mains: ['Frunace'],
    solar: { role: 'solar' },
    groups: [{ name: 'cold', select: ['Fridge', 'Igloo'] }],
    names: { Fridge: 'The cold one', Frigde: 'Mistyped' },
    colours: { cold: 'blue', Other: 'grey', Igloo: 'violet' },
    isConfigured: true,
  }
  expect(checkHouse(house, targets).map(({ verdict, message }) => `${verdict} ${message}`)).toEqual([
    'WARN house.mains: no channel has the location Frunace; did you mean Furnace?',
    'WARN house.groups.cold: no channel has the location Igloo',
    'WARN house.names: no channel has the location Frigde; did you mean Fridge?',
    'WARN house.colours: no channel has the location Igloo',
  ])
  expect(checkHouse({ ...house, isConfigured: false }, targets)).toEqual([])
})

it('"stored until" of status is that of the channel that is farthest behind, as a cycle reports it', async () => {
  const { clock, store, context, sync } = setUp()
  const complete = await sync()
  const survey = () => clock.runUntilDone(createDirectQueue(context).readOnly((fresh) => surveyDevice(fresh, signal)))
  expect((await survey()).storedUntilMs).toBe(complete.storedUntilMs)
  const behindMs = START_MS - 37_000 - 3 * HOUR_MS
  const late = store.allSeries().find(({ location }) => location === 'Dryer') ?? expect.unreachable()
  const kept = store.samplesOf(late).filter(({ atMs }) => atMs < behindMs)
  await clock.runUntilDone(store.deleteSeries(late, signal))
  await clock.runUntilDone(
    store.write(
      [{ labels: late, timestampsMs: kept.map(({ atMs }) => atMs), values: kept.map(({ value }) => value) }],
      signal,
    ),
  )
  await clock.advance(10_000)
  const { storedUntilMs, lagMs } = await survey()
  expect(storedUntilMs).toBe(behindMs)
  expect(lagMs).toBeGreaterThan(3 * HOUR_MS - MINUTE_MS)
})
