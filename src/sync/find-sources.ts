import type { Channel } from '../model/channel.ts'
import type { Labels } from '../model/series.ts'
import { formatLabels } from './refuse-targets.ts'

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
  const fill = (text: string) => text.replace(/\{(\w+)\}/g, (whole, word: string) => words[word] ?? whole)
  return Object.fromEntries(Object.entries({ ...labels, __name__: metric }).map(([name, text]) => [name, fill(text)]))
}

export function hasLabels(labels: Labels, wanted: Labels): boolean {
  return Object.entries(wanted).every(([name, value]) => (labels[name] ?? '') === value)
}

export function describeCandidates({ deviceName, channel }: DeviceChannel, candidates: readonly Labels[]): string {
  return (
    `${deviceName}: ${channel.name} is not migrated: ${candidates.length} series could be it, and they are never merged\n` +
    candidates.map((labels) => `  ${formatLabels(labels)}\n`).join('') +
    `  to go on: say under migrate: which it is, such as labels: ${suggestLabel(deviceName, candidates)}`
  )
}

/** A label that tells the candidates apart, best one that has the name of the device. */
function suggestLabel(deviceName: string, candidates: readonly Labels[]): string {
  const names = [...new Set(candidates.flatMap((labels) => Object.keys(labels)))]
  const telling = names.filter((name) => new Set(candidates.map((labels) => labels[name] ?? '')).size > 1)
  const byDevice = telling.find((name) => candidates.some((labels) => labels[name] === deviceName))
  const [name = ''] = telling
  return byDevice !== undefined
    ? `{ ${byDevice}: '{device}' }`
    : `{ ${name}: ${JSON.stringify(candidates[0]?.[name] ?? '')} }`
}
