import { describe, expect, it } from 'vitest'
import { askedSchema } from '../src/cli/command.ts'
import { migrateFlags } from '../src/cli/flags.ts'
import { migrateCommand } from '../src/cli/migrate-command.ts'
import { loadText } from './test-config.ts'
import type { Channel } from '../src/model/channel.ts'
import type { Labels, SeriesSamples } from '../src/model/series.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../src/model/time-window.ts'
import { createSimulatedClock } from './doubles/simulated-clock.ts'
import { createSimulatedDevice } from './doubles/simulated-device.ts'
import type { WriteFault } from './doubles/store-fault.ts'
import { createSimulatedStore } from './doubles/simulated-store.ts'
import {
  planMigrationWork,
  type MigrationPlan,
  type PlanOptions,
  refuseSharedSources,
} from '../src/sync/legacy/migrate/plan-migration.ts'
import { migrationWork, type MigrationReport } from '../src/sync/legacy/migrate/run-migration.ts'
import { createDirectQueue, type DeviceWork } from '../src/sync/session/device-work.ts'
import { firstLabels } from './first-version.ts'
import { generatePower } from './generated-power.ts'
import { channelsNamed, inProcess, settingsFor, SMALL_CHANNELS, smallUnit, sourceOf } from './small-house.ts'

const T0 = Date.UTC(2024, 4, 1)
const NOW_MS = T0 + 40 * DAY_MS
const THREE_DAYS = { fromMs: T0, untilMs: T0 + 3 * DAY_MS }
const TEMPLATE = { metric: 'Power_{location}', labels: {} }
const { signal } = new AbortController()

interface Options extends Partial<PlanOptions> {
  readonly channels?: readonly Channel[] | undefined
  readonly isDryRun?: boolean
  readonly interrupted?: () => boolean
  readonly chunkMs?: number
}

/** A store in memory with what the test puts into it, and a device that is asked nothing but its channels. */
function setUp() {
  const clock = createSimulatedClock(NOW_MS)
  const store = createSimulatedStore({ clock })
  const device = createSimulatedDevice({ source: sourceOf(smallUnit('garage'), { fromMs: T0 }), clock })
  const source = (location: string, labels: Labels = {}) => ({
    __name__: `Power_${location}`,
    db: 'iotawatt',
    ...labels,
  })
  const samplesOf = (labels: Labels) => store.samplesOf(labels).map(({ atMs, value }) => [atMs, value])

  async function migrate({
    channels = channelsNamed('Furnace'),
    isDryRun = false,
    interrupted = () => false,
    chunkMs = DAY_MS,
    ...options
  }: Options = {}) {
    const settings = settingsFor('garage', { chunkMs, ...(channels.length > 0 && { channels }) })
    const context = inProcess(device, { clock, store, settings })
    const finish = async <T>(work: DeviceWork<T>): Promise<T> => {
      while (!(await work.step(interrupted)));
      return work.result()
    }
    const both = async (): Promise<{ plan: MigrationPlan; report: MigrationReport }> => {
      const plan = await finish(planMigrationWork(context, { signal, template: TEMPLATE, ...options }))
      return { plan, report: await finish(migrationWork(context, plan, { signal, isDryRun })) }
    }
    return clock.runUntilDone(both())
  }

  return {
    clock,
    store,
    device,
    source,
    migrate,
    insert: (...batch: readonly SeriesSamples[]) => store.insert(batch),
    stored: (location: string) => samplesOf(firstLabels('garage', location)),
    samplesOf,
  }
}

const silentOutput = { print() {}, write: () => Promise.resolve(), log() {}, isWatched: true, progress() {} }

const flat = (
  labels: Labels,
  { fromMs, count, value, stepMs = MINUTE_MS }: { fromMs: number; count: number; value: number; stepMs?: number },
): SeriesSamples => ({
  labels,
  timestampsMs: Array.from({ length: count }, (_, index) => fromMs + index * stepMs),
  values: Array.from({ length: count }, () => value),
})

