import { describe, expect, it } from 'vitest'
import { createDeviceWorker } from '../src/daemon/device-worker.ts'
import { DEFAULT_LABEL_RULES } from '../src/labels/default-rules.ts'
import { labelsFor } from '../src/labels/labels-for.ts'
import type { Channel, Unit } from '../src/model/channel.ts'
import { DAY_MS, floorToMinute, HOUR_MS, MINUTE_MS } from '../src/model/time-window.ts'
import { firmwareOf } from './doubles/old-firmware.ts'
import type { SpoilCell } from '../src/simulator/run-query.ts'
import { createSimulatedDevice, type SimulatedDeviceOptions } from './doubles/simulated-device.ts'
import { checkDevice } from '../src/sync/check/check-device.ts'
import { loadWork } from '../src/sync/load/load-device.ts'
import { planWork } from '../src/sync/load/plan-load.ts'
import type { DeviceWork } from '../src/sync/session/device-work.ts'
import type { SyncContext } from '../src/sync/session/session.ts'
import { createSyncMemory } from '../src/sync/session/sync-memory.ts'
import { syncDevice } from '../src/sync/tail/sync-device.ts'
import { verifyWork } from '../src/sync/verify/verify-device.ts'
import { createSimulatedClock } from './doubles/simulated-clock.ts'
import { createSimulatedStore } from './doubles/simulated-store.ts'
import { channelsNamed, inProcess, minutesOf, settingsFor, SMALL_CHANNELS, smallUnit, sourceOf } from './small-house.ts'

const FROM_MS = Date.UTC(2024, 4, 31)
const START_MS = FROM_MS + 12 * HOUR_MS + 35_000
const { signal } = new AbortController()
const small = channelsNamed(...SMALL_CHANNELS)

function channel(name: string, unit: Unit): Channel {
  return { name, unit, metric: unit === 'watts' ? 'power' : unit, location: name }
}

/** A device that has been logging for half a day, and a store in memory. */
function setUp(options: Partial<SimulatedDeviceOptions> & { channels?: readonly Channel[] } = {}) {
  const clock = createSimulatedClock(START_MS)
  const source = sourceOf(smallUnit('garage'), { fromMs: FROM_MS })
  const startedAtMs = FROM_MS
  const device = createSimulatedDevice({ source, clock, startedAtMs, ...options })
  const store = createSimulatedStore({ clock })
  const settings = settingsFor('garage', { channels: options.channels ?? small })
  const context = inProcess(device, { clock, store, settings })
  const work = async <T>(open: (fresh: SyncContext) => DeviceWork<T>, changes: Partial<SyncContext> = {}) => {
    const opened = open({ ...context, memory: createSyncMemory(), ...changes })
    while (!(await clock.runUntilDone(opened.step(() => false)))) continue
    return opened.result()
  }
  const complete = () => ({ fromMs: FROM_MS, untilMs: floorToMinute(clock.nowMs()) })
  return {
    clock,
    device,
    store,
    context,
    work,
    load: (changes: Partial<SyncContext> = {}) =>
      work((fresh) => loadWork(fresh, { signal, refuseBeyondRetention: true, notesUnmeasured: true }), changes),
    verify: (repair = false, changes: Partial<SyncContext> = {}) =>
      work((fresh) => verifyWork(fresh, { signal, repair, values: 'minutes' }), changes),
    sync: (changes: Partial<SyncContext> = {}) =>
      clock.runUntilDone(
        syncDevice(
          { ...context, memory: createSyncMemory(), ...changes },
          { signal, countMissing: true, durable: false },
        ),
      ),
    check: () => clock.runUntilDone(checkDevice({ ...context, memory: createSyncMemory() }, signal)),
    stored: (name: string, asked: Partial<Channel> = {}) => {
      const labels = labelsFor(
        { metric: 'power', location: name, ...asked },
        { device: 'garage', rules: DEFAULT_LABEL_RULES },
      )
      return store.samplesOf(labels).map(({ atMs, value }) => [atMs, value])
    },
    measured: (name: string) => [...(minutesOf(device, [name], complete()).get(name) ?? [])],
  }
}

