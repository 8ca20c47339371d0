import type { Labels } from '../../model/series.ts'
import type { TimeWindow } from '../../model/time-window.ts'

export function identifier(name: string): string {
  return `"${escapeText(name).replaceAll('"', '\\"')}"`
}

export function literal(text: string): string {
  return `'${escapeText(text).replaceAll("'", "\\'")}'`
}

function escapeText(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}

/** What stands behind FROM: measurements by name, or those that a regular expression finds. */
export type Source = { readonly names: readonly string[] } | { readonly pattern: string }

export function fromClause(source: Source, retentionPolicy: string | undefined): string {
  const policy = retentionPolicy === undefined ? '' : `${identifier(retentionPolicy)}.`
  const measurements =
    'names' in source ? source.names.map(identifier) : [`/^(?:${source.pattern.replaceAll('/', '\\/')})$/`]
  return measurements.map((measurement) => `${policy}${measurement}`).join(', ')
}

/** A field may be called as a tag is. */
function isTag(name: string, value: string): string {
  return `${identifier(name)}::tag = ${literal(value)}`
}

export function whereClause(window: TimeWindow, tags: readonly string[] = []): string {
  return [...tags, `time >= ${window.fromMs}ms`, `time < ${window.untilMs}ms`].join(' AND ')
}

/** A question over more values than that is asked without them: what comes too much is left out here. */
const MAX_VALUES = 60

/** What the tags of all of these have in common; finds at least them. */
export function tagConditions(all: readonly Labels[]): readonly string[] {
  const [first = {}] = all
  return Object.keys(first).flatMap((name) => {
    const values = new Set(all.map((tags) => tags[name]))
    if (values.has(undefined) || values.size > MAX_VALUES) return []
    return [`(${[...values].map((value) => isTag(name, value ?? '')).join(' OR ')})`]
  })
}

/** Finds the series with these tags alone, where `names` are all that their measurement has. */
export function exactTags(tags: Labels, names: Iterable<string>): readonly string[] {
  return [...new Set([...Object.keys(tags), ...names])].map((name) => isTag(name, tags[name] ?? ''))
}
