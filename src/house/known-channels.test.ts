import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HOUR_MS, DAY_MS, MINUTE_MS } from '../model/time-window.ts'
import { houseOf, memoryStore, seriesOf } from '../../test/stored-house.ts'
import { createKnownChannels } from './known-channels.ts'

const { signal } = new AbortController()
const at = (text: string) => Date.parse(text)
const expected = { fromMs: at('2026-03-21T04:00Z'), untilMs: at('2026-03-27T17:40Z') }
const own = ['Mains_1', 'Mains_2', 'SolarA_1', 'Dryer'].map((name) => seriesOf(name))
const others = ['Office', 'Fridge'].map((name) => seriesOf(name, 'iwatt6'))
const YESTERDAY = at('2026-03-26T00:00Z') / DAY_MS

/** Each has a number of its own in every minute. */
function filled() {
  const memory = memoryStore()
  ;[...own, ...others].forEach((labels, index) => memory.put(labels, expected, 1000 / (index + 1)))
  return memory
}

const home = (memory: ReturnType<typeof memoryStore>, silent: readonly string[], folder?: string) =>
  houseOf({
    store: memory.store,
    series: [...own, ...others],
    expected,
    nowMs: expected.untilMs + MINUTE_MS,
    silent,
    ...(folder !== undefined && { folder }),
  })

describe('a device that has not answered since the start', () => {
  it.each([[['iwatt6']], [['iwatt5']], [['iwatt5', 'iwatt6']]])('%j changes no figure of a day', async (silent) => {
    const memory = filled()
    const all = home(memory, [])
    const some = home(memory, silent)
    const day = { span: 'day', day: YESTERDAY } as const
    const energy = await some.history.energy(day, signal)
    expect(energy).toEqual(await all.history.energy(day, signal))
    expect(energy.sums).toMatchObject({ isWhole: true, wattHours: { unmetered: expect.closeTo(24 * 883.333, 1) } })
    const byId = async (history: typeof all.history) =>
      new Map((await history.consumers(day, signal)).consumers.map((each) => [each.id, each]))
    expect(await byId(some.history)).toEqual(await byId(all.history))
  })

  it('changes no figure of a month, of which nothing is added up yet', async () => {
    const memory = filled()
    const month = { span: 'month' } as const
    const { sums } = await home(memory, ['iwatt6']).history.energy(month, signal)
    expect(sums.isWhole).toBe(false)
    expect(sums.lackingMinutes.unmetered).toBeGreaterThan(0)
    const some = home(memory, ['iwatt6'])
    await (
      await some.flush()
    )()
    expect((await some.history.energy(month, signal)).sums).toMatchObject({
      lackingMinutes: { house: 0, unmetered: 0 },
      wattHours: { unmetered: expect.closeTo((883.333 * (expected.untilMs - expected.fromMs)) / HOUR_MS, 0) },
    })
  })

  it('is part of the house from the first question on, and back in its order when it answers', async () => {
    const some = home(filled(), ['iwatt6'])
    const ids = async () => (await some.history.house(signal)).channels.map(({ id }) => id)
    expect(await ids()).toEqual(['Mains_1', 'Mains_2', 'SolarA_1', 'Dryer', 'Fridge', 'Office'])
    some.answers('iwatt6')
    expect(await ids()).toEqual(['Mains_1', 'Mains_2', 'SolarA_1', 'Dryer', 'Office', 'Fridge'])
  })

  it('costs no rebuild of what was added up', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sums-'))
    const memory = filled()
    await (
      await home(memory, [], folder).flush()
    )()
    const before = memory.readCount()
    const some = home(memory, ['iwatt6'], folder)
    const end = await some.flush()
    some.answers('iwatt6')
    const { sums } = await some.history.energy({ span: 'day', day: YESTERDAY }, signal)
    expect([sums.isWhole, memory.readCount() - before]).toEqual([true, expect.toSatisfy((reads) => reads <= 2)])
    await end()
    await rm(folder, { recursive: true })
  })

  it('that has been off for long, and lost a channel before, has what it had at the end', async () => {
    const memory = memoryStore()
    const untilMs = at('2025-06-01T00:00Z')
    memory.put(seriesOf('Old', 'iwatt6'), { fromMs: untilMs - 90 * DAY_MS, untilMs: untilMs - 40 * DAY_MS }, 5)
    memory.put(seriesOf('Office', 'iwatt6'), { fromMs: untilMs - 90 * DAY_MS, untilMs }, 5)
    memory.put(seriesOf('Fridge', 'iwatt6'), { fromMs: untilMs - 90 * DAY_MS, untilMs: untilMs - 20 * DAY_MS }, 5)
    const channels = createKnownChannels([{ name: 'iwatt6', found: () => undefined }], {
      store: memory.store,
      clock: { nowMs: () => expected.untilMs },
      metric: 'power',
      lookbackMs: 30 * DAY_MS,
    })
    await channels.learn(signal)
    expect(channels.series().map(({ location }) => location)).toEqual(['Fridge', 'Office'])
    expect(channels.storedUntilMs('iwatt6')).toBe(untilMs)
  })
})

it('is asked for again when the store did not answer', async () => {
  const { store } = filled()
  let isOff = true
  const some = houseOf({
    store: {
      ...store,
      listSeries: (...query) => (isOff ? Promise.reject(new Error('off')) : store.listSeries(...query)),
    },
    series: [...own, ...others],
    expected,
    nowMs: expected.untilMs,
    silent: ['iwatt6'],
  })
  await expect(some.history.energy({ span: 'day' }, signal)).rejects.toThrow('off')
  expect((await some.history.house(signal)).channels).toHaveLength(own.length)
  isOff = false
  expect((await some.history.house(signal)).channels).toHaveLength(own.length + others.length)
})

describe('sums of other plans', () => {
  let folder: string
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'sums-'))))
  afterEach(() => rm(folder, { recursive: true }))

  it('are left aside, as many as were used last', async () => {
    const memory = filled()
    const cutsFor = async (zone: string) => {
      const some = houseOf({
        store: memory.store,
        series: own,
        expected,
        nowMs: expected.untilMs,
        folder,
        house: { timezone: zone },
      })
      const before = memory.readCount()
      await (
        await some.flush()
      )()
      return memory.readCount() - before
    }
    expect(await cutsFor('Europe/Berlin')).toBeGreaterThan(6)
    expect(await cutsFor('America/New_York')).toBeGreaterThan(6)
    expect(await cutsFor('Europe/Berlin')).toBeLessThanOrEqual(2)
    for (const zone of ['Europe/London', 'Asia/Kolkata', 'Asia/Tokyo', 'America/Chicago']) await cutsFor(zone)
    expect(await readdir(folder)).toHaveLength(4)
  })
})
