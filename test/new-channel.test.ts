import { describe, expect, it } from 'vitest'
import { DEFAULT_LABEL_RULES } from '../src/labels/default-rules.ts'
import { labelsFor } from '../src/labels/labels-for.ts'
import type { Channel } from '../src/model/channel.ts'
import type { Device } from '../src/model/device.ts'
import type { Labels } from '../src/model/series.ts'
import { DAY_MS, floorToMinute, HOUR_MS, MINUTE_MS, type TimeWindow } from '../src/model/time-window.ts'
import { createSimulatedClock } from './doubles/simulated-clock.ts'
import { createSimulatedDevice } from './doubles/simulated-device.ts'
import { createSimulatedStore } from './doubles/simulated-store.ts'
import type { Store } from '../src/model/store.ts'
import { checkDevice, checkStore } from '../src/sync/check/check-device.ts'
import { loadWork } from '../src/sync/load/load-device.ts'
import type { SyncContext } from '../src/sync/session/session.ts'
import { createSyncMemory } from '../src/sync/session/sync-memory.ts'
import { syncDevice } from '../src/sync/tail/sync-device.ts'
import { channelsNamed, inProcess, minutesOf, settingsFor, SMALL_CHANNELS, smallUnit, sourceOf } from './small-house.ts'

const START_MS = Date.UTC(2024, 5, 1, 12, 0, 35)
const FROM_MS = Date.UTC(2024, 4, 31)
const { signal } = new AbortController()

/** A device that has been logging for a day and a half, and a store in memory. */
function setUp(options: { spareSinceMs?: number; startMs?: number } = {}) {
  const clock = createSimulatedClock(options.startMs ?? START_MS)
  const device = createSimulatedDevice({ source: sourceOf(smallUnit('garage', options), { fromMs: FROM_MS }), clock })
  const store = createSimulatedStore({ clock })
  const context = inProcess(device, { clock, store, settings: settingsFor('garage', { channels: small }) })
  const closed = () => floorToMinute(clock.nowMs())
  const samplesOf = (location: string, channel: Partial<Channel> = {}) =>
    store.samplesOf(labelsOf({ location, ...channel })).map(({ atMs, value }) => [atMs, value])
  const measured = (name: string, window: TimeWindow) => [...(minutesOf(device, [name], window).get(name) ?? [])]
  return {
    clock,
    device,
    store,
    context,
    closed,
    samplesOf,
    measured,
    /** As a process that has just started. */
    sync: (channels: readonly Channel[] = small, changes: Partial<SyncContext> = {}) => {
      const settings = settingsFor('garage', { channels })
      const fresh = { ...context, memory: createSyncMemory(), settings, ...changes }
      return clock.runUntilDone(syncDevice(fresh, { signal, countMissing: false, durable: false }))
    },
    /** Each of them has exactly what the device has, up to now. */
    expectComplete: (...names: readonly string[]) => {
      for (const name of names) expect(samplesOf(name)).toEqual(measured(name, { fromMs: FROM_MS, untilMs: closed() }))
    },
  }
}

const small = channelsNamed(...SMALL_CHANNELS)
const withPump = channelsNamed(...SMALL_CHANNELS, 'Pump')
const withSpare = channelsNamed(...SMALL_CHANNELS, 'Spare')

it('the labels of a device are on each series; with others, nothing is copied twice', async () => {
  const { clock, closed, context, store, sync } = setUp()
  const labels = { site: 'north' }
  const settings = { ...settingsFor('garage', { channels: small }), labels }
  await sync(small, { settings })
  const stored = () =>
    clock.runUntilDone(
      store.listSeries(
        { metrics: ['power'], device: 'garage', window: { fromMs: FROM_MS, untilMs: closed() } },
        signal,
      ),
    )
  expect((await stored()).map((each) => each.labels['site'])).toEqual(small.map(() => 'north'))
  const warnings: string[] = []
  const log = { ...context.log, warn: (message: string) => void warnings.push(message) }
  await expect(sync(small, { settings: { ...settings, labels: { site: 'south' } }, log })).rejects.toThrow(
    'none of its 3 configured channels can be copied',
  )
  expect(warnings.join('\n')).toMatch(/site="north"/)
  expect(warnings.join('\n')).toMatch(/site="south"/)
  expect(warnings.join('\n')).toContain('or change the labels of the device to those that are there')
  expect(await stored()).toHaveLength(small.length)
})

