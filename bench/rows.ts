import { cpus, totalmem } from 'node:os'
import * as z from 'zod'

export interface BenchOptions {
  /** How often each measurement is repeated. */
  readonly rounds: number
  /** How much history a load copies; left out: each benchmark's own. */
  readonly days: number | undefined
}

/** Makes its rows one after another; what is compared in a row is measured in turn. */
export type Bench = (options: BenchOptions) => AsyncIterable<Row>

const rowSchema = z.object({
  /** What was measured. */
  title: z.string(),
  unit: z.string(),
  /** What the median is to stay within. */
  atMost: z.number().optional(),
  /** One for each round. */
  values: z.array(z.number()).min(1),
  /** The figures that each value was calculated from, and what was measured beside it, by name with its unit. */
  raw: z.record(z.string(), z.array(z.number())),
  machine: z.string(),
})
export const resultsSchema = z.record(z.string(), z.array(rowSchema))

/** The rows of each benchmark, by its name. */
export type Results = z.infer<typeof resultsSchema>
export type Row = Omit<z.infer<typeof rowSchema>, 'machine'>

export function describeMachine(): string {
  const [first] = cpus()
  return `${cpus().length} × ${first?.model.trim() ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.versions.node}`
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const [low = NaN, high = NaN] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]]
  return (low + high) / 2
}

/** Three digits that count. */
export function format(value: number): string {
  return String(Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3)))
}

export function isTooMuch({ values, atMost = Infinity }: Row): boolean {
  return median(values) > atMost
}

/** What was measured, its median, from the least to the most, and the medians of the raw figures. */
export function cellsOf({ title, unit, values, atMost, raw }: Row): readonly string[] {
  const spread = values.length < 2 ? '–' : `${format(Math.min(...values))} to ${format(Math.max(...values))}`
  const figures = Object.entries(raw).map(([name, each]) => `${name} ${format(median(each))}`)
  return [
    title,
    `${format(median(values))} ${unit}`,
    atMost === undefined ? '–' : format(atMost),
    spread,
    figures.join(', '),
  ]
}

export const HEADS = ['what', 'median', 'at most', 'from – to', 'raw figures, medians']
