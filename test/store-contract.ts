import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  countSample,
  emptyCoverage,
  type Labels,
  MinuteState,
  sampleCount,
  type SeriesCoverage,
  seriesKey,
  type SeriesSamples,
} from '../src/model/series.ts'
import { type Store, StoreError } from '../src/model/store.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS, minuteCount, type TimeWindow } from '../src/model/time-window.ts'
import { seededRandom } from './doubles/seeded-random.ts'
import { systemClock } from '../src/runtime/clock.ts'

export interface StoreUnderTest {
  readonly store: Store
  /** Ends what was started beside the store. */
  stop(): Promise<void>
}

export interface ContractOptions {
  open(): Promise<StoreUnderTest>
  /** Whether a sample that is written twice is stored twice. */
  readonly keepsDoubles: boolean
}

const T0 = Date.UTC(2024, 4, 1)
const LARGE_WRITE = 50_000
const LONG_DAYS = process.env['LONG'] ? 365 : 120
const { missing, there, duplicate, offGrid } = MinuteState
const never = new AbortController().signal

/** After many samples: they are on their way through the store for a while, where a single flush may miss them. */
export async function flushMuch(store: Store): Promise<void> {
  await store.flush(never)
  if (store.visibleWithinMs === undefined) return
  await systemClock.sleep(store.visibleWithinMs, never)
  await store.flush(never)
}

