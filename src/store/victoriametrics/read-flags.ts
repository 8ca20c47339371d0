import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../model/time-window.ts'

export type StoreFacts = NonNullable<ReturnType<typeof readFacts>>

/**
 * What a single node says of itself under /metrics, up to a second ago; each undefined where it does not. All of it is undefined when it is
 * somebody else's (vmauth and vminsert have no retention): then nothing in it is the store's.
 */
export function readFacts(metrics: string) {
  const flags = readFlags(metrics)
  const retention = flags.get('retentionPeriod')
  if (retention === undefined) return undefined
  const startedAtS = readValues(metrics, 'process_start_time_seconds')[0]
  const readOnly = readValues(metrics, 'vm_storage_is_read_only')
  return {
    retentionMs: /^\d+$/.test(retention) ? Number(retention) * 31 * DAY_MS : readDuration(retention),
    maxBackfillAgeMs: readDuration(flags.get('maxBackfillAge')),
    dedupIntervalMs: readDuration(flags.get('dedup.minScrapeInterval')),
    maxQueueMs: readDuration(flags.get('insert.maxQueueDuration')),
    startedAtMs: startedAtS === undefined ? undefined : startedAtS * 1000,
    readOnly: readOnly.length === 0 ? undefined : readOnly.includes(1),
    /** Whether nothing was written since it started. */
    isUntouched: readValues(metrics, 'vm_rows_added_to_storage_total')[0] === 0,
    /** Whether as many writes are executed as may be at once, so that others wait. */
    isFull: isAtLimit(metrics, 'vm_concurrent_insert'),
    /** Whether it is one storage node of a cluster: what it says of itself is not true of the others. */
    isPart: flags.has('vmselectAddr'),
  }
}

export type SelectFacts = NonNullable<ReturnType<typeof readSelectFacts>>

/** What the node of a cluster that answers questions says of itself; undefined when it is no vmselect. */
export function readSelectFacts(metrics: string) {
  const flags = readFlags(metrics)
  if (!flags.has('search.denyPartialResponse') || flags.has('retentionPeriod')) return undefined
  const factors = ['replicationFactor', 'globalReplicationFactor'].flatMap(
    (name) => flags.get(name)?.match(/\d+(?=,|$)/g) ?? [],
  )
  return {
    dedupIntervalMs: readDuration(flags.get('dedup.minScrapeInterval')),
    /** How many nodes may be away before it reports that something is missing in its answers, and one. */
    replicationFactor: Math.max(1, ...factors.map(Number)),
  }
}

function readFlags(metrics: string): ReadonlyMap<string, string> {
  const flags = metrics.matchAll(/^flag\{name="([^"\n]+)", *value="([^"\n]*)"/gm)
  return new Map([...flags].map(([, name = '', value = '']) => [name, value]))
}

/** The values of a metric, with or without labels. */
function readValues(metrics: string, name: string): readonly number[] {
  const lines = metrics.matchAll(new RegExp(`^${name}(?:\\{[^}\\n]*\\})? +([0-9.eE+-]+)`, 'gm'))
  return [...lines].map(([, value]) => Number(value)).filter(Number.isFinite)
}

function isAtLimit(metrics: string, name: string): boolean {
  const [current = 0] = readValues(metrics, `${name}_current`)
  const [capacity = Infinity] = readValues(metrics, `${name}_capacity`)
  return current >= capacity
}

const UNIT_MS: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', MINUTE_MS],
  ['h', HOUR_MS],
  ['d', DAY_MS],
  ['w', 7 * DAY_MS],
  ['M', 31 * DAY_MS],
  ['y', 365 * DAY_MS],
])

/** `1m0s`, `100y`, `0`, `1.5h`; undefined when it cannot be read. */
export function readDuration(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (text === '0') return 0
  if (!/^(?:\d+(?:\.\d+)?(?:ms|[smhdwMy]))+$/.test(text)) return undefined
  return [...text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhdwMy])/g)].reduce(
    (sum, [, amount, unit = '']) => sum + Number(amount) * (UNIT_MS.get(unit) ?? 0),
    0,
  )
}