function labelsOf(channel: { location: string }): Labels {
  return labelsFor({ metric: 'power', ...channel }, { device: 'garage', rules: DEFAULT_LABEL_RULES })
}

describe('a channel that is new to a known device', () => {
  it('starts at its first minute that is not 0, in a sync and in a load', async () => {
    const { device, clock, store, context, sync, samplesOf, expectComplete, closed, measured } = setUp()
    await sync()
    await clock.advance(10 * MINUTE_MS)
    const connectedMs = floorToMinute(clock.nowMs())
    device.addChannel('Pump')
    await clock.advance(30 * MINUTE_MS)
    await sync(withPump)
    const used = measured('Pump', { fromMs: connectedMs, untilMs: closed() })
    expect(used[0]?.[1]).toBeGreaterThan(0)
    expect(samplesOf('Pump')).toEqual(used)
    const settings = settingsFor('garage', { channels: withPump })
    const fresh = { ...context, memory: createSyncMemory(), settings }
    const load = loadWork(fresh, { signal, refuseBeyondRetention: true })
    while (!(await clock.runUntilDone(load.step(() => false)))) continue
    expect(load.result()).toMatchObject({ sampleCount: 0, absentMinutes: 0 })
    expectComplete(...SMALL_CHANNELS)
    expect(store.allSeries()).toHaveLength(4)
  })

  it('starts there too for a process that begins minutes later', async () => {
    const { device, clock, sync, samplesOf, expectComplete, closed, measured } = setUp()
    await sync()
    await clock.advance(10 * MINUTE_MS)
    const connectedMs = floorToMinute(clock.nowMs())
    device.addChannel('Pump')
    for (let process = 0; process < 3; process++) {
      await clock.advance(2 * MINUTE_MS)
      await sync(withPump)
      expect(samplesOf('Pump')).toEqual(measured('Pump', { fromMs: connectedMs, untilMs: closed() }))
    }
    expectComplete(...SMALL_CHANNELS)
  })

  it('starts before its series does where the series of an earlier program begins off the minute', async () => {
    const { clock, store, context, measured, closed, samplesOf } = setUp()
    const startMs = closed() - 6 * HOUR_MS
    store.insert([
      { labels: labelsOf({ location: 'Furnace' }), timestampsMs: [startMs - HOUR_MS], values: [1] },
      { labels: labelsOf({ location: 'Fridge' }), timestampsMs: [startMs + 5_000], values: [7] },
    ])
    const fresh = { ...context, memory: createSyncMemory() }
    const load = loadWork(fresh, { signal, refuseBeyondRetention: true })
    while (!(await clock.runUntilDone(load.step(() => false)))) continue
    const fridge = measured('Fridge', { fromMs: FROM_MS, untilMs: closed() })
    const own = fridge.map(([atMs, watts]) => (atMs === startMs ? [startMs + 5_000, 7] : [atMs, watts]))
    expect(samplesOf('Fridge')).toEqual(own)
  })

  it('starts there too when the card was replaced since the last cycle', async () => {
    const { clock, device, sync, samplesOf, measured, closed } = setUp()
    await sync()
    await clock.advance(10 * MINUTE_MS)
    device.replaceCard()
    device.reboot()
    const newLogMs = floorToMinute(clock.nowMs()) + MINUTE_MS
    await clock.advance(20 * MINUTE_MS)
    const connectedMs = floorToMinute(clock.nowMs())
    device.addChannel('Pump')
    await clock.advance(20 * MINUTE_MS)
    await sync(withPump)
    expect(samplesOf('Pump')).toEqual(measured('Pump', { fromMs: connectedMs, untilMs: closed() }))
    const recent = samplesOf('Furnace').filter(([atMs = 0]) => atMs >= newLogMs)
    expect(recent).toEqual(measured('Furnace', { fromMs: newLogMs, untilMs: closed() }))
  })

  it('has its zeros from its own `since` on', async () => {
    const { clock, sync, samplesOf, expectComplete, closed } = setUp({ spareSinceMs: START_MS + HOUR_MS })
    await sync()
    await clock.advance(10 * MINUTE_MS)
    const sinceMs = closed() - HOUR_MS
    await sync([...small, ...channelsNamed('Spare').map((spare) => ({ ...spare, sinceMs }))])
    expect(samplesOf('Spare')).toEqual(Array.from({ length: 60 }, (_, minute) => [sinceMs + minute * MINUTE_MS, 0]))
    expectComplete(...SMALL_CHANNELS)
  })

  it('writes nothing until it measures', async () => {
    const spareSinceMs = START_MS + HOUR_MS
    const { clock, sync, samplesOf, expectComplete, closed, measured } = setUp({ spareSinceMs })
    await sync()
    for (const waitMinutes of [10, 20]) {
      await clock.advance(waitMinutes * MINUTE_MS)
      await sync(withSpare)
      expect(samplesOf('Spare')).toEqual([])
    }
    await clock.advance(HOUR_MS)
    await sync(withSpare)
    const window = { fromMs: floorToMinute(spareSinceMs), untilMs: closed() }
    expect(samplesOf('Spare')).toEqual(measured('Spare', window))
    expectComplete(...SMALL_CHANNELS)
  })
})

