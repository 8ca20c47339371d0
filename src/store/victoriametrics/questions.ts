import { randomUUID } from 'node:crypto'
import * as z from 'zod'
import type { Labels } from '../../model/series.ts'
import { StoreError } from '../../model/store.ts'
import { DAY_MS, minuteCount, type TimeWindow } from '../../model/time-window.ts'
import { parseJson } from '../../runtime/parse-json.ts'
import type { Clock, Random } from '../../runtime/clock.ts'
import type { Log } from '../../runtime/log.ts'
import type { Retried } from '../../runtime/retry.ts'
import { withoutTenant } from '../stored-labels.ts'
import { askAgain, BusyError, readRetryAfter } from '../http/ask-again.ts'
import { type Answer, dateMs, type ExchangeOptions } from '../http/http-client.ts'
import type { Connection } from './connection.ts'
import { excerpt, explainAnswer } from './explain-answer.ts'
import { readLines, readText } from '../http/read-body.ts'

/** A time with a value as text; times in ms. */
export interface Point {
  readonly atMs: number
  readonly value: number
}

export interface Vector {
  readonly labels: Labels
  readonly points: readonly Point[]
}

export interface QueryAnswer {
  readonly vectors: readonly Vector[]
  /** The store's clock when it answered; undefined where a proxy has taken the header away. */
  readonly answeredAtMs: number | undefined
}

/** Each is asked again where that helps; `Retried` keeps a caller from doing so too. */
export interface Questions {
  /** A text that no question had before. */
  readonly nonce: () => string
  queryAt(ask: { query: string; atMs: number }, signal: AbortSignal): Retried<QueryAnswer>
  /** One point every `stepMs` from `fromMs` to `toMs`, both included. */
  queryRange(
    ask: { query: string; fromMs: number; toMs: number; stepMs: number },
    signal: AbortSignal,
  ): Retried<QueryAnswer>
  /** All label sets that a selector finds, whenever their samples are. */
  listLabels(selector: string, signal: AbortSignal): Retried<readonly Labels[]>
  /** The lines of an export, each handed over as it arrives; `begin` is called first, and again when it is asked anew. */
  exportLines(
    ask: { selector: string; window: TimeWindow; begin: () => void; onLine: (line: string) => void },
    signal: AbortSignal,
  ): Retried<void>
}

export interface Deps {
  readonly clock: Clock
  readonly log: Log
  readonly random: Random
  /** Somebody waits: a store that cannot be reached is given up soon. */
  readonly isBrief?: boolean | undefined
}

const ROWS_A_LINE = 10_000
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
/** A cluster without some of its nodes must report it; nothing may come from a cache. */
const HONEST = { nocache: '1', deny_partial_response: '1' }

/** For the time of a list of series; with a start of 0 versions before 1.85 find none. */
const EVER = { start: '86400', end: '4102444800' }

