import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bodiesLike } from '../../../test/damage.ts'
import { seriesKey } from '../../model/series.ts'
import { StoreError } from '../../model/store.ts'
import { DAY_MS } from '../../model/time-window.ts'
import type { Clock } from '../../runtime/clock.ts'
import { silentLog } from '../../runtime/log.ts'
import type { Connection } from './connection.ts'
import { dayDigester } from './digest-days.ts'
import { listLabels, seriesReader } from './list-series.ts'
import { administer } from './node-admin.ts'
import { type AskQuestion, askQuestions } from './questions.ts'
import { readFacts } from './read-flags.ts'
import { sampleReader } from './read-samples.ts'

const T0 = Date.UTC(2024, 4, 1)
const window = { fromMs: T0, untilMs: T0 + 3 * DAY_MS }
const labels = { __name__: 'power', device: 'd', location: 'Dryer' }
const series = [labels, { ...labels, location: 'Fridge' }]
const { signal } = new AbortController()
const clock: Clock = { nowMs: () => T0 + 10 * DAY_MS, sleep: () => Promise.resolve() }
const deps = { clock, log: silentLog, random: () => 0.5 }

interface Said {
  readonly status: number
  readonly body: string
  readonly header?: string
}

/** A store that answers each path with what was thought up for it. */
function saying(byPath: Readonly<Record<string, Said>>): Connection {
  return {
    address: 'http://vm',
    isCluster: false,
    cacheNodes: [],
    storageNodes: [],
    close: () => Promise.resolve(),
    exchange: ({ path }, { read }) => {
      const { status, body, header } = byPath[path.split('?')[0]!] ?? { status: 400, body: '' }
      const asked = `POST http://vm${path}`
      const redact = (text: string) => text
      return read({ asked, product: 'VictoriaMetrics', status, header: () => header, redact, body: partsOf(body) })
    },
  }
}

/** In pieces that end within letters. */
async function* partsOf(body: string): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(body)
  for (let at = 0; at < bytes.length; at += 1000) yield await Promise.resolve(bytes.subarray(at, at + 1000))
}

/** Undefined where the answer is refused. */
async function orRefused<T>(promise: Promise<T>): Promise<T | undefined> {
  return promise.catch((error: unknown) => {
    expect(error).toBeInstanceOf(StoreError)
    return undefined
  })
}

const point = [T0 / 1000 + 60, '591.9']
const answerWith = (part: object) => ({
  status: 'success',
  isPartial: false,
  data: {
    resultType: 'vector',
    result: [
      { metric: labels, ...part },
      { metric: { ...labels, rollup: 'min' }, ...part },
    ],
  },
})
const EXPORTED = { metric: labels, values: [1, 2.5, 'Infinity'], timestamps: [T0, T0 + 60_000, T0 + 120_000] }

const statuses = fc.oneof({ weight: 9, arbitrary: fc.constant(200) }, fc.integer({ min: 100, max: 599 }))
const anyAnswer = (body: fc.Arbitrary<string>): fc.Arbitrary<Said> =>
  fc.record({
    status: statuses,
    body,
    header: fc.oneof(fc.string(), fc.constantFrom('99999999999999999999', '5', new Date(T0).toUTCString())),
  })

/** Values that a rollup could have, of them and in their place. */
const values = fc.oneof(
  fc.double().map(String),
  fc.constantFrom('', '+Inf', 'NaN', '0x10', ' 7 ', '1e999', '-1', '2', `${T0 / 1000}`),
  fc.string(),
)
const queryBodies = fc.oneof(
  bodiesLike(answerWith({ value: point })),
  bodiesLike(answerWith({ values: [point, point] })),
  values.map((value) => JSON.stringify(answerWith({ value: [T0 / 1000, value] }))),
)
const queries = anyAnswer(queryBodies)
const exportBodies = bodiesLike([EXPORTED, EXPORTED], (lines) =>
  Array.isArray(lines) ? lines.map((line) => JSON.stringify(line)).join('\n') : (JSON.stringify(lines) ?? ''),
)

const asking = (byPath: Readonly<Record<string, Said>>): AskQuestion => askQuestions(saying(byPath), deps)