const BAD_MS = FROM_MS + 5 * HOUR_MS + 7 * MINUTE_MS
const at =
  (name: string, value: number | null): SpoilCell =>
  (cell) =>
    cell.channel === name && cell.atS === BAD_MS / 1000 ? value : undefined

describe.each([
  ['null', null, 'no value'],
  ['nan', NaN, 'no number'],
  ['inf', Infinity, 'no number'],
  ['-inf', -Infinity, 'no number'],
  ['a number beyond what a circuit can carry', -3e8, '-300000000 watts, more than a channel can measure'],
])('a single cell that is %s', (_, value, words) => {
  it('costs that cell: the load ends, names the channel once, and asks for it no more', async () => {
    const { device, load, stored, measured, context, work } = setUp()
    const complete = measured('Fridge')
    const others = [measured('Furnace'), measured('Dryer')]
    device.spoilCells(at('Fridge', value))
    const memory = createSyncMemory()
    const report = await load({ memory })
    expect(stored('Fridge')).toEqual(complete.filter(([atMs]) => atMs !== BAD_MS))
    expect([stored('Furnace'), stored('Dryer')]).toEqual(others)
    expect(report.warnings).toEqual([
      `garage: Fridge answers what cannot be used (2024-05-31T05:07Z: ${words}); such minutes of this channel are left out`,
    ])
    expect(report.failedChannels).toEqual([])
    expect(memory.counts.unusableCells).toBe(1)
    device.resetCounters()
    expect((await load({ memory })).sampleCount).toBe(0)
    expect(device.counters().recordReads).toBeLessThan(20)
    const plan = await work((fresh) => planWork(fresh, { signal, refuseBeyondRetention: true }), { memory })
    expect(plan.missingMinutes).toBe(0)
    expect(context.memory).not.toBe(memory)
  })

  it('is not missing: neither for verify, with and without repair, nor for sync', async () => {
    const { device, load, verify, sync } = setUp()
    device.spoilCells(at('Fridge', value))
    await load()
    for (const repair of [false, true]) {
      const { channels } = await verify(repair)
      for (const { tally } of channels) expect(tally).toMatchObject({ missing: 0, filled: 0, wrong: 0 })
    }
    expect((await sync()).holeMinutes).toBe(0)
  })
})

it('a channel that has no number for hours is left out in these hours, and the load ends', async () => {
  const { device, load, stored, measured, verify } = setUp()
  const complete = measured('Fridge')
  const isBad = (atMs: number) => atMs >= FROM_MS + 2 * HOUR_MS && atMs < FROM_MS + 6 * HOUR_MS
  device.spoilCells(({ channel: name, atS }) => (name === 'Fridge' && isBad(atS * 1000) ? Infinity : undefined))
  const memory = createSyncMemory()
  await load({ memory })
  expect(stored('Fridge')).toEqual(complete.filter(([atMs]) => !isBad(atMs)))
  expect(memory.counts.unusableCells).toBe(240)
  expect(memory.shown.unmeasured).toEqual([{ fromMs: FROM_MS + 2 * HOUR_MS, untilMs: FROM_MS + 6 * HOUR_MS }])
  expect((await verify(false, { memory })).channels.map(({ tally }) => tally.missing)).toEqual([0, 0, 0])
})

it('a cycle goes on where the newest minute of a channel is no number', async () => {
  const { device, sync, stored, clock } = setUp()
  device.spoilCells(({ channel: name }) => (name === 'Fridge' ? NaN : undefined))
  const memory = createSyncMemory()
  await sync({ memory })
  await clock.advance(5 * MINUTE_MS)
  device.resetCounters()
  await sync({ memory })
  expect(stored('Fridge')).toEqual([])
  expect(stored('Furnace').at(-1)?.[0]).toBe(floorToMinute(clock.nowMs()) - MINUTE_MS)
  expect(device.counters().recordReads).toBeLessThan(30)
})

