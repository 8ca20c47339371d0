import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RunningServer, startVictoriaMetrics } from '../../../scripts/victoria-metrics.mjs'
import { binaryForTests, KEEP_ALL } from '../../../test/doubles/test-server.ts'
import type { Labels, SeriesSamples } from '../../model/series.ts'
import { type Store, StoreError } from '../../model/store.ts'
import { DAY_MS, MINUTE_MS } from '../../model/time-window.ts'
import { systemClock } from '../../runtime/clock.ts'
import { silentLog } from '../../runtime/log.ts'
import { checkBatch } from '../check-batch.ts'
import { openVictoriaMetrics } from './open-victoriametrics.ts'
import { importBodies } from './write-import.ts'

const T0 = Date.UTC(2024, 4, 1)
const { signal } = new AbortController()
const binary = await binaryForTests()
const numRuns = process.env['LONG'] ? 200 : 8

const texts = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 30 }),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }),
  fc.string({
    unit: fc.constantFrom('"', '\\', '\n', '\r', '\t', '\0', '\u0001', '\u007f', '\u2028', "'", '{', '}', '🔌', 'ü'),
    minLength: 1,
  }),
  fc.constantFrom('__proto__', 'ü'.repeat(2000), '\ufeff', '\ufffd', '\uffff'),
)
/** The configuration takes none that begins with `__`, and schemas leave `__proto__` out. */
const names = fc.oneof(fc.stringMatching(/^[a-z][a-z0-9_]{0,30}$/), texts).filter((name) => name !== '__proto__')
const more = fc.dictionary(names, texts, { maxKeys: 20, noNullPrototype: true })
const metrics = fc.oneof(fc.constant('power'), texts)

/** What the device prints, and what else a double can be. */
const decimals = fc
  .tuple(fc.integer({ min: -1e9, max: 1e9 }), fc.integer({ min: 0, max: 9 }))
  .map(([units, places]) => Number(`${units}e-${places}`) + 0)

test('a batch is refused, or each of its lines says the same as the batch', () => {
  const numbers = fc.oneof(
    decimals,
    fc.double(),
    fc.constantFrom(-0, 5e-324, 1e9, -1e9, 1.000000001e9, 1e308, NaN, Infinity),
  )
  const times = fc.oneof(fc.maxSafeInteger(), fc.integer({ min: 1e12, max: 1e13 - 1 }).map(Number), fc.double())
  const series = fc.record({
    labels: fc.tuple(metrics, more).map(([name, rest]): Labels => ({ ...rest, __name__: name })),
    samples: fc.array(fc.tuple(times, numbers), { maxLength: 20 }),
  })
  fc.assert(
    fc.property(fc.array(series, { maxLength: 5 }), (list) => {
      const batch = list.map(({ labels, samples }) => ({
        labels,
        timestampsMs: samples.map(([at]) => at),
        values: samples.map(([, value]) => value),
      }))
      if (isRefused(batch)) return
      const lines = Buffer.concat(Array.from(importBodies(batch), (body) => Buffer.from(body)))
        .toString('utf8')
        .split('\n')
        .filter(Boolean)
      expect(lines.map((line) => JSON.parse(line))).toEqual(
        batch
          .filter(({ values }) => values.length > 0)
          .map(({ labels, timestampsMs, values }) => ({
            metric: Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== '')),
            values: values.map((value) => value + 0),
            timestamps: timestampsMs.map((atMs) => atMs + 0),
          })),
      )
    }),
  )
})

function isRefused(batch: readonly SeriesSamples[]): boolean {
  try {
    checkBatch(batch)
    return false
  } catch (error) {
    expect(error).toBeInstanceOf(StoreError)
    return true
  }
}

if (binary === undefined) test.skip('a round trip: DID NOT RUN, there is no VictoriaMetrics here', () => {})
else
  describe('through a real VictoriaMetrics', () => {
    let server: RunningServer
    let store: Store
    let deviceCount = 0
    beforeAll(async () => {
      server = await startVictoriaMetrics({ binary, args: [KEEP_ALL] })
      store = openVictoriaMetrics({ url: server.url }, { clock: systemClock, log: silentLog, random: Math.random })
    })
    afterAll(async () => {
      await store.close()
      await server.stop()
    })

    /** What comes back of series of a device of their own. */
    async function backFrom(written: readonly SeriesSamples[]): Promise<readonly SeriesSamples[]> {
      await store.write(written, signal)
      await store.flush(signal)
      const window = { fromMs: T0, untilMs: T0 + DAY_MS }
      return store.readSamples(
        written.map(({ labels }) => labels),
        window,
        signal,
      )
    }

    test('every label comes back', () =>
      fc.assert(
        fc.asyncProperty(
          fc.uniqueArray(fc.tuple(metrics, texts, more), {
            minLength: 5,
            maxLength: 5,
            selector: ([, location]) => location,
          }),
          async (all) => {
            deviceCount++
            const written = all.map(([name, location, rest], index) => {
              const labels: Labels = { ...rest, __name__: name, location, device: `d${deviceCount}` }
              return { labels, timestampsMs: [T0 + index * MINUTE_MS], values: [index] }
            })
            const sound = written.filter((each) => !isRefused([each]))
            expect(await backFrom(sound)).toEqual(sound)
          },
        ),
        { numRuns },
      ))

    test('every value that a device prints comes back', () =>
      fc.assert(
        fc.asyncProperty(
          fc.array(
            decimals.filter((value) => Math.abs(value) < 1e6),
            { minLength: 1, maxLength: 100 },
          ),
          async (values) => {
            deviceCount++
            const labels = { __name__: 'power', location: 'x', device: `d${deviceCount}` }
            const written = { labels, timestampsMs: values.map((_, index) => T0 + index * MINUTE_MS), values }
            expect(await backFrom([written])).toEqual([written])
          },
        ),
        { numRuns },
      ))

    /** It holds 12 digits, and as 0 what is next to nothing; values of one series may cost each other further ones. */
    test('every other value that is not refused comes back in its first 12 digits', () =>
      fc.assert(
        fc.asyncProperty(
          fc.array(fc.double({ min: -1e9, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 50 }),
          async (values) => {
            deviceCount++
            const written = values.map((value, index) => {
              const labels = { __name__: 'power', location: `${index}`, device: `d${deviceCount}` }
              return { labels, timestampsMs: [T0], values: [value] }
            })
            const back = (await backFrom(written)).map((series) => series.values[0] ?? NaN)
            values.forEach((value, index) => {
              expect(Math.abs((back[index] ?? NaN) - value)).toBeLessThanOrEqual(1e-12 * Math.abs(value) + 1e-290)
            })
          },
        ),
        { numRuns },
      ))
  })
