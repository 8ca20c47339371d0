import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type RunningServer, startVictoriaMetrics } from '../../../scripts/victoria-metrics.mjs'
import { MinuteState, type Labels } from '../../model/series.ts'
import type { Store } from '../../model/store.ts'
import { ceilToMinute, DAY_MS, floorToMinute, HOUR_MS, MINUTE_MS } from '../../model/time-window.ts'
import { systemClock } from '../../runtime/clock.ts'
import { silentLog, type Log } from '../../runtime/log.ts'
import { flushMuch } from '../../../test/store-contract.ts'
import { openVictoriaMetrics } from './open-victoriametrics.ts'
import { binaryForTests, KEEP_ALL } from '../../../test/doubles/test-server.ts'
import type { VictoriaMetricsOptions } from './connection.ts'

const T0 = Date.UTC(2024, 4, 1)
const signal = new AbortController().signal
const { there, missing } = MinuteState
let labels: Labels
const binary = await binaryForTests()

const endings: (() => Promise<void>)[] = []
beforeEach(() => {
  labels = { __name__: 'power', device: randomUUID(), location: 'Dryer', source: 'iotawatt' }
})
afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end()
})

async function start(...args: readonly string[]) {
  const folder = await mkdtemp(join(tmpdir(), 'victoria-'))
  endings.push(() => rm(folder, { recursive: true, force: true }))
  return restart(folder, args)
}

async function restart(folder: string, args: readonly string[]) {
  const server = await startVictoriaMetrics({ binary: binary ?? '', folder, args })
  endings.push(() => server.stop())
  return { ...server, folder }
}

function open(options: VictoriaMetricsOptions, log: Log = silentLog): Store {
  const store = openVictoriaMetrics(options, { clock: systemClock, log, random: Math.random })
  endings.push(() => store.close())
  return store
}

/** How many writes the server is executing. */
async function countWrites(url: string): Promise<number> {
  const metrics = await (await fetch(`${url}/metrics`)).text()
  return Number(/^vm_concurrent_insert_current (\d+)$/m.exec(metrics)?.[1])
}

function minutesFrom(series: Labels, fromMs: number, count: number) {
  const timestampsMs = Array.from({ length: count }, (_, index) => fromMs + index * MINUTE_MS)
  return { labels: series, timestampsMs, values: timestampsMs.map((_, index) => 400 + (index % 700) / 10) }
}