describe('migrate writes only where the target has no sample', () => {
  it('goes on with series of the first version, and leaves them as they are: late, duplicate and unfinished samples', async () => {
    const { insert, source, migrate, stored } = setUp()
    const generated = generatePower(source('Furnace'), { window: THREE_DAYS, stepMs: 5_000, seed: 1 })
    const labels = firstLabels('garage', 'Furnace')
    const old: SeriesSamples = {
      labels,
      timestampsMs: [T0 + DAY_MS, T0 + DAY_MS, T0 + DAY_MS + 65_000, T0 + 2 * DAY_MS + MINUTE_MS],
      values: [1, 1, 2, 3],
    }
    insert(generated.samples, old)
    const taken = new Set([DAY_MS, DAY_MS + MINUTE_MS, 2 * DAY_MS + MINUTE_MS].map((ms) => T0 + ms))
    const expected = [
      ...generated.minutes.filter(([atMs]) => !taken.has(atMs)),
      ...old.timestampsMs.map((atMs, index) => [atMs, old.values[index]]),
    ].sort(([a = 0], [b = 0]) => a - b)
    const { report } = await migrate()
    expect(stored('Furnace')).toEqual(expected)
    expect(report.series).toMatchObject([{ thereMinutes: 3, writtenMinutes: expected.length - 4 }])
  })

  it('says in a dry run what it would write, and writes nothing', async () => {
    const { insert, source, migrate, stored, store } = setUp()
    insert(generatePower(source('Furnace'), { window: THREE_DAYS, stepMs: 5_000, seed: 2 }).samples)
    const { report: foreseen } = await migrate({ isDryRun: true })
    expect(store.calls.write).toBe(0)
    expect(stored('Furnace')).toEqual([])
    const { report } = await migrate()
    expect(foreseen.series).toEqual(report.series)
    expect(report.series[0]?.writtenMinutes).toBe(stored('Furnace').length)
  })

  it('keeps to --since and --until', async () => {
    const { insert, source, migrate, stored } = setUp()
    const { samples, minutes } = generatePower(source('Furnace'), { window: THREE_DAYS, stepMs: 10_000, seed: 3 })
    insert(samples)
    const window = { sinceMs: T0 + DAY_MS + 1, untilMs: T0 + 2 * DAY_MS + 90_000 }
    await migrate(window)
    const inside = minutes.filter(([atMs]) => atMs > window.sinceMs && atMs < window.untilMs - MINUTE_MS)
    expect(stored('Furnace')).toEqual(inside)
  })

  it('keeps to the since of a channel', async () => {
    const { insert, source, migrate, stored } = setUp()
    insert(flat(source('Furnace'), { fromMs: T0, count: 100, value: 5 }))
    await migrate({ channels: channelsNamed('Furnace').map((channel) => ({ ...channel, sinceMs: T0 + HOUR_MS })) })
    expect(stored('Furnace')).toEqual(Array.from({ length: 40 }, (_, index) => [T0 + HOUR_MS + index * MINUTE_MS, 5]))
  })

  it('leaves out the minutes at both ends that are not complete', async () => {
    const { insert, source, migrate, stored } = setUp()
    insert(flat(source('Furnace'), { fromMs: T0 + 5_000, count: 12 + 12 + 5, value: 7, stepMs: 5_000 }))
    await migrate()
    expect(stored('Furnace')).toEqual([[T0 + MINUTE_MS, 7]])
  })

  it('leaves out what claims to be of the future', async () => {
    const { insert, source, migrate, stored } = setUp()
    insert(flat(source('Furnace'), { fromMs: NOW_MS - 2 * MINUTE_MS, count: 10, value: 7 }))
    await migrate()
    expect(stored('Furnace').map(([atMs]) => atMs)).toEqual([NOW_MS - 2 * MINUTE_MS, NOW_MS - MINUTE_MS])
  })

  it('leaves out numbers that no house can have, and reports it', async () => {
    const { insert, source, migrate, stored } = setUp()
    insert(flat(source('Furnace'), { fromMs: T0, count: 3, value: 7 }))
    insert({ labels: source('Furnace'), timestampsMs: [T0 + MINUTE_MS], values: [9.9e8] })
    insert({ labels: source('Furnace'), timestampsMs: [T0 + 3 * MINUTE_MS, T0 + 4 * MINUTE_MS], values: [2e9, 7] })
    const { report } = await migrate()
    expect(stored('Furnace').map(([, value]) => value)).toEqual([7, 9.9e8, 7, 7])
    expect(report.warnings).toEqual([
      'garage: the source of Furnace has numbers that no house can have; they are left out',
    ])
  })

  it('asks the device which channels it has where none are configured, and reads nothing of its log', async () => {
    const { insert, source, migrate, stored, device } = setUp()
    insert(...SMALL_CHANNELS.map((name, value) => flat(source(name), { fromMs: T0, count: 3, value })))
    const { plan } = await migrate({ channels: [] })
    expect(plan.channels.map(({ name }) => name)).toEqual([...SMALL_CHANNELS])
    for (const name of SMALL_CHANNELS) expect(stored(name)).toHaveLength(3)
    expect(device.counters().recordReads).toBe(0)
  })
})