it.each([
  [2, []],
  [3, [0]],
])('%i days of energy that shows in no minute, and the values stored are %j', async (faintDays, values) => {
  const startMs = START_MS + 3 * DAY_MS
  const { clock, context, sync, samplesOf, expectComplete } = setUp({ startMs, spareSinceMs: startMs + DAY_MS })
  await sync()
  await clock.advance(10 * MINUTE_MS)
  const device = withFaintSpare(context.device, FROM_MS + faintDays * DAY_MS)
  for (let process = 0; process < 2; process++) {
    await sync(withSpare, { device })
    expect([...new Set(samplesOf('Spare').map(([, value]) => value))]).toEqual(values)
    expectComplete(...SMALL_CHANNELS, ...(values.length > 0 ? ['Spare'] : []))
    await clock.advance(2 * MINUTE_MS)
  }
})

/** The device, whose spare channel has accumulated next to nothing in every hour until then. */
function withFaintSpare(device: Device, untilMs: number): Device {
  return {
    ...device,
    fetchRows: async (request, asking) => {
      const page = await device.fetchRows(request, asking)
      const [column] = request.columns
      if (column?.name !== 'Spare' || column.unit !== 'wh') return page
      return { ...page, rows: page.rows.map((row) => (row.atMs < untilMs ? { ...row, values: [1e-6] } : row)) }
    },
  }
}

it('keeps the zeros of every channel of a device that is new itself', async () => {
  const { sync, expectComplete, samplesOf } = setUp({ spareSinceMs: START_MS + HOUR_MS })
  await sync(withSpare)
  expectComplete(...SMALL_CHANNELS, 'Spare')
  expect(new Set(samplesOf('Spare').map(([, value]) => value))).toEqual(new Set([0]))
})

it('goes on with the series of a channel that was renamed on the device', async () => {
  const { device, clock, store, sync, samplesOf, closed, measured } = setUp()
  await sync()
  device.renameChannel('Dryer', 'EV')
  await clock.advance(30 * MINUTE_MS)
  const report = await sync([...small.filter(({ name }) => name !== 'Dryer'), ...ev])
  expect(report).toMatchObject({ sampleCount: 3 * 30, warnings: [], failedChannels: [] })
  expect(samplesOf('Dryer')).toEqual(measured('EV', { fromMs: FROM_MS, untilMs: closed() }))
  expect(store.allSeries()).toHaveLength(3)
})

const ev = channelsNamed('EV').map((channel) => ({ ...channel, location: 'Dryer' }))

it.each([
  ['in its log', FROM_MS + HOUR_MS],
  ['before its card was replaced', FROM_MS - 400 * DAY_MS],
])(
  'does not start a second series of a channel that is stored under other labels %s, and copies the rest',
  async (_, atMs) => {
    const { store, sync, expectComplete, samplesOf } = setUp()
    const other = { ...labelsOf({ location: 'Dryer' }), type: 'Trunk', pair: 'Heat' }
    const theirs = { labels: other, timestampsMs: [atMs], values: [7] }
    store.insert([theirs])
    const report = await sync()
    expect(report.failedChannels).toEqual(['Dryer'])
    expect(report.warnings).toEqual([
      expect.stringMatching(
        /Dryer is not copied(.|\n)*there: .*device="garage",location="Dryer",pair="Heat",source="iotawatt",type="Trunk"\}(.|\n)*here: .*device="garage",location="Dryer",source="iotawatt",type="Circuit"\}/,
      ),
    ])
    expect(samplesOf('Dryer')).toEqual([])
    expect(store.samplesOf(other)).toEqual([{ atMs, value: 7 }])
    expectComplete('Furnace', 'Fridge')
  },
)

