import { DEFAULT_LABEL_RULES } from '../src/labels/default-rules.ts'
import { labelsFor } from '../src/labels/labels-for.ts'
import { seriesKey } from '../src/model/series.ts'
import type { ExportedSeries } from './real-store.ts'
import { recordedMinutes, UNITS, type Unit } from './two-units.ts'

/** What the firmware answered, under the labels of the original system: key → series. */
export function expectedSeries(unitByDevice: Readonly<Record<string, Unit>> = itself): Map<string, ExportedSeries> {
  const series = new Map<string, ExportedSeries>()
  for (const [device, unit] of Object.entries(unitByDevice))
    for (const [location, minutes] of recordedMinutes(unit)) {
      const labels = labelsFor({ metric: 'power', location }, { device, rules: DEFAULT_LABEL_RULES })
      series.set(seriesKey(labels), { labels, samples: [...minutes].sort(([a], [b]) => a - b) })
    }
  return series
}

const itself = Object.fromEntries(UNITS.map((unit) => [unit, unit]))

/** What is wrong with a copy, in few words: nothing is the empty list. */
export function differences(
  found: ReadonlyMap<string, ExportedSeries>,
  expected: ReadonlyMap<string, ExportedSeries>,
): string[] {
  const extra = [...found.keys()].filter((key) => !expected.has(key)).map((key) => `${key} should not be there`)
  const wrong = [...expected].flatMap(([key, { labels, samples }]) => {
    const name = `${labels['device']} ${labels['location']}`
    const copy = found.get(key)?.samples ?? []
    const [there, expected] = [copy, samples].map((list) => new Set(list.map((sample) => sample.join(' '))))
    const missing = samples.filter((sample) => !there!.has(sample.join(' ')))
    const alien = copy.filter((sample) => !expected!.has(sample.join(' ')))
    const doubled = copy.length - there!.size
    if (missing.length + alien.length + doubled === 0) return []
    const first = [...missing, ...alien].map(([atMs]) => new Date(atMs).toISOString())[0] ?? ''
    return [`${name}: ${missing.length} missing, ${alien.length} wrong, ${doubled} doubled ${first}`]
  })
  return [...extra, ...wrong]
}