describe('migrate never guesses', () => {
  it('refuses a channel of which there are two series, shows both, and migrates the rest', async () => {
    const { insert, source, migrate, stored, store } = setUp()
    insert(...['garage', 'house'].map((host) => flat(source('Furnace', { host }), { fromMs: T0, count: 3, value: 1 })))
    insert(flat(source('Fridge'), { fromMs: T0, count: 3, value: 2 }))
    const { report } = await migrate({ channels: channelsNamed('Furnace', 'Fridge') })
    expect(report.failedChannels).toEqual(['Furnace'])
    expect(report.warnings).toEqual([
      'garage: Furnace is not migrated: 2 series could be it, and they are never merged\n' +
        '  Power_Furnace{db="iotawatt",host="garage"}\n' +
        '  Power_Furnace{db="iotawatt",host="house"}\n' +
        "  to go on: say under migrate: which it is, such as labels: { host: '{device}' }",
    ])
    expect(stored('Fridge')).toHaveLength(3)
    expect(store.allSeries()).toHaveLength(4)
  })

  it.each<[string, Labels, number]>([
    ['the name of the device', { host: '{device}' }, 1],
    ['another text', { host: 'house' }, 2],
    ['a missing label', { host: '' }, 3],
  ])('takes the one that has %s in a label', async (_, labels, value) => {
    const { insert, source, migrate, stored } = setUp()
    insert(
      flat(source('Furnace', { host: 'garage' }), { fromMs: T0, count: 3, value: 1 }),
      flat(source('Furnace', { host: 'house' }), { fromMs: T0, count: 3, value: 2 }),
      flat(source('Furnace'), { fromMs: T0, count: 3, value: 3 }),
    )
    await migrate({ template: { ...TEMPLATE, labels } })
    expect(stored('Furnace').map(([, watts]) => watts)).toEqual([value, value, value])
  })

  it('finds a channel by its name on the device, and keeps it under its location', async () => {
    const { insert, migrate, stored } = setUp()
    insert(flat({ __name__: 'EV', kind: 'Watts' }, { fromMs: T0, count: 3, value: 4 }))
    const channels = [{ name: 'EV', unit: 'watts', metric: 'power', location: 'Dryer' } as const]
    await migrate({ channels, template: { metric: '{name}', labels: { kind: 'Watts' } } })
    expect(stored('Dryer')).toHaveLength(3)
  })

  it('says what it looked for in vain, and what is near it', async () => {
    const { insert, source, migrate } = setUp()
    insert(flat(source('Furnace', { host: 'house' }), { fromMs: T0, count: 3, value: 2 }))
    const { plan } = await migrate({
      channels: channelsNamed('Furnace', 'Fridge'),
      template: { ...TEMPLATE, labels: { host: '{device}' } },
    })
    expect(plan.without).toMatchObject([
      { looked: { __name__: 'Power_Furnace', host: 'garage' }, near: { host: 'house' } },
      { looked: { __name__: 'Power_Fridge', host: 'garage' }, near: undefined },
    ])
  })

  it('refuses a channel that is stored under other labels', async () => {
    const { insert, source, migrate, store } = setUp()
    insert(
      flat(source('Furnace'), { fromMs: T0, count: 3, value: 1 }),
      flat({ ...firstLabels('garage', 'Furnace'), type: 'Other' }, { fromMs: T0 - 900 * DAY_MS, count: 1, value: 1 }),
    )
    const { report } = await migrate()
    expect(report.failedChannels).toEqual(['Furnace'])
    expect(report.warnings).toEqual([expect.stringContaining('has this channel under other labels')])
    expect(store.allSeries()).toHaveLength(2)
  })

  it('refuses a series that could be that of another device, or of another channel', async () => {
    const { insert, source, migrate } = setUp()
    insert(...['Furnace', 'Fridge', 'Dryer'].map((name) => flat(source(name), { fromMs: T0, count: 3, value: 1 })))
    const twice = { name: 'Dryer', unit: 'watts', metric: 'other_power', location: 'Dryer' } as const
    const { plan } = await migrate({
      channels: [...channelsNamed('Furnace', 'Fridge', 'Dryer'), twice],
      isDryRun: true,
    })
    const others = channelsNamed('Furnace').map((channel) => ({ deviceName: 'house', channel }))
    const [refused] = refuseSharedSources([plan], others, TEMPLATE)
    expect(refused?.failedChannels).toEqual(['Furnace', 'Dryer', 'Dryer'])
    expect(refused?.series.map(({ target }) => target.channel.name)).toEqual(['Fridge'])
    expect(refused?.warnings[0]).toContain(
      'Power_Furnace{db="iotawatt"} could be Furnace of garage and Furnace of house',
    )
  })

  it('leaves channels in other units alone', async () => {
    const { insert, source, migrate, store } = setUp()
    insert(flat(source('Furnace'), { fromMs: T0, count: 3, value: 1 }))
    const { plan } = await migrate({
      channels: [{ name: 'Furnace', unit: 'amps', metric: 'current', location: 'Furnace' }],
    })
    expect(plan).toMatchObject({ series: [], without: [], channels: [] })
    expect(store.allSeries()).toHaveLength(1)
  })
})