if (binary === undefined) test.skip('a real VictoriaMetrics: DID NOT RUN, there is none here', () => {})
else
  describe('a real server', () => {
    /** For the cases that need no flags of their own, each with a device of its own. */
    let shared: RunningServer
    beforeAll(async () => {
      shared = await startVictoriaMetrics({ binary, args: [KEEP_ALL] })
    })
    afterAll(() => shared.stop())

    test('tells that nobody has written into it, and no longer when somebody has', async () => {
      const { url } = await start(KEEP_ALL)
      const store = open({ url })
      expect(await store.isUntouched?.(signal)).toBe(true)
      await fetch(`${url}/api/v1/import/prometheus`, { method: 'POST', body: 'other 1' })
      expect(await store.isUntouched?.(signal)).toBe(false)
    })

    test('a month of 20 series that is all there is known from few bytes', async () => {
      const server = await start(KEEP_ALL)
      const store = open({ url: server.url })
      const house = Array.from({ length: 20 }, (_, index) => ({ ...labels, location: `L${index}` }))
      const month = { fromMs: T0, untilMs: T0 + 31 * DAY_MS }
      for (const each of house) await store.write([minutesFrom(each, T0, 31 * 1440)], signal)
      await flushMuch(store)
      for (const { minutes } of await store.coverage(house, month, signal))
        expect(minutes.every((state) => state === there)).toBe(true)
      const metrics = await (await fetch(`${server.url}/metrics`)).text()
      expect(metrics).toMatch(/vm_http_requests_total\{path="\/api\/v1\/export"[^}]*\} 0/)
      expect(metrics).toMatch(/vm_rows_invalid_total\{type="vmimport"\} 0/)
    })

    test.each([0, 1, 2, 5])('the newest days are exact up to now, with %d minutes missing at the end', async (lag) => {
      const store = open({ url: shared.url })
      const nowMs = floorToMinute(Date.now())
      const fromMs = nowMs - 3 * DAY_MS
      await store.write([minutesFrom(labels, fromMs, 3 * 1440 - lag)], signal)
      await flushMuch(store)
      for (const untilMs of [nowMs, nowMs + MINUTE_MS, nowMs + HOUR_MS, nowMs + DAY_MS]) {
        const [coverage] = await store.coverage([labels], { fromMs, untilMs }, signal)
        const expected = Array.from(coverage?.minutes ?? [], (_, index) => (index < 3 * 1440 - lag ? there : missing))
        expect([...(coverage?.minutes ?? [])]).toEqual(expected)
      }
    })

    test('a sample of the last minute after an empty day is seen', async () => {
      const store = open({ url: shared.url })
      const untilMs = ceilToMinute(Date.now())
      await store.write([minutesFrom(labels, untilMs - MINUTE_MS, 1)], signal)
      await store.flush(signal)
      const [coverage] = await store.coverage([labels], { fromMs: untilMs - 2 * DAY_MS, untilMs }, signal)
      expect([...(coverage?.minutes ?? [])].indexOf(there)).toBe(2879)
    })

    test('killed -9 after persist: nothing is lost', async () => {
      const server = await start(KEEP_ALL)
      const store = open({ url: server.url })
      const day = { fromMs: T0, untilMs: T0 + DAY_MS }
      await store.write([minutesFrom(labels, T0, 1440)], signal)
      expect(await store.persist(signal)).toBe('durable')
      await server.kill()
      const again = open({ url: (await restart(server.folder, [KEEP_ALL])).url })
      const [coverage] = await again.coverage([labels], day, signal)
      expect(coverage?.minutes.every((state) => state === there)).toBe(true)
    })

    test.each([
      ['tells for how long a write may wait for its turn', [], 70_000],
      ['that deduplicates has none to wait for', ['-dedup.minScrapeInterval=1ms'], undefined],
    ])('a full store %s', async (_, args, queueMs) => {
      const server = await start(KEEP_ALL, '-maxConcurrentInserts=1', ...args)
      const store = open({ url: server.url })
      expect((await store.status(signal)).queueMs).toBe(undefined)
      const slow = connect(Number(new URL(server.url).port), '127.0.0.1')
      endings.push(async () => void slow.destroy())
      slow.write('POST /api/v1/import HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9999\r\n\r\n{')
      await expect.poll(() => countWrites(server.url)).toBe(1)
      expect((await store.status(signal)).queueMs).toBe(queueMs)
      slow.destroy()
      await expect.poll(async () => (await store.status(signal)).queueMs).toBe(undefined)
    })

    test('a snapshot does not stay', async () => {
      const store = open({ url: shared.url })
      await store.write([minutesFrom(labels, T0, 10)], signal)
      expect(await store.persist(signal)).toBe('durable')
      expect(await (await fetch(`${shared.url}/snapshot/list`)).json()).toEqual({ status: 'ok', snapshots: [] })
    })

    test('what is older than the retention is accepted and dropped, and the retention is told', async () => {
      const store = open({ url: (await start()).url })
      const status = await store.status(signal)
      expect(status.retainsFromMs).toBe((status.clockMs ?? 0) - 31 * DAY_MS)
      const fromMs = floorToMinute(Date.now()) - 40 * DAY_MS
      await store.write([minutesFrom(labels, fromMs, 5)], signal)
      await store.flush(signal)
      const [coverage] = await store.coverage([labels], { fromMs, untilMs: fromMs + 5 * MINUTE_MS }, signal)
      expect([...(coverage?.minutes ?? [])]).toEqual([missing, missing, missing, missing, missing])
    })

    test('deduplication is told, and over how long', async () => {
      const fine = open({ url: (await start(KEEP_ALL, '-dedup.minScrapeInterval=60s')).url })
      expect(await fine.status(signal)).toMatchObject({
        deduplicates: true,
        keepsOneInMs: MINUTE_MS,
        buffers: false,
        readOnly: false,
      })
      // In its first second a restart could go unseen, so it is not told.
      const startedAtMs = async () => (await fine.status(signal)).startedAtMs ?? 0
      await expect.poll(startedAtMs).toBeGreaterThan(Date.now() - HOUR_MS)
      const coarse = open({ url: (await start(KEEP_ALL, '-dedup.minScrapeInterval=5m')).url })
      expect((await coarse.status(signal)).keepsOneInMs).toBe(5 * MINUTE_MS)
    })

    test('deduplication by the minute keeps the sample on it', async () => {
      const store = open({ url: (await start(KEEP_ALL, '-dedup.minScrapeInterval=60s')).url })
      await store.write([minutesFrom(labels, T0, 2880)], signal)
      await store.write([minutesFrom(labels, T0, 2880)], signal)
      await flushMuch(store)
      const [coverage] = await store.coverage([labels], { fromMs: T0, untilMs: T0 + 2 * DAY_MS }, signal)
      expect(coverage?.minutes.every((state) => state === there)).toBe(true)
    })

    test('user and password: correct ones do all, wrong ones are reported as wrong', async () => {
      const { url } = await start(KEEP_ALL, '-httpAuth.username=ann', '-httpAuth.password=s3cret')
      const right = open({ url, auth: { kind: 'basic', username: 'ann', password: 's3cret' } })
      await right.write([minutesFrom(labels, T0, 2)], signal)
      await right.flush(signal)
      const window = { fromMs: T0, untilMs: T0 + 2 * MINUTE_MS }
      expect([...((await right.coverage([labels], window, signal))[0]?.minutes ?? [])]).toEqual([there, there])
      const wrong = open({ url, auth: { kind: 'basic', username: 'ann', password: 'other' } })
      const refused = { reason: 'unauthorized', ambiguous: false, hint: expect.stringContaining('password') }
      await expect(wrong.write([minutesFrom(labels, T0, 2)], signal)).rejects.toMatchObject(refused)
      await expect(wrong.coverage([labels], window, signal)).rejects.toMatchObject(refused)
    })

    test('a wrong path is reported as one', async () => {
      const store = open({ url: `${shared.url}/vm` })
      await expect(store.write([minutesFrom(labels, T0, 2)], signal)).rejects.toMatchObject({
        reason: 'rejected',
        message: expect.stringContaining('unsupported path'),
        hint: expect.stringContaining('writeUrl'),
      })
    })

    test('to delete a series that cannot be selected without another is refused, and harms neither', async () => {
      const store = open({ url: shared.url })
      const other = { ...labels, 'mit Umlaut: ä': 'x' }
      await store.write([minutesFrom(labels, T0, 5), minutesFrom(other, T0, 5)], signal)
      await expect(store.deleteSeries(labels, signal)).rejects.toMatchObject({
        reason: 'rejected',
        message: expect.stringContaining('Umlaut'),
      })
      for (const total of await store.totals([labels, other], { fromMs: T0, untilMs: T0 + HOUR_MS }, signal))
        expect(total.count).toBe(5)
    })

    test('a key for deletion is reported as one', async () => {
      const store = open({ url: (await start(KEEP_ALL, '-deleteAuthKey=s3cret')).url })
      await store.write([minutesFrom(labels, T0, 5)], signal)
      await expect(store.deleteSeries(labels, signal)).rejects.toMatchObject({
        reason: 'rejected',
        hint: expect.stringContaining('-deleteAuthKey'),
      })
    })

    test('looked for in vain just before, a new series is seen after a flush, whether force_flush is allowed or not', async () => {
      const { url } = shared
      const noFlush = open({ url: `${url}/prometheus` })
      for (const [name, store] of [
        ['flush', open({ url })],
        ['wait', noFlush],
      ] as const) {
        const series = { ...labels, device: name }
        const ask = () =>
          store.listSeries({ metrics: ['power'], device: name, window: { fromMs: T0, untilMs: T0 + HOUR_MS } }, signal)
        expect(await ask()).toEqual([])
        await store.write([minutesFrom(series, T0, 2)], signal)
        await store.flush(signal)
        expect(await ask()).toEqual([{ labels: series, positionMs: T0 + MINUTE_MS }])
      }
    })

    test('old samples of an earlier program, 5 s late and duplicate, are seen as what they are', async () => {
      const store = open({ url: shared.url })
      const late = minutesFrom(labels, T0, 2880)
      await store.write(
        [{ ...late, timestampsMs: late.timestampsMs.map((atMs, i) => (i % 5 ? atMs : atMs + 5000)) }],
        signal,
      )
      await flushMuch(store)
      const [coverage] = await store.coverage([labels], { fromMs: T0, untilMs: T0 + 2 * DAY_MS }, signal)
      const expected = Array.from({ length: 2880 }, (_, index) => (index % 5 ? there : MinuteState.offGrid))
      expect([...(coverage?.minutes ?? [])]).toEqual(expected)
    })
  })
