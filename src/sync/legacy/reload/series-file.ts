import * as z from 'zod'
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { appendFile, open } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { createGunzip, createGzip, gzip } from 'node:zlib'
import { outOfRange } from '../../../model/at.ts'
import type { Labels, NewSamples, SeriesSamples } from '../../../model/series.ts'
import { explain } from '../../../runtime/errors.ts'
import { floorToMinute } from '../../../model/time-window.ts'

/** The lines that VictoriaMetrics imports: whoever needs a file back can send it there. */
const lineSchema = z.object({
  metric: z.record(z.string(), z.string()),
  values: z.array(z.number()),
  timestamps: z.array(z.number()),
})
const SAMPLES_A_LINE = 1_000
/** Labels of 64 kB beside them. */
const MAX_LINE = 256 * 1024

const compress = promisify(gzip)

export type Samples = Pick<SeriesSamples, 'timestampsMs' | 'values'>

export const NO_SAMPLES: Samples = { timestampsMs: [], values: [] }

/** What a file holds, to be found again when it is read back. */
export interface FileContent {
  readonly sampleCount: number
  /** Of the lines, before they were compressed. */
  readonly sha256: string
}

/** Adds to a file that need not survive a failure of power. */
export async function appendSamples(path: string, labels: Labels, samples: Omit<NewSamples, 'labels'>): Promise<void> {
  await appendFile(path, await compress([...linesOf(labels, samples)].join('')), { mode: 0o600 })
}

/** Writes a file that is on the disk when it returns. @throws Error when there is one already. */
export async function writeSeriesFile(
  path: string,
  labels: Labels,
  batches: AsyncIterable<Samples>,
): Promise<FileContent> {
  const hash = createHash('sha256')
  let sampleCount = 0
  async function* lines() {
    for await (const samples of batches) {
      sampleCount += samples.timestampsMs.length
      for (const line of linesOf(labels, samples)) {
        hash.update(line)
        yield line
      }
    }
  }
  const file = await open(path, 'wx', 0o600)
  try {
    await pipeline(lines, createGzip({ level: 1 }), async (zipped: AsyncIterable<Buffer>) => {
      for await (const bytes of zipped) await file.writeFile(bytes)
    })
    await file.sync()
  } finally {
    await file.close()
  }
  return { sampleCount, sha256: hash.digest('hex') }
}

function* linesOf(labels: Labels, { timestampsMs, values }: Omit<NewSamples, 'labels'>): Generator<string> {
  const metric = JSON.stringify(labels)
  for (let from = 0; from < timestampsMs.length; from += SAMPLES_A_LINE) {
    const until = from + SAMPLES_A_LINE
    yield `{"metric":${metric},"values":[${values.slice(from, until).join(',')}],"timestamps":[${timestampsMs.slice(from, until).join(',')}]}\n`
  }
}

/** Reads a file from its start, as far as it is asked to. */
export interface SeriesReader {
  /** The samples before that time that were not taken yet. */
  takeUntil(untilMs: number): Promise<Samples>
  close(): Promise<void>
}

export function openSeriesFile(path: string): SeriesReader {
  const lines = readLines(path)
  let ahead: Samples = NO_SAMPLES
  return {
    async takeUntil(untilMs) {
      const timestampsMs: number[] = []
      const values: number[] = []
      for (;;) {
        const end = ahead.timestampsMs.findIndex((atMs) => atMs >= untilMs)
        const taken = end < 0 ? ahead.timestampsMs.length : end
        for (const atMs of ahead.timestampsMs.slice(0, taken)) timestampsMs.push(atMs)
        for (const value of ahead.values.slice(0, taken)) values.push(value)
        ahead = { timestampsMs: ahead.timestampsMs.slice(taken), values: ahead.values.slice(taken) }
        if (end >= 0) break
        const next = await lines.next()
        if (next.done === true) break
        ahead = next.value.samples
      }
      return { timestampsMs, values }
    },
    async close() {
      await lines.return(undefined)
    },
  }
}

