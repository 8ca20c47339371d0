import type { Channel } from '../../../model/channel.ts'
import { type Labels, seriesKey } from '../../../model/series.ts'
import type { SeriesQuery } from '../../../model/store.ts'
import { DAY_MS, OLDEST_MS, splitWindow, type TimeWindow } from '../../../model/time-window.ts'
import { formatLabels } from '../../session/refuse-targets.ts'
import type { SyncContext, SyncSettings } from '../../session/session.ts'
import type { Target } from '../../session/target.ts'

/** Which series another program gave a channel: `{location}`, `{name}` and `{device}` stand for those of the channel. */
export interface SourceTemplate {
  readonly metric: string
  /** An empty text stands for a label that the series does not have. */
  readonly labels: Labels
}

/** A channel of a device, as its configuration knows it. */
export interface DeviceChannel {
  readonly deviceName: string
  readonly channel: Channel
}

/** What a source of the channel has, its metric included. */
export function sourceLabels({ metric, labels }: SourceTemplate, { deviceName, channel }: DeviceChannel): Labels {
  const words: Labels = { location: channel.location, name: channel.name, device: deviceName }
  const fill = (text: string) => text.replace(/\{(\w+)\}/g, (complete, word: string) => words[word] ?? complete)
  return Object.fromEntries(Object.entries({ ...labels, __name__: metric }).map(([name, text]) => [name, fill(text)]))
}

export function hasLabels(labels: Labels, expected: Labels): boolean {
  return Object.entries(expected).every(([name, value]) => (labels[name] ?? '') === value)
}

/** A channel of which the store has no series: what was looked for, and a series that is not far from it. */
export interface WithoutSource {
  readonly channel: Channel
  readonly looked: Labels
  readonly near: Labels | undefined
}

export interface FoundSources {
  readonly found: readonly { readonly target: Target; readonly source: ListedSeries }[]
  readonly without: readonly WithoutSource[]
  /** Targets of which there is more than one, and what to do. */
  readonly ambiguous: readonly { readonly target: Target; readonly why: string }[]
}

/** The one series of each target among those that the store has. */
export function findSources(
  { deviceName }: SyncSettings,
  {
    targets,
    listed,
    template,
  }: { targets: readonly Target[]; listed: readonly ListedSeries[]; template: SourceTemplate },
): FoundSources {
  const searched = targets.map((target) => {
    const { channel, key } = target
    const looked = sourceLabels(template, { deviceName, channel })
    const near = listed.filter(({ labels }) => labels['__name__'] === looked['__name__'] && seriesKey(labels) !== key)
    return { target, channel, looked, near, candidates: near.filter(({ labels }) => hasLabels(labels, looked)) }
  })
  return {
    found: searched.flatMap(({ target, candidates: [source, ...others] }) =>
      source && others.length === 0 ? [{ target, source }] : [],
    ),
    without: searched
      .filter(({ candidates }) => candidates.length === 0)
      .map(({ channel, looked, near }) => ({ channel, looked, near: near[0]?.labels })),
    ambiguous: searched
      .filter(({ candidates }) => candidates.length > 1)
      .map(({ target, channel, candidates }) => ({
        target,
        why: describeCandidates(
          { deviceName, channel },
          candidates.map(({ labels }) => labels),
        ),
      })),
  }
}

function describeCandidates({ deviceName, channel }: DeviceChannel, candidates: readonly Labels[]): string {
  return (
    `${deviceName}: ${channel.name} is not migrated: ${candidates.length} series could be it, and they are never merged\n` +
    candidates.map((labels) => `  ${formatLabels(labels)}\n`).join('') +
    `  to go on: say under migrate: which it is, such as labels: ${suggestLabel(deviceName, candidates)}`
  )
}

/** A label that tells the candidates apart, best one that has the name of the device. */
function suggestLabel(deviceName: string, candidates: readonly Labels[]): string {
  const names = [...new Set(candidates.flatMap((labels) => Object.keys(labels)))]
  const distinctive = names.filter((name) => new Set(candidates.map((labels) => labels[name] ?? '')).size > 1)
  const byDevice = distinctive.find((name) => candidates.some((labels) => labels[name] === deviceName))
  const [name = ''] = distinctive
  return byDevice !== undefined
    ? `{ ${byDevice}: '{device}' }`
    : `{ ${name}: ${JSON.stringify(candidates[0]?.[name] ?? '')} }`
}

/** A store looks at every sample in the window of such a question: half a year of 28 series every 5 s is 90 million. */
const WINDOW_MS = 183 * DAY_MS

/** A series that the store has, the time of its newest sample, and a window that holds its oldest one. */
export interface ListedSeries {
  readonly labels: Labels
  readonly positionMs: number
  readonly firstWindow: TimeWindow
}

/** Every label set with a sample in a window of any length. Yields after each question. */
export async function* listOverTime(
  { store }: SyncContext,
  query: SeriesQuery,
  signal: AbortSignal,
): AsyncGenerator<undefined, readonly ListedSeries[], undefined> {
  const listed = new Map<string, ListedSeries>()
  for (const window of windowsOf(query.window)) {
    for (const { labels, positionMs } of await store.listSeries({ ...query, window }, signal)) {
      const key = seriesKey(labels)
      listed.set(key, { labels, positionMs, firstWindow: listed.get(key)?.firstWindow ?? window })
    }
    yield
  }
  return [...listed.values()]
}

/** All that lies before the first IoTaWatt is one question. */
function windowsOf({ fromMs, untilMs }: TimeWindow): TimeWindow[] {
  const middleMs = Math.max(fromMs, Math.min(untilMs, OLDEST_MS))
  return [
    ...splitWindow({ fromMs, untilMs: middleMs }, Infinity),
    ...splitWindow({ fromMs: middleMs, untilMs }, WINDOW_MS),
  ]
}
