import { seriesKey, type Labels } from '../../model/series.ts'
import { StoreError } from '../../model/store.ts'
import type { TimeWindow } from '../../model/time-window.ts'
import { storedKey } from '../stored-labels.ts'
import { parseJson, type Questions } from './questions.ts'
import { groupByDevice, groupSelector, type SeriesGroup } from './selector.ts'

export interface ReadTimesOptions {
  readonly series: readonly Labels[]
  readonly window: TimeWindow
  readonly onSample: (key: string, atMs: number) => void
}

/**
 * Every sample of the series in the window. An export that breaks off may still end like a whole one, so its samples
 * are held against a count that was asked before it.
 */
export async function readTimes(
  questions: Questions,
  { series, window, onSample }: ReadTimesOptions,
  signal: AbortSignal,
): Promise<void> {
  for (const group of groupByDevice(series)) {
    const expected = await countSamples(questions, { group, window }, signal)
    if (expected.size === 0) continue
    const times = await exportTimes(questions, { group, window }, signal)
    for (const [key, count] of expected)
      if ((times.get(key)?.length ?? 0) < count)
        throw new StoreError(
          'bad-answer',
          `the store exported ${times.get(key)?.length ?? 0} of ${count} samples of ${key}`,
          {
            hint: 'look at the log of the store: it broke its answer off',
          },
        )
    for (const [key, timestampsMs] of times) for (const atMs of timestampsMs) onSample(key, atMs)
  }
}

async function countSamples(
  questions: Questions,
  { group, window }: { group: SeriesGroup; window: TimeWindow },
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  const selector = groupSelector(group, { nonce: questions.nonce() })
  const query = `count_over_time(${selector}[${window.untilMs - window.fromMs}ms]) keep_metric_names`
  const { vectors } = await questions.queryAt({ query, atMs: window.untilMs - 1 }, signal)
  const keys = new Set(group.series.map(storedKey))
  return new Map(
    vectors
      .map(({ labels, points }) => [seriesKey(labels), points[0]?.value ?? 0] as const)
      .filter(([key]) => keys.has(key)),
  )
}

/** Nothing is handed on before the export is whole, since it may have to be asked again. */
async function exportTimes(
  questions: Questions,
  { group, window }: { group: SeriesGroup; window: TimeWindow },
  signal: AbortSignal,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const keys = new Set(group.series.map(storedKey))
  const times = new Map<string, number[]>()
  await questions.exportLines(
    {
      selector: groupSelector(group, { nonce: questions.nonce() }),
      window,
      begin: () => times.clear(),
      onLine: (line) => {
        const { key, timestampsMs } = readLine(line)
        if (!keys.has(key)) return
        const known = times.get(key) ?? []
        for (const atMs of timestampsMs) known.push(atMs)
        times.set(key, known)
      },
    },
    signal,
  )
  return times
}

/** `{"metric":{…},"values":[…],"timestamps":[…]}`; a value of null marks the end of a series and is no sample. */
function readLine(line: string): { key: string; timestampsMs: readonly number[] } {
  const parsed = parseJson(line)
  if (
    isObject(parsed) &&
    isLabels(parsed['metric']) &&
    Array.isArray(parsed['values']) &&
    isTimes(parsed['timestamps'])
  ) {
    const values: readonly unknown[] = parsed['values']
    const times = parsed['timestamps']
    if (values.length === times.length)
      return { key: seriesKey(parsed['metric']), timestampsMs: times.filter((_, index) => values[index] !== null) }
  }
  throw new StoreError('bad-answer', `the store exported a line that cannot be read: ${line.slice(0, 200)}`)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isLabels(value: unknown): value is Labels {
  return isObject(value) && Object.values(value).every((text) => typeof text === 'string')
}

function isTimes(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every(Number.isSafeInteger)
}
