import * as z from 'zod'
import type { Labels } from '../../model/series.ts'
import { StoreError } from '../../model/store.ts'
import { DAY_MS, minuteCount, type TimeWindow } from '../../model/time-window.ts'
import { parseJson } from '../../runtime/parse-json.ts'
import type { Retried } from '../../runtime/retry.ts'
import { askAgain, type StoreDeps, withRetryAfter } from '../http/ask-again.ts'
import { type Answer, dateMs, readText } from '../http/answer.ts'
import { withoutTenant } from '../stored-labels.ts'
import type { Connection } from './connection.ts'
import { excerpt, explainAnswer } from './explain-answer.ts'

export interface Question<T> {
  readonly path: string
  readonly form: Readonly<Record<string, string>>
  /** Of an answer with status 200. */
  readonly read: (answer: Answer) => Promise<T>
}

/** Asks again where that helps; `Retried` keeps a caller from doing so too. */
export type AskQuestion = <T>(question: Question<T>, signal: AbortSignal) => Retried<T>

/** A cluster without some of its nodes must report it; nothing may come from a cache. */
const HONEST = { nocache: '1', deny_partial_response: '1' }

export function askQuestions(connection: Connection, deps: StoreDeps): AskQuestion {
  return ({ path, form, read }, signal) => {
    const ask = { to: 'read', method: 'POST', path, form: { ...form, ...HONEST } } as const
    const readOk = async (answer: Answer) => {
      if (answer.status === 200) return read(answer)
      throw withRetryAfter(explainAnswer(answer, await readText(answer)), answer)
    }
    return askAgain(() => connection.exchange(ask, { read: readOk, signal }), deps, signal)
  }
}

/** With a fraction: older versions read an integer of milliseconds as seconds of a far future. */
export function seconds(timeMs: number): string {
  return (timeMs / 1000).toFixed(3)
}

/** The answer in JSON, when it is one that the schema knows, and complete. */
export async function readJson<T extends { isPartial?: boolean | undefined }>(
  answer: Answer,
  schema: z.ZodType<T>,
): Promise<T> {
  const { asked } = answer
  const text = await readText(answer)
  const json = parseJson(text)
  // Some proxies end an answer cleanly that was cut: it is asked again.
  if (json === undefined && text.startsWith('{"status":"success"'))
    throw new StoreError('unavailable', `${asked}: the answer broke off`, {
      hint: 'look at the log of the store, or of the proxy before it',
    })
  const parsed = schema.safeParse(json)
  if (!parsed.success)
    throw new StoreError('bad-answer', `${asked}: not the answer of a VictoriaMetrics${excerpt(answer, text)}`, {
      hint: 'check the address of the store',
    })
  if (parsed.data.isPartial === true)
    throw new StoreError('partial', `${asked}: the cluster answered without some of its storage nodes`, {
      hint: 'bring its storage nodes back; nothing is read from half of them',
    })
  return parsed.data
}

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

export interface QueryAnswer {
  readonly vectors: readonly {
    readonly labels: Labels
    readonly points: readonly { readonly atMs: number; readonly value: number }[]
  }[]
  /** The store's clock when it answered; undefined where a proxy has taken the header away. */
  readonly answeredAtMs: number | undefined
}

export async function readQueryAnswer(answer: Answer): Promise<QueryAnswer> {
  const { data } = await readJson(answer, answerSchema)
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

/** Nothing older is ever kept, and a rollup that reaches back to the beginning of 1970 finds nothing at all. */
const OLDEST_MS = DAY_MS

const isTime = (atSeconds: number) => atSeconds >= 0 && atSeconds <= 8.64e12
/** What these can come to; others to any number. */
const CAN_BE: ReadonlyMap<string, (value: number) => boolean> = new Map([
  ['count_over_time', (count) => Number.isSafeInteger(count) && count >= 0],
  ['tfirst_over_time', isTime],
  ['tlast_over_time', isTime],
])

/** One value per series over all of the window: a rollup's own is open at the left and closed at the right, hence the millisecond. */
export async function askRollup(
  ask: AskQuestion,
  { rollup, selector, window }: { rollup: string; selector: string; window: TimeWindow },
  signal: AbortSignal,
): Promise<readonly { labels: Labels; value: number }[]> {
  const kept = { ...window, fromMs: Math.max(OLDEST_MS, window.fromMs) }
  if (minuteCount(kept) === 0) return []
  // Without the name of its metric, series that are alike else would be one.
  const query = `${rollup}(${selector}[${kept.untilMs - kept.fromMs}ms]) keep_metric_names`
  const form = { query, time: seconds(kept.untilMs - 1) }
  const { vectors } = await ask({ path: '/api/v1/query', form, read: readQueryAnswer }, signal)
  const values = vectors.flatMap(({ labels, points }) => points.map(({ value }) => ({ labels, value })))
  const wrong = values.find(({ value }) => CAN_BE.get(rollup)?.(value) === false)
  if (wrong) throw new StoreError('bad-answer', `the store says that ${rollup} of ${selector} is ${wrong.value}`)
  return values
}