/** Reads a file back from the disk. @throws Error when it does not hold what was written. */
export async function checkSeriesFile(path: string, content: FileContent): Promise<void> {
  const hash = createHash('sha256')
  let sampleCount = 0
  for await (const { line, samples } of readLines(path)) {
    hash.update(`${line}\n`)
    sampleCount += samples.timestampsMs.length
  }
  if (sampleCount !== content.sampleCount || hash.digest('hex') !== content.sha256)
    throw new Error(
      `${path} does not hold what was written: ${sampleCount} of ${content.sampleCount} samples; is the disk failing?`,
    )
}

function parseLine(line: string): Samples {
  const { timestamps, values } = lineSchema.parse(JSON.parse(line))
  return { timestampsMs: timestamps, values }
}

async function* readLines(path: string): AsyncGenerator<{ line: string; samples: Samples }, undefined, undefined> {
  const file = createReadStream(path)
  const unzip = createGunzip()
  file.on('error', (error) => unzip.destroy(error))
  file.pipe(unzip)
  unzip.setEncoding('utf8')
  try {
    let rest = ''
    for await (const text of unzip) {
      const lines = `${rest}${String(text)}`.split('\n')
      rest = lines.pop() ?? ''
      if ([...lines, rest].some(({ length }) => length > MAX_LINE))
        throw new Error('it has a line that this program did not write')
      for (const line of lines) yield { line, samples: parseLine(line) }
    }
    if (rest !== '') throw new Error('it ends within a line')
  } catch (cause) {
    throw new Error(`${path} cannot be read back (${explain(cause)}); is the disk failing?`, { cause })
  } finally {
    file.destroy()
  }
}

/**
 * What a series is to have: the device's minutes, and of the others what was stored. Of several samples at one time
 * the biggest stays, as deduplication would have it.
 */
export function mergeContent(device: Samples, stored: Samples): Samples {
  const onDevice = new Set(device.timestampsMs)
  const merged = byTime(device)
  stored.timestampsMs.forEach((atMs, index) => {
    if (onDevice.has(floorToMinute(atMs))) return
    const value = stored.values[index] ?? outOfRange(stored.values, index)
    merged.set(atMs, Math.max(value, merged.get(atMs) ?? value))
  })
  const sorted = [...merged].sort(([a], [b]) => a - b)
  return { timestampsMs: sorted.map(([atMs]) => atMs), values: sorted.map(([, value]) => value) }
}

function byTime({ timestampsMs, values }: Samples): Map<number, number> {
  return new Map(timestampsMs.map((atMs, index) => [atMs, values[index] ?? outOfRange(values, index)]))
}

/** What of the expected samples is not there, and what is there beside them. */
export function compareContent(expected: Samples, stored: Samples): { missing: Samples; unexpected: Samples } {
  const open = byTime(expected)
  const unexpected = collect()
  stored.timestampsMs.forEach((atMs, index) => {
    const value = stored.values[index] ?? outOfRange(stored.values, index)
    const expected = open.get(atMs)
    if (expected !== undefined && isEqual(value, expected)) open.delete(atMs)
    else unexpected.add(atMs, value)
  })
  const missing = collect()
  for (const [atMs, value] of open) missing.add(atMs, value)
  return { missing: missing.samples, unexpected: unexpected.samples }
}

/** Whether each of the samples is one of those that are known. */
export function areKnown(samples: Samples, known: readonly Samples[]): boolean {
  const valuesAt = new Map<number, number[]>()
  for (const { timestampsMs, values } of known)
    timestampsMs.forEach((atMs, index) => {
      valuesAt.set(atMs, [...(valuesAt.get(atMs) ?? []), values[index] ?? outOfRange(values, index)])
    })
  return samples.timestampsMs.every((atMs, index) => {
    const own = samples.values[index] ?? outOfRange(samples.values, index)
    return valuesAt.get(atMs)?.some((value) => isEqual(value, own))
  })
}

/** A store that keeps decimals may give back a number that differs in its last bits. */
function isEqual(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b))
}

function collect() {
  const timestampsMs: number[] = []
  const values: number[] = []
  return {
    samples: { timestampsMs, values },
    add(atMs: number, value: number) {
      timestampsMs.push(atMs)
      values.push(value)
    },
  }
}