/** What every store promises, as tests. Each case has devices of its own, so one store serves them all. */
export function storeContract(name: string, { open, keepsDoubles }: ContractOptions): void {
  describe(name, () => {
    let opened: StoreUnderTest
    let store: Store
    beforeAll(async () => {
      opened = await open()
      store = opened.store
    })
    afterAll(async () => {
      await store.close()
      await opened.stop()
    })

    async function put(...batch: readonly SeriesSamples[]): Promise<void> {
      await store.write(batch, never)
      if (sampleCount(batch) < LARGE_WRITE) await store.flush(never)
      else await flushMuch(store)
    }

    async function states(labels: Labels, window: TimeWindow): Promise<readonly number[]> {
      const [coverage] = await store.coverage([labels], window, never)
      return [...(coverage?.minutes ?? [])]
    }

    async function expectCoverage(expected: readonly SeriesCoverage[], window: TimeWindow): Promise<void> {
      const found = await store.coverage(
        expected.map(({ labels }) => labels),
        window,
        never,
      )
      expect(found.map(({ labels }) => seriesKey(labels))).toEqual(expected.map(({ labels }) => seriesKey(labels)))
      expect(found.map(({ minutes }) => digestOf(minutes))).toEqual(expected.map(({ minutes }) => digestOf(minutes)))
      for (const [index, { minutes }] of found.entries())
        expect(Buffer.compare(minutes, expected[index]?.minutes ?? Buffer.of())).toBe(0)
    }

    const list = (device: string, window: TimeWindow, metrics = ['power']) =>
      store.listSeries({ metrics, device, window }, never)

    test('a series that was looked for in vain is there after a flush', async () => {
      const labels = newSeries()
      const window = span(0, 3)
      expect(await list(device(labels), window)).toEqual([])
      expect(await states(labels, window)).toEqual([missing, missing, missing])
      await put(minutes(labels, [0, 2]))
      expect(await list(device(labels), window)).toEqual([{ labels, positionMs: T0 + 2 * MINUTE_MS }])
      expect(await states(labels, window)).toEqual([there, missing, there])
    })

    test('each of many series is seen after a flush, every time again', async () => {
      const labels = Array.from({ length: 28 }, (_, index) => newSeries({ device: 'many', location: `L${index}` }))
      for (const minute of [0, 1, 2]) {
        await put(...labels.map((each) => minutes(each, [minute])))
        const found = await store.coverage(labels, span(0, 3), never)
        expect(found.map((each) => each.minutes[minute])).toEqual(labels.map(() => there))
      }
    })

    test('samples off the minute make it offGrid, two on the minute duplicate', async () => {
      const labels = newSeries()
      const off = at(labels, [
        T0,
        T0,
        T0 + MINUTE_MS + 5_000,
        T0 + 2 * MINUTE_MS,
        T0 + 2 * MINUTE_MS + 5_000,
        T0 + 4 * MINUTE_MS - 1,
      ])
      await put(off)
      const first = keepsDoubles ? duplicate : there
      expect(await states(labels, span(0, 5))).toEqual([first, offGrid, offGrid, offGrid, missing])
    })

    test('a window holds its first instant and not its end', async () => {
      const labels = newSeries()
      await put(at(labels, [T0 - MINUTE_MS, T0 - 1, T0, T0 + 2 * MINUTE_MS, T0 + 3 * MINUTE_MS]))
      expect(await states(labels, span(0, 3))).toEqual([there, missing, there])
      expect(await list(device(labels), span(0, 3))).toEqual([{ labels, positionMs: T0 + 2 * MINUTE_MS }])
      expect(await list(device(labels), span(1, 2))).toEqual([])
      expect(await store.firstSamples([labels], span(0, 3), never)).toEqual([{ atMs: T0, value: 3 }])
      expect(await store.firstSamples([labels], span(1, 2), never)).toEqual([undefined])
    })

    test('a window of full days holds its first instant and not its end', async () => {
      const labels = newSeries()
      await put(minutes(labels, range(-1, 3 * 1440 + 1)))
      const window = span(0, 3 * 1440)
      expect(await states(labels, window)).toEqual(range(0, 3 * 1440).map(() => there))
    })

    test.each([
      ['one minute short', (all: number[]) => all.filter((minute) => minute !== 2000)],
      ['one minute twice in place of its neighbour', (all: number[]) => all.map((m) => (m === 2000 ? 2001 : m))],
      ['one minute half a minute late', (all: number[]) => all.map((m) => (m === 2000 ? 2000.5 : m))],
      ['one minute a millisecond late', (all: number[]) => all.map((m) => (m === 2000 ? 2000 + 1 / 60_000 : m))],
      ['one minute too many', (all: number[]) => [...all, 2000]],
      ['one sample between the minutes', (all: number[]) => [...all, 2000.5]],
      ['a full day 5 s late', (all: number[]) => all.map((m) => (m >= 1440 && m < 2880 ? m + 5 / 60 : m))],
      ['the rest of a day 5 s late', (all: number[]) => all.map((m) => (m >= 2000 && m < 2880 ? m + 5 / 60 : m))],
      ['the rest of a day 5 s early', (all: number[]) => all.map((m) => (m >= 2000 && m < 2880 ? m - 5 / 60 : m))],
      ['only the last minute of a day', (all: number[]) => all.filter((m) => m < 1440 || m === 2879)],
      ['a day missing', (all: number[]) => all.filter((m) => m < 1440 || m >= 2880)],
    ])('a day is seen for what it is: %s', async (_, change) => {
      const labels = newSeries()
      const series = minutes(labels, change(range(0, 3 * 1440)))
      await put(series)
      const window = span(0, 3 * 1440)
      await expectCoverage([oracle(series, window, keepsDoubles)], window)
    })

    test('any mixture of samples gives the coverage that counting them one by one gives', async () => {
      const random = seededRandom(7)
      const series = Array.from({ length: 4 }, (_, index) => scatter(newSeries({ location: `R${index}` }), random))
      await put(...series)
      for (const [from, until] of [
        [0, 5 * 1440],
        [-1440, 6 * 1440],
        [37, 3 * 1440 + 11],
        [100, 200],
        [1440, 2880],
      ] as const) {
        const window = span(from, until)
        await expectCoverage(
          series.map((each) => oracle(each, window, keepsDoubles)),
          window,
        )
      }
    })

    test('devices with channels of the same name are kept apart', async () => {
      const [one, other] = [newSeries({ location: 'Dryer' }), newSeries({ location: 'Dryer' })]
      await put(minutes(one, [0, 1]), minutes(other, [1, 2]))
      expect(await list(device(one), span(0, 5))).toEqual([{ labels: one, positionMs: T0 + MINUTE_MS }])
      expect(await states(one, span(0, 3))).toEqual([there, there, missing])
      expect(await states(other, span(0, 3))).toEqual([missing, there, there])
    })

    test('a series with one label more, or fewer, is another series', async () => {
      const labels = newSeries({ type: 'Circuit' })
      const { type: _, ...fewer } = labels
      await put(minutes(labels, [0]))
      expect(await states(fewer, span(0, 1))).toEqual([missing])
      expect(await states({ ...labels, pair: 'Mains' }, span(0, 1))).toEqual([missing])
      await put(minutes(fewer, [0]))
      expect(await states(labels, span(0, 1))).toEqual([there])
      expect((await list(device(labels), span(0, 1))).length).toBe(2)
    })

    test('a label without a value is no label', async () => {
      const labels = newSeries()
      await put(minutes({ ...labels, pair: '' }, [0]))
      expect(await states(labels, span(0, 1))).toEqual([there])
      expect(await states({ ...labels, pair: '' }, span(0, 1))).toEqual([there])
    })

    test('only the metrics that were asked for are listed', async () => {
      const labels = newSeries()
      const voltage = { ...labels, __name__: 'voltage' }
      const dotted = { ...labels, __name__: 'vol.age' }
      await put(minutes(labels, [0]), minutes(voltage, [1]), minutes(dotted, [2]))
      expect(await list(device(labels), span(0, 5), ['voltage'])).toEqual([
        { labels: voltage, positionMs: T0 + MINUTE_MS },
      ])
      expect((await list(device(labels), span(0, 5), ['power', 'voltage', 'vol.age'])).length).toBe(3)
      expect(await list(device(labels), span(0, 5), [])).toEqual([])
    })

    test.each([
      ['quotes', 'the "big" \'one\' `x`'],
      ['backslashes', 'a\\b\\\\c\\n'],
      ['line ends', 'one\ntwo\r\n\tthree'],
      ['other alphabets', 'Küche 厨房 🔌'],
      ['signs of a pattern', '.*+?^$()[]{}|.*'],
      ['control characters', 'a\u0003b\u001fc\u007f'],
      ['spaces around', '  x  '],
    ])('labels come back as they were: %s', async (_, text) => {
      const labels = newSeries({ device: `${randomUUID()}${text}`, location: text, note: text })
      const likeIt = { ...labels, location: `x${text}` }
      await put(minutes(labels, [0]), minutes(likeIt, [1]))
      expect(await states(labels, span(0, 2))).toEqual([there, missing])
      expect(sorted((await list(device(labels), span(0, 2))).map((each) => seriesKey(each.labels)))).toEqual(
        sorted([labels, likeIt].map(seriesKey)),
      )
    })

    test('a label that a store uses for itself is a label like any other', async () => {
      const labels = newSeries({ rollup: 'min' })
      await put(minutes(labels, range(0, 2880)))
      expect(await states(labels, span(0, 2880))).toEqual(range(0, 2880).map(() => there))
    })

    test('times are listed as they are, of one device and one window', async () => {
      const listTimes = store.listTimes?.bind(store)
      if (!listTimes) return
      const [first, second] = [newSeries({ location: 'A' }), newSeries({ location: 'B' })]
      const one = { ...first, device: device(second) }
      const timesMs = [T0, T0 + MINUTE_MS + 5_000, T0 + 2 * MINUTE_MS]
      await put(at(one, [T0 - 1, ...timesMs, T0 + 3 * MINUTE_MS]), at(second, [T0]), at(first, [T0]))
      const found = await listTimes({ metrics: ['power'], device: device(second), window: span(0, 3) }, never)
      const byKey = new Map(found.map(({ labels, timestampsMs }) => [seriesKey(labels), timestampsMs]))
      expect(byKey).toEqual(
        new Map([
          [seriesKey(one), timesMs],
          [seriesKey(second), [T0]],
        ]),
      )
      expect(await listTimes({ metrics: ['power'], device: device(second), window: span(5, 9) }, never)).toEqual([])
    })

    test('positions are exact to the millisecond', async () => {
      const labels = newSeries()
      await put(at(labels, [T0, T0 + 7_123_456]))
      expect(await list(device(labels), { fromMs: T0, untilMs: T0 + DAY_MS })).toEqual([
        { labels, positionMs: T0 + 7_123_456 },
      ])
    })

    test('the first sample of each series, in the order asked, unknown ones left out', async () => {
      const labels = Array.from({ length: 3 }, () => newSeries({ device: 'first' }))
      const [a, b, unknown] = labels.map((each, index) => ({ ...each, location: `${index}` }))
      if (!a || !b || !unknown) throw new Error('three series')
      await put(at(a, [T0 - 5, T0 + 60_001, T0 + HOUR_MS], [1, -2.25, 3]), at(b, [T0 + 1234], [0.001]))
      expect(await store.firstSamples([unknown, b, a], span(0, 600), never)).toEqual([
        undefined,
        { atMs: T0 + 1234, value: 0.001 },
        { atMs: T0 + 60_001, value: -2.25 },
      ])
    })

    test('values come back exactly', async () => {
      const values = [0, -0.04, 123.456, -1234.5678, 0.01, 48_211.07, -999_999.99, 59.987, 1e-4, 100_000_000]
      const labels = values.map((_, index) => newSeries({ device: 'exact', location: `${index}` }))
      await put(...labels.map((each, index) => at(each, [T0], [values[index] ?? 0])))
      const found = await store.firstSamples(labels, span(0, 1), never)
      expect(found.map((each) => each?.value)).toEqual(values)
    })

    test('zero and negative values count like any other', async () => {
      const labels = newSeries()
      await put(at(labels, [T0, T0 + MINUTE_MS, T0 + 2 * MINUTE_MS], [0, -0.5, -2000]))
      expect(await states(labels, span(0, 3))).toEqual([there, there, there])
    })

    test(`a window of ${LONG_DAYS} days, and of many years around it`, async () => {
      const labels = newSeries()
      const minuteTotal = LONG_DAYS * 1440
      await put(
        minutes(
          labels,
          range(0, minuteTotal).filter((minute) => minute !== 99_999),
        ),
      )
      const [coverage] = await store.coverage([labels], span(0, minuteTotal), never)
      expect(digestOf(coverage?.minutes ?? new Uint8Array())).toEqual({ missing: 1, there: minuteTotal - 1 })
      expect(coverage?.minutes[99_999]).toBe(missing)
      const long = { fromMs: T0 - 1500 * DAY_MS - HOUR_MS, untilMs: T0 + 800 * DAY_MS }
      const [years] = await store.coverage([labels], long, never)
      expect(digestOf(years?.minutes ?? new Uint8Array()).there).toBe(minuteTotal - 1)
      expect(await list(device(labels), long)).toEqual([{ labels, positionMs: T0 + (minuteTotal - 1) * MINUTE_MS }])
      expect(await store.firstSamples([labels], long, never)).toEqual([{ atMs: T0, value: 1 }])
    })

    test('200,000 samples in one write', async () => {
      const labels = Array.from({ length: 20 }, (_, index) => newSeries({ device: 'bulk', location: `${index}` }))
      await put(...labels.map((each) => minutes(each, range(0, 10_000))))
      const found = await store.coverage(labels, span(0, 10_000), never)
      for (const { minutes: each } of found) expect(digestOf(each)).toEqual({ there: 10_000 })
    })

    test('all samples of a window come back, duplicates and those off the minute too, oldest first, in the order asked', async () => {
      const labels = [0, 1, 2].map((index) => newSeries({ device: 'read', location: `${index}` }))
      const [a, b, unknown] = labels
      if (!a || !b || !unknown) throw new Error('three series')
      await put(
        at(a, [T0 - 1, T0, T0, T0 + 5_000, T0 + 60_001, T0 + HOUR_MS], [1, 2, 2, -3.25, 0, 5]),
        at(b, [T0 + HOUR_MS - 1], [0.001]),
      )
      await put(at(a, [T0 + 1_234], [7]))
      const doubles = keepsDoubles ? [T0, T0] : [T0]
      expect(await store.readSamples([unknown, b, a], span(0, 60), never)).toEqual([
        at(unknown, []),
        at(b, [T0 + HOUR_MS - 1], [0.001]),
        at(a, [...doubles, T0 + 1_234, T0 + 5_000, T0 + 60_001], [...doubles.map(() => 2), 7, -3.25, 0]),
      ])
      expect(await store.totals([unknown, b, a], span(0, 60), never)).toEqual([
        { count: 0, sum: 0 },
        { count: 1, sum: 0.001 },
        { count: doubles.length + 3, sum: doubles.length * 2 + 3.75 },
      ])
    })

    test('a series with one label more, or fewer, is not read along', async () => {
      const labels = newSeries({ type: 'Circuit' })
      await put(minutes(labels, [0, 1]), minutes({ ...labels, pair: 'Mains' }, [2, 3]))
      expect(await store.readSamples([labels, { ...labels, pair: '' }], span(0, 5), never)).toEqual([
        minutes(labels, [0, 1]),
        minutes({ ...labels, pair: '' }, [0, 1]),
      ])
      expect((await store.totals([labels], span(0, 5), never))[0]?.count).toBe(2)
    })

    test('150,000 samples are read completely', async () => {
      const series = range(0, 15).map((index) =>
        minutes(newSeries({ device: 'large', location: `${index}` }), range(0, 10_000)),
      )
      const labels = series.map((each) => each.labels)
      await put(...series)
      const found = await store.readSamples(labels, span(-100_000, 100_000), never)
      for (const [index, { timestampsMs, values }] of found.entries()) {
        expect(timestampsMs.every((atMs, at) => atMs === series[index]?.timestampsMs[at])).toBe(true)
        expect(values.every((value, at) => value === series[index]?.values[at])).toBe(true)
        expect([timestampsMs.length, values.length]).toEqual([10_000, 10_000])
      }
      const sum = series[0]?.values.reduce((total, value) => total + value, 0)
      const ever = { fromMs: 0, untilMs: T0 + 500 * DAY_MS }
      for (const total of await store.totals(labels, ever, never)) expect(total).toEqual({ count: 10_000, sum })
      expect((await list('large', ever)).length).toBe(15)
    })

    test('a device that is not named is any device', async () => {
      const metric = `of_${randomUUID().replaceAll('-', '_')}`
      const [one, other] = [newSeries({ __name__: metric }), newSeries({ __name__: metric })]
      const { device: _, ...none } = newSeries({ __name__: metric })
      await put(...[one, other, none].map((each) => minutes(each, [1])))
      const found = await store.listSeries({ metrics: [metric], window: span(0, 5) }, never)
      expect(sorted(found.map((each) => seriesKey(each.labels)))).toEqual(sorted([one, other, none].map(seriesKey)))
      expect(found.map(({ positionMs }) => positionMs)).toEqual(found.map(() => T0 + MINUTE_MS))
      expect(await store.readSamples([none], span(0, 5), never)).toEqual([minutes(none, [1])])
    })

    test('a deleted series is gone, its neighbours with a label more or fewer stay, and it can be written again', async () => {
      const labels = newSeries({ type: 'Circuit' })
      const { type: _, ...fewer } = labels
      const neighbours = [fewer, { ...labels, pair: 'Mains' }, { ...labels, location: 'x' }, { ...labels, other: '"' }]
      const window = span(-500_000, 500_000)
      await put(...[labels, ...neighbours].map((each) => minutes(each, [0, 1, 400_000])))
      for (const again of [[5, 6], [0]]) {
        await store.deleteSeries({ ...labels, pair: '' }, never)
        expect(await store.readSamples([labels], window, never)).toEqual([at(labels, [])])
        expect(await store.totals([labels], window, never)).toEqual([{ count: 0, sum: 0 }])
        expect(await states(labels, span(0, 2))).toEqual([missing, missing])
        expect((await list(device(labels), window)).length).toBe(4)
        await put(minutes(labels, again))
        expect(await store.readSamples([labels], window, never)).toEqual([minutes(labels, again)])
      }
      for (const total of await store.totals(neighbours, window, never)) expect(total.count).toBe(3)
    })

    test('what was written a moment before is deleted, and stays so', async () => {
      const labels = newSeries()
      await store.write([minutes(labels, range(0, 1000))], never)
      await store.deleteSeries(labels, never)
      await store.flush(never)
      expect(await list(device(labels), span(0, 1000))).toEqual([])
    })

    test('to delete a series that is not there is no error', async () => {
      await store.deleteSeries(newSeries(), never)
    })

    test('nothing asked, nothing answered', async () => {
      const labels = newSeries()
      await store.write([], never)
      await store.write([at(labels, [])], never)
      await store.flush(never)
      expect(await store.coverage([], span(0, 1), never)).toEqual([])
      expect(await store.firstSamples([], span(0, 1), never)).toEqual([])
      expect(await list(device(labels), span(0, 10))).toEqual([])
      expect(await states(labels, span(5, 5))).toEqual([])
      expect(await list(device(labels), span(5, 5))).toEqual([])
      expect(await store.firstSamples([labels], span(5, 5), never)).toEqual([undefined])
      expect(await store.readSamples([], span(0, 1), never)).toEqual([])
      expect(await store.readSamples([labels], span(5, 5), never)).toEqual([at(labels, [])])
      expect(await store.totals([labels], span(5, 5), never)).toEqual([{ count: 0, sum: 0 }])
    })

    test.each([
      ['NaN', [T0], [NaN]],
      ['an infinite value', [T0], [Infinity]],
      ['an absurd value', [T0], [1e12]],
      ['a fraction of a millisecond', [T0 + 0.5], [1]],
      ['more times than values', [T0, T0 + 1], [1]],
    ])('refuses to write %s, and writes nothing of the batch', async (_, timestampsMs, values) => {
      const labels = newSeries()
      const other = { ...labels, location: 'other' }
      const writing = store.write([minutes(other, [0]), { labels, timestampsMs, values }], never)
      await expect(writing).rejects.toMatchObject({ name: 'StoreError', reason: 'rejected', ambiguous: false })
      await store.flush(never)
      expect(await list(device(labels), span(-10, 10))).toEqual([])
    })

    test.each([
      ['a series without a metric', { device: 'x', location: 'y' }],
      ['a label without a name', { __name__: 'power', device: 'x', '': 'y' }],
    ])('refuses to write %s', async (_, labels: Labels) => {
      await expect(store.write([minutes(labels, [0])], never)).rejects.toBeInstanceOf(StoreError)
    })

    test('an aborted signal rejects with its reason', async () => {
      const reason = new Error('stopped')
      const signal = AbortSignal.abort(reason)
      const labels = newSeries()
      const window = span(0, 5)
      for (const ask of [
        () => store.status(signal),
        () => store.flush(signal),
        () => store.listSeries({ metrics: ['power'], device: device(labels), window }, signal),
        () => store.coverage([labels], window, signal),
        () => store.firstSamples([labels], window, signal),
        () => store.readSamples([labels], window, signal),
        () => store.totals([labels], window, signal),
        () => store.deleteSeries(labels, signal),
        () => store.write([minutes(labels, [0])], signal),
        () => store.persist(signal),
      ])
        await expect(ask()).rejects.toBe(reason)
      await store.flush(never)
      expect(await states(labels, window)).toEqual(range(0, 5).map(() => missing))
    })

    test('questions and writes side by side', async () => {
      const labels = Array.from({ length: 6 }, (_, index) => newSeries({ location: `P${index}` }))
      await Promise.all(
        labels.map(async (each) => {
          await store.write([minutes(each, range(0, 500))], never)
          await store.coverage([each], span(0, 500), never)
        }),
      )
      await store.flush(never)
      const found = await store.coverage(labels, span(0, 500), never)
      for (const { minutes: each } of found) expect(digestOf(each)).toEqual({ there: 500 })
    })

    test('tells of itself, and persists', async () => {
      const status = await store.status(never)
      expect(typeof status.buffers).toBe('boolean')
      if (status.deduplicates !== undefined) expect(status.deduplicates).toBe(!keepsDoubles)
      expect(['durable', 'later']).toContain(await store.persist(never))
      expect(store.name).not.toBe('')
    })
  })
}