describe('whatever a store answers, it is refused or it is', () => {
  it('series with a position, and a first sample, that are times', () =>
    fc.assert(
      fc.asyncProperty(queries, async (answer) => {
        const reader = seriesReader(asking({ '/api/v1/query': answer }))
        const listed = await orRefused(reader.listSeries({ metrics: ['power'], window }, signal))
        for (const { labels: found, positionMs } of listed ?? []) {
          expect(found['__name__']).toBe('power')
          expect(positionMs).toSatisfy(isTime)
        }
        const first = await orRefused(reader.firstSamples(series, window, signal))
        expect(first?.length ?? 2).toBe(2)
        for (const sample of first ?? []) {
          if (sample !== undefined) expect(sample.atMs).toSatisfy(isTime)
          if (sample !== undefined) expect(sample.value).not.toBeNaN()
        }
      }),
    ))

  it('counts that count, and sums', () =>
    fc.assert(
      fc.asyncProperty(queries, async (answer) => {
        const reader = seriesReader(asking({ '/api/v1/query': answer }))
        const totals = await orRefused(reader.totals(series, window, signal))
        expect(totals?.length ?? 2).toBe(2)
        for (const { count, sum } of totals ?? []) {
          expect(Number.isSafeInteger(count) && count >= 0).toBe(true)
          expect(sum).not.toBeNaN()
        }
      }),
    ))

  it('a state for each day', () =>
    fc.assert(
      fc.asyncProperty(queries, async (answer) => {
        const digestDays = dayDigester(asking({ '/api/v1/query_range': answer }))
        const digest = await orRefused(digestDays(series, window, signal))
        for (const days of digest?.values() ?? []) expect(days.length).toBe(3)
      }),
    ))

  it('samples, at least as many as were counted, each a number at a time', () =>
    fc.assert(
      fc.asyncProperty(values, anyAnswer(exportBodies), async (count, exported) => {
        const counted = JSON.stringify(answerWith({ value: [T0 / 1000, count] }))
        const ask = asking({ '/api/v1/query': { status: 200, body: counted }, '/api/v1/export': exported })
        const samples = await orRefused(sampleReader(ask)(series, window, signal))
        if (samples === undefined) return
        expect(samples.get(seriesKey(labels))?.timestampsMs.length ?? 0).toBeGreaterThanOrEqual(Number(count))
        for (const found of samples.values()) {
          expect(found.timestampsMs.length).toBe(found.values.length)
          expect(found.timestampsMs.every(Number.isSafeInteger)).toBe(true)
          expect(found.values.every((value) => typeof value === 'number' && !Number.isNaN(value))).toBe(true)
        }
      }),
    ))

  it('a list of label sets', () =>
    fc.assert(
      fc.asyncProperty(anyAnswer(bodiesLike({ status: 'success', data: [labels] })), async (answer) => {
        const listed = await orRefused(listLabels(asking({ '/api/v1/series': answer }), '{}', signal))
        for (const found of listed ?? []) for (const text of Object.values(found)) expect(typeof text).toBe('string')
      }),
    ))

  it('what it says of itself', () => {
    const flags = fc
      .array(
        fc.tuple(
          fc.constantFrom('retentionPeriod', 'maxBackfillAge', 'dedup.minScrapeInterval', 'insert.maxQueueDuration'),
          fc.oneof(fc.string(), fc.stringMatching(/^(\d{1,12}(\.\d)?(ms|[smhdwMy])){1,3}$/)),
        ),
      )
      .map(
        (list) =>
          list.map(([name, value]) => `flag{name="${name}", value="${value}", is_set="true"} 1\n`).join('') +
          'process_start_time_seconds 1.7e9\n',
      )
    const metrics = anyAnswer(fc.oneof(flags, fc.string({ unit: 'binary' })))
    return fc.assert(
      fc.asyncProperty(metrics, queries, metrics, async (metricsAnswer, query, other) => {
        const byPath = {
          '/metrics': metricsAnswer,
          '/api/v1/query': query,
          '/api/v1/import': other,
          '/internal/force_flush': other,
          '/snapshot/create': other,
        }
        const admin = administer(saying(byPath), deps)
        const told = await orRefused(admin.status(signal))
        for (const timeMs of [told?.startedAtMs, told?.retainsFromMs, told?.clockMs])
          if (timeMs !== undefined) expect(timeMs).toSatisfy(isTime)
        await orRefused(admin.flush(signal))
        expect(['durable', 'later', undefined]).toContain(await orRefused(admin.persist(signal)))
        expect(admin.mayLandForMs()).toBeGreaterThanOrEqual(0)
      }),
    )
  })
})

it('megabytes of what only begins like a metric are read at once', () => {
  const flag = 'flag{name="retentionPeriod", value="1"} 1\n'
  for (const part of [
    'vm_storage_is_read_only{\n',
    'process_start_time_seconds{',
    'flag{name="a",\n',
    'flag{name="\n',
    'process_start_time_seconds \n',
  ])
    expect(readFacts(flag + part.repeat((4 << 20) / part.length))?.readOnly).toBeUndefined()
})

function isTime(timeMs: number): boolean {
  return Number.isFinite(timeMs) && timeMs >= 0 && timeMs <= 8.64e15
}