describe('a channel that the device lists and refuses', () => {
  const refusing = { channels: [...small, channel('Dryer', 'var')], firmware: firmwareOf('02_05_02') }

  it('is left out, named and counted as failed, by sync, load, verify and check', async () => {
    const { sync, load, verify, check, stored, measured, work } = setUp(refusing)
    const plan = await work((fresh) => planWork(fresh, { signal, refuseBeyondRetention: true }))
    expect(plan.missingMinutes).toBe(12 * 60)
    for (const report of [await load(), await verify(), await sync()]) {
      expect(report.failedChannels).toEqual(['Dryer'])
      expect(report.warnings).toEqual([
        expect.stringMatching(
          /^garage: Dryer is not copied: the device lists it, and refuses .*Invalid series method: var/,
        ),
      ])
    }
    for (const name of SMALL_CHANNELS) expect(stored(name)).toEqual(measured(name))
    expect((await check()).filter(({ verdict }) => verdict === 'BAD')).toEqual([
      { verdict: 'BAD', subject: 'garage', message: expect.stringContaining('Dryer is not copied') },
    ])
  })
})

describe('a channel that the device lists in volts', () => {
  it.each(['watts', 'wh', 'amps', 'pf'] as const)(
    'is not copied in %s, with the line to write, and the rest is',
    async (unit) => {
      const { sync, check, stored, measured } = setUp({ channels: [channel('Voltage', unit), ...small] })
      const report = await sync()
      expect(report.failedChannels).toEqual(['Voltage'])
      expect(report.warnings).toEqual([expect.stringContaining('write { name: Voltage, unit: volts }')])
      expect(stored('Voltage', { metric: unit === 'watts' ? 'power' : unit })).toEqual([])
      expect(stored('Furnace')).toEqual(measured('Furnace'))
      const bad = (await check()).filter(({ verdict }) => verdict === 'BAD')
      expect(bad.map(({ message }) => message)).toEqual(report.warnings)
    },
  )

  it.each(['volts', 'hz'] as const)('is copied in %s', async (unit) => {
    const { sync, stored } = setUp({
      channels: [channel('Voltage', unit), channel('Furnace', 'volts'), channel('Fridge', 'pf')],
    })
    expect((await sync()).warnings).toEqual([])
    expect(stored('Voltage', { metric: unit })).toHaveLength(12 * 60)
  })
})

describe('a device whose log has stopped', () => {
  it.each([
    [3, []],
    [8, ['WARN']],
    [20, ['BAD']],
  ])('for %i minutes is told by check as %j, and by sync', async (minutes, verdicts) => {
    const { device, clock, check, sync } = setUp()
    await sync()
    device.stopLog()
    await clock.advance(minutes * MINUTE_MS)
    const found = (await check()).filter(({ verdict }) => verdict !== 'GOOD')
    expect(found.map(({ verdict }) => verdict)).toEqual(verdicts)
    for (const { message } of found) expect(message).toMatch(/its log ends at .* SD card/)
    const { warnings, stoppedLog } = await sync()
    expect([warnings.length, stoppedLog]).toEqual(minutes > 15 ? [0, found[0]?.message] : [verdicts.length, undefined])
  })

  it('is failing in the daemon from the configured age on, until it logs again', async () => {
    const { device, clock, context } = setUp()
    const settings = { ...context.settings, maxAgeMs: 15 * MINUTE_MS }
    const wells: boolean[] = []
    const worker = createDeviceWorker(
      { ...context, settings },
      { intervalMs: 5 * MINUTE_MS, backfill: true, onCycle: (_, isWell) => void wells.push(isWell) },
    )
    const stop = new AbortController()
    const working = worker.start(stop.signal)
    await clock.advance(MINUTE_MS)
    device.stopLog()
    await clock.advance(10 * MINUTE_MS)
    expect(worker.health().state).toBe('ok')
    await clock.advance(10 * MINUTE_MS)
    expect(worker.health()).toMatchObject({
      state: 'failing',
      failure: { of: 'device', message: expect.stringMatching(/^garage: it answers, but its log ends at .* SD card/) },
    })
    expect(wells.at(-1)).toBe(false)
    device.resumeLog()
    await clock.advance(6 * MINUTE_MS)
    expect(worker.health().state).toBe('ok')
    expect(wells.at(-1)).toBe(true)
    stop.abort()
    await clock.runUntilDone(working)
  })
})