describe('migrate, when the store fails', () => {
  const faults: WriteFault[] = [
    { kind: 'unavailable' },
    { kind: 'reset' },
    { kind: 'lost-answer' },
    { kind: 'late', delayMs: 20_000 },
    { kind: 'half' },
    { kind: 'dropped' },
  ]
  it.each(faults.flatMap((fault) => [0, 1, 3].map((before) => ({ ...fault, before }))))(
    'all is there, once: $kind after $before writes',
    async ({ before, ...fault }) => {
      const { insert, source, migrate, stored, store } = setUp()
      const sources = SMALL_CHANNELS.map((name, seed) =>
        generatePower(source(name), { window: THREE_DAYS, stepMs: 30_000, seed }),
      )
      insert(...sources.map(({ samples }) => samples))
      store.failWrites(...Array.from({ length: before }, () => ({ kind: 'slow', delayMs: 1 }) as const), fault)
      const { report } = await migrate({
        channels: channelsNamed(...SMALL_CHANNELS),
        interrupted: () => true,
        chunkMs: 2 * DAY_MS,
      })
      SMALL_CHANNELS.forEach((name, index) => expect(stored(name)).toEqual(sources[index]?.minutes))
      expect(report.series.map(({ writtenMinutes }) => writtenMinutes)).toEqual(
        sources.map(({ minutes }) => minutes.length),
      )
    },
  )

  it('counts what it finds at the end, and is not content when some of it is gone', async () => {
    const { insert, source, migrate, store } = setUp()
    insert(flat(source('Furnace'), { fromMs: T0, count: 100, value: 1 }))
    const coverage = store.coverage.bind(store)
    let lookUps = 0
    Object.assign(store, {
      coverage: async (...asked: Parameters<typeof coverage>) => {
        const found = await coverage(...asked)
        // The plan and the window are two, and what was written is read back otherwise; the last count is told of one minute less.
        if (++lookUps > 2) found[0]?.minutes.fill(0, 0, 1)
        return found
      },
    })
    await expect(migrate()).rejects.toThrow(/1 minute that .* had confirmed is missing/)
  })
})

it('says when the source has become less, which is not its doing', async () => {
  const { insert, source, migrate, store } = setUp()
  insert(flat(source('Furnace'), { fromMs: T0, count: 100, value: 1 }))
  const totals = store.totals.bind(store)
  let lookUps = 0
  Object.assign(store, {
    totals: async (...asked: Parameters<typeof totals>) =>
      (await totals(...asked)).map(({ count, sum }) => ({ count: count - 10 * lookUps++, sum })),
  })
  const { report } = await migrate()
  expect(report).toMatchObject({ lostPoints: 10, failedChannels: ['Furnace'], series: [{ writtenMinutes: 100 }] })
  expect(report.warnings).toEqual([expect.stringContaining('Power_Furnace{db="iotawatt"} has lost 10 points')])
})

describe('the command, where a person watches', () => {
  it.each<[answer: 'yes' | 'no' | 'nobody', flags: object, asked: number, written: number]>([
    ['yes', {}, 1, 100],
    ['no', {}, 1, 0],
    ['nobody', {}, 1, 100],
    ['no', { yes: true }, 0, 100],
    ['no', { dryRun: true }, 0, 0],
  ])('answered %s, with %j: asks %s times and writes %s minutes', async (answer, flags, askedCount, written) => {
    const { clock, store, device, source, insert, stored } = setUp()
    insert(flat(source('Furnace'), { fromMs: T0, count: 100, value: 1 }))
    const context = inProcess(device, {
      clock,
      store,
      settings: settingsFor('garage', { channels: channelsNamed('Furnace') }),
    })
    const { config } = await loadText('devices: [{ name: garage, url: http://garage, channels: [Furnace] }]')
    const asked: string[] = []
    const output = {
      ...silentOutput,
      ask: async (question: string) => {
        asked.push(question)
        return answer
      },
    }
    const queues = [createDirectQueue(context)]
    const engine = { config, store, queues }
    const options = askedSchema.extend(migrateFlags.shape).parse(flags)
    const code = await clock.runUntilDone(migrateCommand({ engine, queues, options, output, signal }))
    expect(code).toBe(0)
    expect(asked).toHaveLength(askedCount)
    if (askedCount > 0) expect(asked[0]).toContain('at most 100 minutes, into simulated store?')
    expect(stored('Furnace')).toHaveLength(written)
  })
})