it('does not start one either where the others are later than all that a device has whose clock is behind', async () => {
  const { clock, store, sync, expectComplete, samplesOf, closed } = setUp()
  const other = { ...labelsOf({ location: 'Dryer' }), type: 'Trunk' }
  store.insert([{ labels: other, timestampsMs: [closed() + 3 * HOUR_MS], values: [7] }])
  const ahead = { ...clock, nowMs: () => clock.nowMs() + 5 * HOUR_MS }
  const { failedChannels } = await sync(small, { clock: ahead })
  expect(failedChannels).toEqual(['Dryer'])
  expect(samplesOf('Dryer')).toEqual([])
  expectComplete('Furnace', 'Fridge')
})

it('says once of several channels that are stored under other labels that they are, with one of them', async () => {
  const { store, sync } = setUp()
  for (const location of ['Dryer', 'Furnace'])
    store.insert([
      { labels: { ...labelsOf({ location }), type: 'Trunk' }, timestampsMs: [FROM_MS + HOUR_MS], values: [7] },
    ])
  const { failedChannels, warnings } = await sync()
  expect(failedChannels.toSorted()).toEqual(['Dryer', 'Furnace'])
  expect(warnings).toEqual([
    expect.stringMatching(
      /^garage: 2 channels \(Furnace, Dryer\) are not copied: .* has them under other labels, and second series would double every sum; such as\n {2}there: .*location="Furnace".*Trunk.*\n {2}here: .*location="Furnace".*Circuit.*\n {2}to go on: .*\n/,
    ),
  ])
  expect(warnings[0]).toMatch(/match: "?Dryer[^]*match: "?Furnace|match: "?Furnace[^]*match: "?Dryer|match: "\*"/)
})

it.each([
  [26, ['Dryer'], 'Furnace', 'Fridge'],
  [25, [], ...SMALL_CHANNELS],
] as const)(
  'a channel with %i labels beside its own is left out where a store would cut them',
  async (count, failed, ...rest) => {
    const { store, context, sync, expectComplete } = setUp()
    const set = Object.fromEntries(Array.from({ length: count }, (_, index) => [`label_${index}`, 'x']))
    const rules = [...DEFAULT_LABEL_RULES, { match: 'Dryer', set }]
    const report = await sync(small, { settings: { ...context.settings, rules } })
    expect(report.failedChannels).toEqual(failed)
    expect(report.warnings).toEqual(
      failed.map((name) =>
        expect.stringContaining(`${name} is not copied: the rules under labels: give it more than 30`),
      ),
    )
    expect(store.allSeries().map(({ location }) => location)).toEqual(expect.arrayContaining([...rest]))
    expectComplete('Furnace', 'Fridge')
  },
)

it.each([
  [5 * MINUTE_MS, 0],
  [MINUTE_MS, 3],
])('with deduplication over %i ms, %i series are begun', async (keepsOneInMs, seriesCount) => {
  const { context, store, sync } = setUp()
  const status: Store['status'] = async (asking) => ({ ...(await store.status(asking)), keepsOneInMs })
  const done = sync(small, { store: { ...store, status } })
  if (seriesCount === 0)
    await expect(done).rejects.toMatchObject({
      reason: 'retention',
      message: expect.stringContaining('one sample in 300 s'),
    })
  else await done
  expect(store.allSeries()).toHaveLength(seriesCount)
  const { findings } = await checkStore({ ...context, store: { ...store, status } }, signal)
  expect(findings.filter(({ verdict }) => verdict === 'BAD')).toHaveLength(seriesCount === 0 ? 1 : 0)
})

it('says that nothing is copied where since is later than all that the device has', async () => {
  const { store, context, sync } = setUp()
  const sinceMs = START_MS + 365 * DAY_MS
  const report = await sync(small, { settings: { ...context.settings, sinceMs } })
  expect(report).toMatchObject({
    sampleCount: 0,
    warnings: [expect.stringMatching(/since: 2025-06-01T12:00Z is later than .*mistyped/)],
  })
  expect(store.allSeries()).toEqual([])
})

it('check warns where another program writes the same series, of late alone', async () => {
  const { store, context, clock, sync, closed } = setUp()
  await sync()
  const warnings = async (agoMs: number) => {
    store.insert([{ labels: labelsOf({ location: 'Dryer' }), timestampsMs: [closed() - agoMs], values: [7] }])
    const findings = await clock.runUntilDone(checkDevice(context, signal))
    return findings.filter(({ verdict }) => verdict !== 'GOOD')
  }
  expect(await warnings(5 * HOUR_MS)).toEqual([])
  expect(await warnings(10 * MINUTE_MS)).toEqual([
    { verdict: 'WARN', subject: 'garage', message: expect.stringContaining('stored more than once in 1 channel:') },
  ])
})