describe.each(['02_05_02', '02_05_05', '02_05_09', '02_05_12', '02_06_05', '02_08_04', '02_08_05'])(
  'firmware %s',
  (version) => {
    it('is copied from, exactly and without a restart that was none', async () => {
      const { clock, sync, load, verify, stored, measured, context } = setUp({ firmware: firmwareOf(version) })
      await load()
      await clock.advance(7 * MINUTE_MS + 700)
      expect((await sync()).warnings).toEqual([])
      for (const name of SMALL_CHANNELS) expect(stored(name)).toEqual(measured(name))
      expect((await verify()).channels.every(({ tally }) => tally.missing + tally.wrong + tally.onlyStored === 0)).toBe(
        true,
      )
      const starts = new Set<number>()
      for (let look = 0; look < 20; look++) {
        await clock.advance(13_370)
        starts.add((await clock.runUntilDone(context.device.status(signal))).startedAtMs)
      }
      expect(starts.size).toBe(1)
    })

    it('is known to have restarted when it has', async () => {
      const { clock, device, context } = setUp({ firmware: firmwareOf(version) })
      const look = async () => (await clock.runUntilDone(context.device.status(signal))).startedAtMs
      const before = await look()
      await clock.advance(HOUR_MS)
      device.reboot()
      await clock.advance(30_000)
      expect((await look()) - before).toBeGreaterThan(12 * HOUR_MS)
    })
  },
)

it('older firmware is named with the version that is needed', async () => {
  const { check } = setUp({ firmware: { ...firmwareOf('02_05_02'), version: '02_04_02' } })
  expect(await check()).toEqual([
    {
      verdict: 'BAD',
      subject: 'garage',
      message: expect.stringContaining('its firmware is 02_04_02; 02_05_02 or newer'),
    },
  ])
})

it('a reading that is no number stops nothing', async () => {
  const { device, sync, check, context } = setUp({})
  device.setReading('Voltage', NaN)
  device.setReading('Fridge', -Infinity)
  const settings = { ...context.settings, channels: undefined }
  const { channels: _, ...unnamed } = settings
  expect((await sync({ settings: unnamed })).sampleCount).toBe(3 * 12 * 60)
  expect((await check()).filter(({ verdict }) => verdict !== 'GOOD')).toEqual([])
})

it('check names inputs in watts that the configuration leaves out, and what a mistyped channel may mean', async () => {
  const { check } = setUp({ channels: channelsNamed('Furnace', 'Drier') })
  const found = (await check()).filter(({ verdict }) => verdict === 'WARN').map(({ message }) => message)
  expect(found).toEqual([
    expect.stringContaining('no channel Drier; did you mean Dryer? to see'),
    expect.stringContaining('2 inputs in watts are not copied: Fridge, Dryer;'),
  ])
})

it('days of old firmware are read in answers that it can give', async () => {
  const { device, load, stored, measured } = setUp({ firmware: firmwareOf('02_05_09') })
  await load()
  expect(stored('Dryer')).toEqual(measured('Dryer'))
  expect(device.counters().recordReads).toBeGreaterThan(0)
  expect(DAY_MS).toBeGreaterThan(0)
})