function newSeries(labels: Record<string, string> = {}): Labels {
  const own = labels['device'] === undefined ? { device: randomUUID() } : {}
  return { __name__: 'power', location: 'Mains_1', source: 'iotawatt', run: randomUUID(), ...own, ...labels }
}

function device(labels: Labels): string {
  return labels['device'] ?? ''
}

function span(fromMinute: number, untilMinute: number): TimeWindow {
  return { fromMs: T0 + fromMinute * MINUTE_MS, untilMs: T0 + untilMinute * MINUTE_MS }
}

function range(from: number, until: number): number[] {
  return Array.from({ length: until - from }, (_, index) => from + index)
}

/** Values count from 1. */
function at(labels: Labels, timestampsMs: readonly number[], values = timestampsMs.map((_, index) => index + 1)) {
  return { labels, timestampsMs, values }
}

/** A sample at each of these minutes after T0; a part of a minute is rounded to the millisecond. */
function minutes(labels: Labels, at: readonly number[]): SeriesSamples {
  const inOrder = [...at].sort((a, b) => a - b)
  return {
    labels,
    timestampsMs: inOrder.map((minute) => Math.round(T0 + minute * MINUTE_MS)),
    values: inOrder.map((_, index) => 1 + (index % 977) / 4),
  }
}

