import * as z from 'zod'
import { type Labels, type Sample, seriesKey } from '../../model/series.ts'
import { isAskedFor, type Store } from '../../model/store.ts'
import { DAY_MS, minuteCount, splitWindow } from '../../model/time-window.ts'
import type { Answer } from '../http/answer.ts'
import { storedKey, withoutTenant } from '../stored-labels.ts'
import { type AskQuestion, askRollup, readJson, seconds } from './questions.ts'
import { groupByDevice, groupSelector, metricsSelector } from './selector.ts'

/** For the time of a list of series; with a start of 0 versions before 1.85 find none. */
const EVER = { start: '86400', end: '4102444800' }

const seriesSchema = z.object({
  status: z.literal('success'),
  isPartial: z.boolean().optional(),
  data: z.array(z.record(z.string(), z.string())),
})

/** A value that is no number marks the end of a series. */
const timesSchema = z.object({
  status: z.literal('success'),
  isPartial: z.boolean().optional(),
  data: z.object({
    result: z.array(
      z.object({
        metric: z.record(z.string(), z.string()),
        values: z.array(z.tuple([z.number().min(0).max(8.64e12), z.string()])),
      }),
    ),
  }),
})

/** All label sets that a selector finds, whenever their samples are. */
export function listLabels(ask: AskQuestion, selector: string, signal: AbortSignal): Promise<readonly Labels[]> {
  const read = async (answer: Answer) => (await readJson(answer, seriesSchema)).data.map(withoutTenant)
  return ask({ path: '/api/v1/series', form: { 'match[]': selector, ...EVER }, read }, signal)
}

/** A question over more may meet the store's limits (30 million samples a series, 30 s). */
const QUESTION_MS = 366 * DAY_MS

/** What rollups tell: a value for each series. */
export function seriesReader(
  ask: AskQuestion,
): Required<Pick<Store, 'listSeries' | 'listTimes' | 'firstSamples' | 'totals'>> {
  return {
    async listSeries(query, signal) {
      const { metrics, window } = query
      if (metrics.length === 0) return []
      const selector = metricsSelector(query)
      const newest = await askRollup(ask, { rollup: 'tlast_over_time', selector, window }, signal)
      return newest
        .filter(({ labels }) => metrics.includes(labels['__name__'] ?? '') && isAskedFor(query, labels))
        .map(({ labels, value }) => ({ labels, positionMs: Math.round(value * 1000) }))
    },

    async listTimes(query, signal) {
      const { metrics, window } = query
      if (metrics.length === 0 || minuteCount(window) === 0) return []
      // A selector with a range is answered with its samples, as an export is; older versions begin a millisecond early.
      const selector = `${metricsSelector(query)}[${window.untilMs - window.fromMs}ms]`
      const form = { query: selector, time: seconds(window.untilMs - 1) }
      const read = async (answer: Answer) => (await readJson(answer, timesSchema)).data.result
      return (await ask({ path: '/api/v1/query', form, read }, signal)).flatMap(({ metric, values }) => {
        const numbers = values.filter(([, text]) => text !== 'NaN')
        const timestampsMs = numbers.map(([at]) => Math.round(at * 1000)).filter((atMs) => atMs >= window.fromMs)
        const isAsked = metrics.includes(metric['__name__'] ?? '') && isAskedFor(query, metric)
        return isAsked && timestampsMs.length > 0 ? [{ labels: withoutTenant(metric), timestampsMs }] : []
      })
    },

    async firstSamples(series, window, signal) {
      const first = new Map<string, Sample>()
      for (const group of groupByDevice(series)) {
        const rollupOf = (rollup: string) => askRollup(ask, { rollup, selector: groupSelector(group), window }, signal)
        const times = await rollupOf('tfirst_over_time')
        const values = new Map(
          (await rollupOf('first_over_time')).map((found) => [seriesKey(found.labels), found.value]),
        )
        for (const { labels, value: atSeconds } of times) {
          const value = values.get(seriesKey(labels))
          if (value !== undefined) first.set(seriesKey(labels), { atMs: Math.round(atSeconds * 1000), value })
        }
      }
      return series.map((labels) => first.get(storedKey(labels)))
    },

    async totals(series, window, signal) {
      const totals = new Map<string, { count: number; sum: number }>()
      const add = (labels: Labels, more: { count?: number; sum?: number }) => {
        const { count, sum } = totals.get(seriesKey(labels)) ?? { count: 0, sum: 0 }
        totals.set(seriesKey(labels), { count: count + (more.count ?? 0), sum: sum + (more.sum ?? 0) })
      }
      for (const group of groupByDevice(series))
        for (const part of splitWindow(window, QUESTION_MS)) {
          const rollupOf = (rollup: string) =>
            askRollup(ask, { rollup, selector: groupSelector(group), window: part }, signal)
          const counts = await rollupOf('count_over_time')
          if (counts.length === 0) continue
          for (const { labels, value } of counts) add(labels, { count: value })
          for (const { labels, value } of await rollupOf('sum_over_time')) add(labels, { sum: value })
        }
      return series.map((labels) => totals.get(storedKey(labels)) ?? { count: 0, sum: 0 })
    },
  }
}