it('drops a channel that the device does not have, with a warning, and copies the rest', async () => {
  const { store, sync, expectComplete } = setUp()
  const report = await sync(channelsNamed(...SMALL_CHANNELS, 'Furnce'))
  expect(report.warnings).toEqual([
    expect.stringMatching(/garage: the device has no channel Furnce; .*channels garage/),
  ])
  expectComplete(...SMALL_CHANNELS)
  expect(store.allSeries()).toHaveLength(3)
})

it.each([1.1e9, -5e12, Infinity, NaN])('leaves out %s W, reports it, and copies the rest', async (watts) => {
  const { context, sync, samplesOf, expectComplete, closed, measured } = setUp()
  const absurdMs = FROM_MS + 5 * HOUR_MS
  const report = await sync(small, { device: answering(context.device, { atMs: absurdMs, watts }) })
  expect(report.warnings).toEqual([
    expect.stringMatching(
      /^garage: Furnace answers what cannot be used \(2024-05-31T05:00Z: .*\); such minutes of this channel are left out$/,
    ),
  ])
  const all = measured('Furnace', { fromMs: FROM_MS, untilMs: closed() })
  expect(samplesOf('Furnace')).toEqual(all.filter(([atMs]) => atMs !== absurdMs))
  expectComplete('Fridge', 'Dryer')
})

/** The device, with another number in the first column of one row. */
function answering(device: Device, { atMs, watts }: { atMs: number; watts: number }): Device {
  return {
    ...device,
    fetchRows: async (request, asking) => {
      const page = await device.fetchRows(request, asking)
      const rows = page.rows.map((row) => (row.atMs === atMs ? { atMs, values: [watts, ...row.values.slice(1)] } : row))
      return { ...page, rows }
    },
  }
}

describe('a log ahead of the clock here', () => {
  it('is refused when it is ahead of the clock of the store too, and nothing is written', async () => {
    const { device, clock, store, sync, samplesOf } = setUp()
    await sync()
    const before = samplesOf('Furnace')
    await clock.advance(10 * MINUTE_MS)
    const writes = store.calls.write
    device.setClockOffset(6 * MINUTE_MS)
    await expect(sync()).rejects.toMatchObject({ name: 'DeviceError', reason: 'clock' })
    expect(store.calls.write).toBe(writes)
    expect(samplesOf('Furnace')).toEqual(before)
  })

  it('is believed when the clock of the store agrees with it', async () => {
    const { clock, sync, expectComplete } = setUp()
    const late = { ...clock, nowMs: () => clock.nowMs() - HOUR_MS }
    expect(await sync(small, { clock: late })).toMatchObject({ warnings: [expect.stringContaining('60 min ahead')] })
    expectComplete(...SMALL_CHANNELS)
  })
})

it.each([0, 4, 5, 35, 59])('writes nothing of the minute that is not over, %i s into it', async (second) => {
  const { clock, measured, sync, samplesOf } = setUp({ startMs: START_MS - 35_000 + second * 1000 })
  const minuteMs = START_MS - 35_000
  await sync()
  const minutes = measured('Fridge', { fromMs: FROM_MS, untilMs: minuteMs })
  expect(samplesOf('Fridge')).toEqual(minutes)
  expect(minutes.at(-1)?.[0]).toBe(minuteMs - MINUTE_MS)
  expect(clock.nowMs()).toBeLessThan(minuteMs + 2 * MINUTE_MS)
})

describe('what another program writes into a series of ours between two cycles', () => {
  it('does not hide the minutes before it', async () => {
    const { clock, store, context, sync, samplesOf, measured, closed } = setUp()
    const { memory } = context
    await sync(small, { memory })
    await clock.advance(HOUR_MS)
    const foreignMs = closed() - 10 * MINUTE_MS
    store.insert([{ labels: labelsOf({ location: 'Fridge' }), timestampsMs: [foreignMs], values: [7] }])
    await sync(small, { memory })
    const fridge = measured('Fridge', { fromMs: FROM_MS, untilMs: closed() })
    expect(samplesOf('Fridge')).toEqual(fridge.map(([atMs, watts]) => (atMs === foreignMs ? [atMs, 7] : [atMs, watts])))
  })
})