/** Five days with gaps of all sizes, duplicates, and samples a little beside the minute. */
function scatter(labels: Labels, random: () => number): SeriesSamples {
  const chosen: number[] = []
  for (const day of range(0, 5)) {
    const kind = Math.floor(random() * 5)
    for (const minute of range(day * 1440, (day + 1) * 1440)) {
      if (kind === 0 || (kind === 1 && random() < 0.01)) continue
      chosen.push(kind === 2 && random() < 0.01 ? minute + random() : minute)
      if (kind === 3 && random() < 0.01) chosen.push(minute)
    }
  }
  return minutes(labels, chosen)
}

function oracle(series: SeriesSamples, window: TimeWindow, keepsDoubles: boolean): SeriesCoverage {
  const coverage = emptyCoverage(series.labels, window)
  for (const atMs of keepsDoubles ? series.timestampsMs : new Set(series.timestampsMs)) countSample(coverage, atMs)
  expect(coverage.minutes.length).toBe(minuteCount(window))
  return coverage
}

/** How many minutes are in each state. */
function digestOf(minutes: Uint8Array): Readonly<Record<string, number>> {
  const names = Object.entries(MinuteState)
  return Object.fromEntries(
    names
      .map(([name, state]) => [name, minutes.reduce((sum, each) => sum + (each === state ? 1 : 0), 0)] as const)
      .filter(([, count]) => count > 0),
  )
}

function sorted(texts: readonly string[]): readonly string[] {
  return [...texts].sort()
}
