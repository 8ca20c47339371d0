import { type Labels, seriesKey } from '../../model/series.ts'
import { StoreError } from '../../model/store.ts'
import { DAY_MS, splitWindow, type TimeWindow } from '../../model/time-window.ts'
import { parseJson } from '../../runtime/parse-json.ts'
import { type Answer, readLines } from '../http/answer.ts'
import { addSamples, type SampleColumns, type SampleReader, type SamplesByKey } from '../sample-columns.ts'
import { storedKey, withoutTenant } from '../stored-labels.ts'
import { type AskQuestion, askRollup, seconds } from './questions.ts'
import { groupByDevice, groupSelector } from './selector.ts'

/** An answer that a slow way brings in time. */
const EXPORT_MS = 31 * DAY_MS
const ROWS_A_LINE = 10_000

/**
 * An export that breaks off may still end like a complete one, so its samples are held against a count that was asked
 * before it.
 */
export function sampleReader(ask: AskQuestion): SampleReader['readByKey'] {
  return async (series, window, signal) => {
    const all = new Map<string, SampleColumns>()
    for (const group of groupByDevice(series))
      for (const part of splitWindow(window, EXPORT_MS))
        for (const [key, samples] of await readPart(ask, { group, window: part }, signal)) addSamples(all, key, samples)
    return all
  }
}

interface Part {
  /** Of one device. */
  readonly group: readonly Labels[]
  readonly window: TimeWindow
}

async function readPart(ask: AskQuestion, { group, window }: Part, signal: AbortSignal): Promise<SamplesByKey> {
  const keys = new Set(group.map(storedKey))
  const rollup = { rollup: 'count_over_time', selector: groupSelector(group), window }
  const counted = (await askRollup(ask, rollup, signal)).map(({ labels, value }) => [seriesKey(labels), value] as const)
  const expected = new Map(counted.filter(([key]) => keys.has(key)))
  if (expected.size === 0) return new Map()
  const samples = await exportSamples(ask, { group, window }, signal)
  for (const [key, count] of expected) {
    const found = samples.get(key)?.timestampsMs.length ?? 0
    if (found < count)
      throw new StoreError('bad-answer', `the store exported ${found} of ${count} samples of ${key}`, {
        hint: 'look at the log of the store: it broke its answer off',
      })
  }
  return samples
}

function exportSamples(ask: AskQuestion, { group, window }: Part, signal: AbortSignal): Promise<SamplesByKey> {
  const keys = new Set(group.map(storedKey))
  const form = {
    'match[]': groupSelector(group),
    start: seconds(window.fromMs),
    end: seconds(window.untilMs - 1),
    max_rows_per_line: String(ROWS_A_LINE),
  }
  const read = async (answer: Answer) => {
    const samples = new Map<string, SampleColumns>()
    for await (const line of readLines(answer)) {
      const { key, columns } = readLine(line)
      if (keys.has(key)) addSamples(samples, key, columns)
    }
    return samples
  }
  return ask({ path: '/api/v1/export', form, read }, signal)
}

/** `{"metric":{…},"values":[…],"timestamps":[…]}`; a value of null marks the end of a series and is no sample. */
function readLine(line: string): { key: string; columns: SampleColumns } {
  const parsed = parseJson(line)
  if (isObject(parsed) && isLabels(parsed['metric'])) {
    const columns = readColumns(parsed['timestamps'], parsed['values'])
    if (columns) return { key: seriesKey(withoutTenant(parsed['metric'])), columns }
  }
  // Some proxies end an answer cleanly that was cut: it is asked again.
  if (parsed === undefined && line.startsWith('{"metric":'))
    throw new StoreError('unavailable', 'the store exported a line that broke off', {
      hint: 'look at the log of the store, or of the proxy before it',
    })
  throw new StoreError(
    'bad-answer',
    `the store exported a line that cannot be read: ${line.length <= 300 ? line : `${line.slice(0, 150)} … ${line.slice(-150)}`}`,
  )
}

function readColumns(times: unknown, values: unknown): SampleColumns | undefined {
  if (!Array.isArray(times) || !Array.isArray(values) || times.length !== values.length) return undefined
  const columns: SampleColumns = { timestampsMs: [], values: [] }
  for (let index = 0; index < times.length; index++) {
    const atMs: unknown = times[index]
    const value = readValue(values[index])
    if (typeof atMs !== 'number' || !Number.isSafeInteger(atMs) || value === undefined) return undefined
    if (value === null) continue
    columns.timestampsMs.push(atMs)
    columns.values.push(value)
  }
  return columns
}

/** What is no number in JSON comes as a text: `"Infinity"`. */
function readValue(value: unknown): number | null | undefined {
  if (typeof value === 'number' || value === null) return value
  return value === 'Infinity' || value === '-Infinity' ? Number(value) : undefined
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isLabels(value: unknown): value is Labels {
  return isObject(value) && Object.values(value).every((text) => typeof text === 'string')
}