const numberText = z.string().regex(/^(?:[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?|[+-]Inf)$/)
const pointSchema = z.tuple([z.number().min(0).max(8.64e12), numberText])
const answerSchema = z.object({
  status: z.literal('success'),
  isPartial: z.boolean().optional(),
  data: z.object({
    result: z.array(
      z.object({
        metric: z.record(z.string(), z.string()),
        value: pointSchema.optional(),
        values: z.array(pointSchema).optional(),
      }),
    ),
  }),
})

const seriesSchema = z.object({
  status: z.literal('success'),
  isPartial: z.boolean().optional(),
  data: z.array(z.record(z.string(), z.string())),
})

export function askQuestions(connection: Connection, deps: Deps): Questions {
  function post(path: string, form: Readonly<Record<string, string>>) {
    return { to: 'read', method: 'POST', path, headers: FORM, body: new URLSearchParams(form).toString() } as const
  }

  function ask<T>(
    { path, form, read }: { path: string; form: Readonly<Record<string, string>>; read: ExchangeOptions<T>['read'] },
    signal: AbortSignal,
  ): Retried<T> {
    return askAgain(() => connection.exchange(post(path, { ...form, ...HONEST }), { read, signal }), {
      ...deps,
      signal,
    })
  }

  function query(path: string, form: Readonly<Record<string, string>>, signal: AbortSignal): Retried<QueryAnswer> {
    return ask({ path, form, read: readQueryAnswer }, signal)
  }

  return {
    // Not from `random`: a program that is started again with the same seed must not ask the same.
    nonce: () => randomUUID(),
    queryAt: (ask, signal) => query('/api/v1/query', { query: ask.query, time: seconds(ask.atMs) }, signal),
    queryRange: (ask, signal) =>
      query(
        '/api/v1/query_range',
        {
          query: ask.query,
          start: seconds(ask.fromMs),
          end: seconds(ask.toMs),
          step: `${ask.stepMs}ms`,
          // Else the newest 30 s of points are replaced; versions before 1.85 ignore it.
          latency_offset: '1ms',
        },
        signal,
      ),
    listLabels: (selector, signal) =>
      ask({ path: '/api/v1/series', form: { 'match[]': selector, ...EVER }, read: readSeriesAnswer }, signal),
    exportLines: ({ selector, window, begin, onLine }, signal) => {
      const form = {
        'match[]': selector,
        start: seconds(window.fromMs),
        end: seconds(window.untilMs - 1),
        max_rows_per_line: String(ROWS_A_LINE),
      }
      const read = async (answer: Answer, body: AsyncIterable<Buffer>) => {
        await requireOk(answer, body)
        begin()
        for await (const line of readLines(answer, body)) onLine(line)
      }
      return ask({ path: '/api/v1/export', form, read }, signal)
    },
  }
}

/** With a fraction: older versions read an integer of milliseconds as seconds of a far future. */
function seconds(timeMs: number): string {
  return (timeMs / 1000).toFixed(3)
}

async function readQueryAnswer(answer: Answer, body: AsyncIterable<Buffer>): Promise<QueryAnswer> {
  const { data } = await readComplete(answer, { body, schema: answerSchema })
  return {
    answeredAtMs: dateMs(answer),
    vectors: data.result.map(({ metric, value, values }) => ({
      labels: withoutTenant(metric),
      points: (values ?? (value ? [value] : [])).map(([at, text]) => ({
        atMs: Math.round(at * 1000),
        value: Number(text.replace('Inf', 'Infinity')),
      })),
    })),
  }
}

async function readSeriesAnswer(answer: Answer, body: AsyncIterable<Buffer>): Promise<readonly Labels[]> {
  return (await readComplete(answer, { body, schema: seriesSchema })).data.map(withoutTenant)
}

async function readComplete<T extends { isPartial?: boolean | undefined }>(
  answer: Answer,
  { body, schema }: { body: AsyncIterable<Buffer>; schema: z.ZodType<T> },
): Promise<T> {
  await requireOk(answer, body)
  const text = await readText(answer, body)
  const json = parseJson(text)
  // Some proxies end an answer cleanly that was cut: it is asked again.
  if (json === undefined && text.startsWith('{"status":"success"'))
    throw new StoreError('unavailable', `${answer.asked}: the answer broke off`, {
      hint: 'look at the log of the store, or of the proxy before it',
    })
  const parsed = schema.safeParse(json)
  if (!parsed.success)
    throw new StoreError('bad-answer', `${answer.asked}: not the answer of a VictoriaMetrics${excerpt(answer, text)}`, {
      hint: 'check the address of the store',
    })
  if (parsed.data.isPartial === true)
    throw new StoreError('partial', `${answer.asked}: the cluster answered without some of its storage nodes`, {
      hint: 'bring its storage nodes back; nothing is read from half of them',
    })
  return parsed.data
}

export async function requireOk(answer: Answer, body: AsyncIterable<Buffer>): Promise<void> {
  if (answer.status === 200) return
  const error = explainAnswer(answer, await readText(answer, body))
  const retryAfterMs = readRetryAfter(answer.header('retry-after'))
  throw retryAfterMs === undefined ? error : new BusyError(error, retryAfterMs)
}

/** Nothing older is ever kept, and a rollup that reaches back to the beginning of 1970 finds nothing at all. */
const OLDEST_MS = DAY_MS

const isTime = (seconds: number) => seconds >= 0 && seconds <= 8.64e12
/** What these can come to; others to any number. */
const CAN_BE: ReadonlyMap<string, (value: number) => boolean> = new Map([
  ['count_over_time', (count) => Number.isSafeInteger(count) && count >= 0],
  ['tfirst_over_time', isTime],
  ['tlast_over_time', isTime],
])

/** One value per series over all of the window: a rollup's own is open at the left and closed at the right, hence the millisecond. */
export async function askRollup(
  questions: Questions,
  { rollup, selector, window }: { rollup: string; selector: string; window: TimeWindow },
  signal: AbortSignal,
): Promise<readonly { labels: Labels; value: number }[]> {
  const kept = { ...window, fromMs: Math.max(OLDEST_MS, window.fromMs) }
  if (minuteCount(kept) === 0) return []
  // Without the name of its metric, series that are alike else would be one.
  const query = `${rollup}(${selector}[${kept.untilMs - kept.fromMs}ms]) keep_metric_names`
  const { vectors } = await questions.queryAt({ query, atMs: kept.untilMs - 1 }, signal)
  const values = vectors.flatMap(({ labels, points }) => points.map(({ value }) => ({ labels, value })))
  const wrong = values.find(({ value }) => CAN_BE.get(rollup)?.(value) === false)
  if (wrong) throw new StoreError('bad-answer', `the store says that ${rollup} of ${selector} is ${wrong.value}`)
  return values
}
