import { type Labels, seriesKey } from '../../model/series.ts'
import { StoreError } from '../../model/store.ts'
import { DAY_MS, splitWindow, type TimeWindow } from '../../model/time-window.ts'
import { parseJson } from '../../runtime/parse-json.ts'
import type { SampleColumns } from '../oldest-first.ts'
import { storedKey, withoutTenant } from '../stored-labels.ts'
import { askRollup, type Questions } from './questions.ts'
import { groupByDevice, groupSelector, type SeriesGroup } from './selector.ts'

/** An answer that a slow way brings in time. */
const EXPORT_MS = 31 * DAY_MS

/**
 * Every sample of the series in the window, by `storedKey`; a series without one is left out. An export that breaks
 * off may still end like a complete one, so its samples are held against a count that was asked before it.
 */
export async function readSamples(
  questions: Questions,
  { series, window }: { series: readonly Labels[]; window: TimeWindow },
  signal: AbortSignal,
): Promise<ReadonlyMap<string, SampleColumns>> {
  const all = new Map<string, SampleColumns>()
  for (const group of groupByDevice(series))
    for (const part of splitWindow(window, EXPORT_MS))
      for (const [key, samples] of await readPart(questions, { group, window: part }, signal)) add(all, key, samples)
  return all
}

interface Part {
  readonly group: SeriesGroup
  readonly window: TimeWindow
}

async function readPart(
  questions: Questions,
  part: Part,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, SampleColumns>> {
  const expected = await countSamples(questions, part, signal)
  if (expected.size === 0) return new Map()
  const samples = await exportSamples(questions, part, signal)
  for (const [key, count] of expected) {
    const found = samples.get(key)?.timestampsMs.length ?? 0
    if (found < count)
      throw new StoreError('bad-answer', `the store exported ${found} of ${count} samples of ${key}`, {
        hint: 'look at the log of the store: it broke its answer off',
      })
  }
  return samples
}

async function countSamples(
  questions: Questions,
  { group, window }: Part,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  const selector = groupSelector(group, { nonce: questions.nonce() })
  const counts = await askRollup(questions, { rollup: 'count_over_time', selector, window }, signal)
  const keys = new Set(group.series.map(storedKey))
  return new Map(
    counts.map(({ labels, value }) => [seriesKey(labels), value] as const).filter(([key]) => keys.has(key)),
  )
}

/** Nothing is handed on before the export is complete, since it may have to be asked again. */
async function exportSamples(
  questions: Questions,
  { group, window }: Part,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, SampleColumns>> {
  const keys = new Set(group.series.map(storedKey))
  const samples = new Map<string, SampleColumns>()
  await questions.exportLines(
    {
      selector: groupSelector(group, { nonce: questions.nonce() }),
      window,
      begin: () => samples.clear(),
      onLine: (line) => {
        const { key, columns } = readLine(line)
        if (keys.has(key)) add(samples, key, columns)
      },
    },
    signal,
  )
  return samples
}

function add(all: Map<string, SampleColumns>, key: string, { timestampsMs, values }: SampleColumns): void {
  const known = all.get(key)
  if (!known) all.set(key, { timestampsMs, values })
  else {
    for (const atMs of timestampsMs) known.timestampsMs.push(atMs)
    for (const value of values) known.values.push(value)
  }
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
