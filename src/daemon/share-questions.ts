import { isAskedFor, type SeriesQuery, type Store } from '../model/store.ts'
import type { SeriesTimes } from '../model/series.ts'
import { askTogether, type AskTogetherOptions } from '../runtime/ask-together.ts'

type TimesQuery = SeriesQuery & { readonly device: string }

/** Their names have a place in one question. */
const MAX_NAMES_LENGTH = 2_000
/** Those of devices whose clocks or logs are further apart are asked for apart. */
const MAX_APART_MS = 3_600_000

/** A store of which many devices ask the same things at one time: what it is, that all is seen, their last minutes. */
export function shareQuestions(store: Store, options: AskTogetherOptions = {}): Store {
  const { signal: never } = new AbortController()
  const { listTimes } = store
  const shareStatus = askTogether(() => store.status(never), options)
  const shareFlush = askTogether(() => store.flush(never), options)
  const shareTimes =
    listTimes &&
    askTogether(async (queries: readonly TimesQuery[]) => {
      const answers = new Map<TimesQuery, Promise<readonly SeriesTimes[]>>()
      for (const group of groupQueries(queries)) {
        const answer = listTimes(joinQueries(group), never)
        answer.catch(() => {})
        for (const query of group) answers.set(query, answer)
      }
      return answers
    }, options)
  return {
    ...store,
    status: (signal) => shareStatus(undefined, signal),
    flush: (signal) => shareFlush(undefined, signal),
    ...(listTimes &&
      shareTimes && {
        async listTimes(query, signal) {
          const { device } = query
          if (typeof device !== 'string') return listTimes(query, signal)
          const own = { ...query, device }
          const found = (await (await shareTimes(own, signal)).get(own)) ?? []
          return found.flatMap((series) => timesFor(own, series))
        },
      }),
  }
}

/** Those that one question can answer. */
function groupQueries(queries: readonly TimesQuery[]): (readonly TimesQuery[])[] {
  const groups = new Map<string, { readonly members: TimesQuery[]; length: number }>()
  let full = 0
  for (const query of queries) {
    const kind = `${Math.floor(query.window.fromMs / MAX_APART_MS)} ${query.metrics.join()}`
    const group = groups.get(kind) ?? { members: [], length: 0 }
    groups.set(kind, group)
    group.members.push(query)
    group.length += query.device.length
    if (group.length < MAX_NAMES_LENGTH) continue
    groups.delete(kind)
    groups.set(`full ${full++}`, group)
  }
  return [...groups.values()].map(({ members }) => members)
}

function joinQueries(queries: readonly TimesQuery[]): SeriesQuery {
  const windows = queries.map(({ window }) => window)
  const [only, ...more] = new Set(queries.map(({ device }) => device))
  return {
    metrics: queries[0]?.metrics ?? [],
    ...(only !== undefined && { device: more.length === 0 ? only : [only, ...more] }),
    window: {
      fromMs: Math.min(...windows.map(({ fromMs }) => fromMs)),
      untilMs: Math.max(...windows.map(({ untilMs }) => untilMs)),
    },
  }
}

function timesFor(query: TimesQuery, { labels, timestampsMs }: SeriesTimes): SeriesTimes[] {
  if (!isAskedFor(query, labels)) return []
  const { fromMs, untilMs } = query.window
  const within = timestampsMs.filter((atMs) => atMs >= fromMs && atMs < untilMs)
  return within.length > 0 ? [{ labels, timestampsMs: within }] : []
}
