import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bodiesLike, nested } from '../../test/damage.ts'
import { UNITS } from '../model/channel.ts'
import { type Column, DeviceError } from '../model/device.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../model/time-window.ts'
import { ask } from './ask.ts'
import { checkColumns, firstBatch, batchPath, type BatchQuestion, splitColumns } from './batch-question.ts'
import type { Connection } from './connection.ts'
import { readKinds, readSeries, withKinds } from './list-channels.ts'
import { readBatch } from './read-batch.ts'
import { readStatus } from './read-status.ts'

const FROM_MS = 1_717_199_700_000
const { signal } = new AbortController()
const question = { path: '/x', text: '/x', timeoutMs: 1000, maxBytes: 1000 }

/** What is made of an answer; undefined where it is refused, as every refusal must be, in a short line of plain text. */
async function answered<T>(read: (body: string) => T, body: string, status = 200): Promise<T | undefined> {
  const get = () => Promise.resolve({ status, headers: {}, body, tookMs: 1 })
  const connection: Connection = { name: 'd', address: 'http://d', get, isBusy: () => false }
  try {
    return (await ask(connection, question, { read, signal })).value
  } catch (error) {
    expect(error).toBeInstanceOf(DeviceError)
    expect((error as DeviceError).message).toMatch(/^[^\p{Cc}]{1,500}$/u)
    return undefined
  }
}

const log = (id: string, lastkey: number) => ({ id, firstkey: 1_716_940_800, lastkey, size: 1, interval: 5 })
const STATUS = {
  device: { name: 'House' },
  stats: { starttime: 1_717_200_003, currenttime: 1_717_200_063, version: '02_08_04' },
  datalogs: [log('Current', 1_717_200_000), log('History', 1_717_199_940)],
}
const SERIES = {
  series: [
    { name: 'Mains_1', unit: 'Watts' },
    { name: 'Total', unit: 'Watts' },
  ],
}
const KINDS = { inputs: [{ channel: 1 }], outputs: [{ name: 'Total' }] }

describe('whatever a device answers, it is refused or it is', () => {
  it('a status whose times are times, in their order', () =>
    fc.assert(
      fc.asyncProperty(bodiesLike(STATUS), async (body) => {
        const state = await answered((text) => readStatus(text, FROM_MS), body)
        if (state === undefined) return
        const { firstMs, newestMs, startedAtMs, clockMs } = state.status
        for (const timeMs of [firstMs, newestMs, startedAtMs, clockMs]) {
          expect(timeMs % 1000).toBe(0)
          expect(timeMs).toBeGreaterThanOrEqual(0)
          expect(timeMs).toBeLessThan(2 ** 32 * 1000)
        }
        expect(firstMs).toBeLessThanOrEqual(newestMs)
        if (state.logsOpen) expect(firstMs).toBeGreaterThan(0)
      }),
    ))

  it('a list of channels', () =>
    fc.assert(
      fc.asyncProperty(bodiesLike(SERIES), bodiesLike(KINDS), async (list, live) => {
        const series = await answered(readSeries, list)
        const kinds = await answered(readKinds, live)
        for (const { name, unit, kind } of withKinds(series ?? [], kinds)) {
          expect([typeof name, typeof unit]).toEqual(['string', 'string'])
          expect(['input', 'output', 'unknown']).toContain(kind)
        }
      }),
    ))

  it('rows of complete steps from where they were asked for, without a gap', () =>
    fc.assert(
      fc.asyncProperty(
        batches.chain((batch) => fc.tuple(fc.constant(batch), bodiesLike(soundAnswer(batch)))),
        async ([batch, body]) => {
          const read = await answered((text) => readBatch(text, batch), body)
          if (read === undefined) return
          expect(read.rows.map(({ atMs }) => atMs)).toEqual(
            read.rows.map((_, row) => batch.fromMs + row * batch.stepMs),
          )
          const isComplete = read.rows.length === batch.rowCount
          expect(read.untilMs).toBe(isComplete ? batch.untilMs : batch.fromMs + read.rows.length * batch.stepMs)
          expect(read.rows.length).toBeGreaterThan(0)
          for (const { values } of read.rows) {
            expect(values.length).toBe(batch.columns.length)
            const isNull = values.every((value) => value === null)
            const isUsual = (value: number | null) => value !== null && value !== Infinity && !Object.is(value, -0)
            expect(isNull || values.every(isUsual)).toBe(true)
          }
        },
      ),
    ))

  it('an error that reports it', () =>
    fc.assert(
      fc.asyncProperty(
        bodiesLike({ error: 'invalid query. Invalid series: x' }),
        fc.integer({ min: 100, max: 999 }).filter((status) => status !== 200),
        async (body, status) => {
          expect(await answered((text) => readStatus(text, FROM_MS), body, status)).toBeUndefined()
        },
      ),
    ))
})

