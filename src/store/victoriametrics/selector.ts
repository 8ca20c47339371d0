import { randomUUID } from 'node:crypto'
import type { Labels } from '../../model/series.ts'
import type { SeriesQuery } from '../../model/store.ts'
import { storedLabels } from '../stored-labels.ts'

/** Longer lists are left out of the filter, since a query may hold 16 KiB; what comes too much is not counted. */
const MAX_LIST_CHARACTERS = 3_000

/** MetricsQL reads a quoted string as Go does, which knows all that JSON writes. */
function quote(text: string): string {
  return JSON.stringify(text)
}

function escapeRegex(text: string): string {
  return text.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&')
}

function oneOf(name: string, values: Iterable<string>): readonly string[] {
  const pattern = [...new Set(values)].map(escapeRegex).join('|')
  return pattern === '' || pattern.length > MAX_LIST_CHARACTERS ? [] : [`${name}=~${quote(pattern)}`]
}

/**
 * No series has this label, so it is always true; and no earlier question had it, nor one of a program that was started
 * with the same seed. Without it VictoriaMetrics may answer from a list of series that is up to 10 s old, whatever
 * `nocache` says.
 */
function freshMatcher(): string {
  return `nonce!=${quote(randomUUID())}`
}

export function metricsSelector({ metrics, device }: Pick<SeriesQuery, 'metrics' | 'device'>): string {
  const devices =
    device === undefined ? [] : typeof device === 'string' ? [`device=${quote(device)}`] : oneOf('device', device)
  return `{${[...devices, ...oneOf('__name__', metrics), freshMatcher()].join(',')}}`
}

/** Finds series with all of these labels and none of the others, but perhaps with more; a label with an odd name is left out. */
export function labelsSelector(labels: Labels, without: readonly string[]): string {
  const matchers = Object.entries({ ...Object.fromEntries(without.map((name) => [name, ''])), ...labels })
    .filter(([name]) => /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name))
    .map(([name, value]) => `${name}=${quote(value)}`)
  return `{${[...matchers, freshMatcher()].join(',')}}`
}

/** Series that one selector can find: those of one device. */
export function groupByDevice(series: readonly Labels[]): readonly (readonly Labels[])[] {
  const groups = new Map<string, Labels[]>()
  for (const labels of series) {
    const device = labels['device'] ?? ''
    const group = groups.get(device)
    if (group) group.push(labels)
    else groups.set(device, [labels])
  }
  return [...groups.values()]
}

/** Finds at least these series, all of one device; `more` are matchers beside. */
export function groupSelector(series: readonly Labels[], more: readonly string[] = []): string {
  const stored = series.map(storedLabels)
  const locations = stored.map((labels) => labels['location'])
  const byLocation = locations.every((location) => location !== undefined)
  const matchers = [
    `device=${quote(series[0]?.['device'] ?? '')}`,
    ...oneOf(
      '__name__',
      stored.map((labels) => labels['__name__'] ?? ''),
    ),
    ...(byLocation ? oneOf('location', locations) : []),
    ...more,
    freshMatcher(),
  ]
  return `{${matchers.join(',')}}`
}
