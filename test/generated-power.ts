import type { Labels, SeriesSamples } from '../src/model/series.ts'
import { MINUTE_MS, type TimeWindow } from '../src/model/time-window.ts'
import { seededRandom } from './doubles/seeded-random.ts'

export interface GeneratedPower {
  readonly samples: SeriesSamples
  /** What it makes of each minute, calculated in hundredths of a watt: `[[minute, watts], …]`. */
  readonly minutes: readonly (readonly [atMs: number, value: number])[]
}

/** A series as a program that is no part of this project leaves it: a point every so often, with outages. */
export function generatePower(
  labels: Labels,
  { window, stepMs, seed }: { window: TimeWindow; stepMs: number; seed: number },
): GeneratedPower {
  const random = seededRandom(seed)
  const timestampsMs: number[] = []
  const values: number[] = []
  const hundredths = new Map<number, { sum: number; count: number }>()
  let level = 300
  let outageUntilMs = 0
  for (let atMs = window.fromMs; atMs < window.untilMs; atMs += stepMs) {
    // It ends in a full minute, and never is one point alone between two outages: it would stand for more than its step.
    const isYoung = atMs < outageUntilMs + 3 * stepMs
    const isLate = atMs > window.untilMs - 510 * stepMs - MINUTE_MS
    if (!isYoung && !isLate && random() < 1 / 3000) outageUntilMs = atMs + Math.ceil(random() * 500) * stepMs
    if (atMs < outageUntilMs) continue
    if (random() < 0.01) level = Math.round(random() * 3000)
    const value = Math.round((level + 20 * random()) * 100) - 1000
    timestampsMs.push(atMs)
    values.push(value / 100)
    const minuteMs = atMs - (atMs % MINUTE_MS)
    const { sum, count } = hundredths.get(minuteMs) ?? { sum: 0, count: 0 }
    hundredths.set(minuteMs, { sum: sum + value, count: count + 1 })
  }
  const minutes = [...hundredths].map(([atMs, { sum, count }]) => [atMs, halfUp(sum, count) / 100] as const)
  return { samples: { labels, timestampsMs, values }, minutes }
}

/** sum / count to the nearest integer, halves up, without a fraction on the way. */
function halfUp(sum: number, count: number): number {
  const doubled = 2 * sum + count
  const rest = ((doubled % (2 * count)) + 2 * count) % (2 * count)
  return (doubled - rest) / (2 * count)
}

/** Stores samples as any program may, without the code under test. */
export async function importSamples(url: string, batch: readonly SeriesSamples[]): Promise<void> {
  const lines = batch.flatMap(({ labels, timestampsMs, values }) =>
    Array.from({ length: Math.ceil(values.length / 5000) }, (_, index) => {
      const [from, until] = [index * 5000, index * 5000 + 5000]
      return JSON.stringify({
        metric: labels,
        values: values.slice(from, until),
        timestamps: timestampsMs.slice(from, until),
      })
    }),
  )
  const answer = await fetch(`${url}/api/v1/import`, { method: 'POST', body: lines.join('\n') })
  if (!answer.ok) throw new Error(await answer.text())
  await fetch(`${url}/internal/force_flush`)
}