it('a cell that holds a million lists is left out', async () => {
  const batch = firstBatch({ columns: [column('a')], window: windowOf(1), step: 'minute' }, 10)
  const body = JSON.stringify(soundAnswer(batch)).replace('591.9', nested(1_000_000))
  expect((await answered((text) => readBatch(text, batch), body))?.rows[0]?.values).toEqual([NaN])
})

it('a body of megabytes that goes nowhere is refused at once', async () => {
  for (const part of [
    '<',
    ' ',
    '\u0000',
    '"error":"invalid query. ',
    '"error":"invalid query. Invalid series: ',
    '{"a":',
  ])
    for (const status of [200, 400])
      expect(await answered(readSeries, part.repeat((4 << 20) / part.length), status)).toBeUndefined()
})

describe('whatever is asked for', () => {
  const anyColumns = fc.array(
    fc.record({ name: fc.string({ unit: 'binary' }), unit: fc.constantFrom(...UNITS), decimals: fc.nat(9) }),
    { maxLength: 60 },
  )
  const requests = fc.record({
    columns: anyColumns,
    window: fc.nat(100_000).map((minutes) => windowOf(minutes + 1)),
    step: fc.constantFrom('minute', 'hour', 'day', 'window'),
  })

  it('a batch begins with the window, is no longer than allowed, and its steps fill it', () =>
    fc.assert(
      fc.property(requests, fc.integer({ min: 1, max: 1000 }), (request, maxRows) => {
        const { fromMs, untilMs, stepMs, rowCount } = firstBatch(request, maxRows)
        expect(fromMs).toBe(request.window.fromMs)
        expect(untilMs).toBeLessThanOrEqual(request.window.untilMs)
        expect(rowCount).toBeLessThanOrEqual(maxRows)
        expect((rowCount - 1) * stepMs).toBeLessThan(untilMs - fromMs)
        expect(rowCount * stepMs).toBeGreaterThanOrEqual(untilMs - fromMs)
        if (rowCount < maxRows) expect(untilMs).toBe(request.window.untilMs)
      }),
    ))

  it('each column is in one question, in its order, or a name that cannot be asked for is refused', () =>
    fc.assert(
      fc.property(requests, (request) => {
        try {
          checkColumns(request.columns, 'd')
        } catch (error) {
          expect(error).toBeInstanceOf(DeviceError)
          return
        }
        const parts = splitColumns(firstBatch(request, 1000))
        expect(parts.flatMap(({ columns }) => columns)).toEqual(request.columns)
        for (const part of parts) {
          const path = batchPath(part)
          expect(path).toMatch(/^[\x21-\x7e]+$/)
          if (part.columns.length > 1) expect(path.length).toBeLessThanOrEqual(2000)
          const select = /select=\[([^\]]*)\]&/.exec(decodeURIComponent(path))?.[1] ?? ''
          if (!path.includes('%5D'))
            expect(select.split(',').slice(1)).toEqual(part.columns.map((c) => `${c.name}.${c.unit}.d${c.decimals}`))
        }
      }),
    ))
})

function column(name: string): Column {
  return { name, unit: 'watts', decimals: 2 }
}

function windowOf(minutes: number) {
  return { fromMs: FROM_MS, untilMs: FROM_MS + minutes * MINUTE_MS }
}

const batches: fc.Arbitrary<BatchQuestion> = fc
  .record({
    names: fc.uniqueArray(fc.constantFrom('a', 'Küche', 'EV charger'), { minLength: 1 }),
    step: fc.constantFrom('minute', 'hour', 'day', 'window'),
    rows: fc.integer({ min: 1, max: 4 }),
    rest: fc.nat(59),
  })
  .map(({ names, step, rows, rest }) => {
    const minutes = rows * { minute: 1, hour: HOUR_MS / MINUTE_MS, day: DAY_MS / MINUTE_MS, window: 7 }[step]
    return firstBatch({ columns: names.map(column), window: windowOf(minutes + rest), step }, 5)
  })

/** The answer to it, with more to come after its last row where it has several. */
function soundAnswer({ columns, fromMs, untilMs, stepMs, rowCount }: BatchQuestion) {
  const count = Math.max(1, rowCount - 1)
  const data = Array.from({ length: count }, (_, row) => [
    (fromMs + row * stepMs) / 1000,
    ...columns.map(() => (row === 1 ? null : 591.9)),
  ])
  return {
    range: [fromMs / 1000, untilMs / 1000],
    labels: ['Time', ...columns.map(({ name }) => name)],
    data,
    ...(count < rowCount && { limit: (fromMs + count * stepMs) / 1000 }),
  }
}
