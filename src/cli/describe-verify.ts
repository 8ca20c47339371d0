import { join } from 'node:path'
import { DAY_MS, minuteCount, type TimeWindow } from '../model/time-window.ts'
import { plural } from '../runtime/plural.ts'
import type { ReloadedSeries } from '../sync/legacy/reload/reload-work.ts'
import { FINDINGS, addTally, emptyTally, type DayTally, type Finding, type Tally } from '../sync/verify/findings.ts'
import type { VerifyReport } from '../sync/verify/verify-device.ts'
import { describeOutside } from './describe-load.ts'
import type { Engine } from './engine.ts'
import { type Cells, indented } from './format-table.ts'
import type { Layout } from './format-time.ts'

const MAX_ROWS = 40
const MAX_NAMES = 3

const WORDS: Readonly<Record<Finding, string>> = {
  missing: 'missing',
  filled: 'filled',
  doubled: 'duplicate',
  wrong: 'wrong',
  legacy: 'off-grid',
  onlyStored: 'only in the store',
  uncompared: 'not compared',
}
/** A day has a row when it has one of them. */
const LISTED = ['missing', 'filled', 'doubled', 'wrong'] as const

/** Days on which some channels have the same: minutes are those of each of them, energy is that of all. */
interface DayRow {
  readonly fromMs: number
  readonly toMs: number
  readonly keys: readonly string[]
  readonly tally: Readonly<Tally>
  readonly wattHours: number
  readonly when: string
}

/** Days and channels that differ, what it comes to, and what to do about it. */
export function describeVerification(
  report: VerifyReport,
  { repair, ...layout }: Layout & { readonly repair: boolean },
): string[] {
  const { deviceName, channels, window } = report
  const sum = emptyTally()
  for (const { tally } of channels) addTally(sum, tally)
  const below = [
    ...(minuteCount(window) === 0 ? [describeOutside(report, layout)] : []),
    ...describeSum(sum, window),
    ...describeRemedies(sum, { deviceName, repair }),
  ]
  return [
    `${deviceName}: ${plural(channels.length, 'channel')}, ${layout.times.window(window)}`,
    ...describeDays(report, layout),
    ...below.map((line) => `  ${line}`),
  ]
}

function describeDays({ channels, days, omittedDays, window }: VerifyReport, layout: Layout): string[] {
  const rows = joinDays(days.filter(({ tally }) => LISTED.some((finding) => tally[finding] > 0)))
  if (rows.length === 0) return []
  const shown = rows.slice(0, MAX_ROWS)
  const columns = [...LISTED, 'legacy' as const].filter((finding) => shown.some(({ tally }) => tally[finding] > 0))
  // Days are those of UTC, wherever the house is.
  const isUtc = layout.times.zone.offsetMs(window.fromMs) === 0 && layout.times.zone.offsetMs(window.untilMs) === 0
  const cells: Cells<DayRow> = {
    [isUtc ? 'day' : 'UTC day']: formatDays,
    when: ({ when }) => when,
    channels: ({ keys }) => nameChannels(keys, channels),
    ...Object.fromEntries(columns.map((finding) => [WORDS[finding], ({ tally }: DayRow) => `${tally[finding]} min`])),
    kWh: ({ wattHours }) => (wattHours / 1000).toFixed(3),
  }
  const lines = indented(shown, cells, layout)
  const more = rows.length - shown.length + omittedDays
  return more > 0 ? [...lines, `  and ${more} more; --json has more of them`] : lines
}

/** Channels with the same on a day are a row, and so are complete days that follow each other. */
function joinDays(days: readonly DayTally[]): DayRow[] {
  const byContent = new Map<string, DayRow>()
  for (const { key, dayMs, tally, spans } of days) {
    const when = formatSpans(spans, dayMs)
    const id = JSON.stringify([dayMs, when, FINDINGS.map((finding) => tally[finding])])
    const row = byContent.get(id) ?? { fromMs: dayMs, toMs: dayMs, keys: [], tally, wattHours: 0, when }
    byContent.set(id, { ...row, keys: [...row.keys, key], wattHours: row.wattHours + tally.wattHours })
  }
  const joined: DayRow[] = []
  for (const row of byContent.values()) {
    const index = joined.findIndex((before) => isContinued(before, row))
    const before = joined[index]
    if (before) joined[index] = { ...before, toMs: row.toMs, wattHours: before.wattHours + row.wattHours }
    else joined.push(row)
  }
  return joined
}

function isContinued(before: DayRow, row: DayRow): boolean {
  return (
    before.toMs + DAY_MS === row.fromMs &&
    row.when === 'all day' &&
    before.when === row.when &&
    before.keys.join() === row.keys.join() &&
    FINDINGS.every((finding) => before.tally[finding] === row.tally[finding])
  )
}

/** `14:02 to 15:10`; the first and the last of several. */
function formatSpans(spans: DayTally['spans'], dayMs: number): string {
  const [first, last] = [spans[0], spans.at(-1)]
  if (!first || !last) return ''
  const isAllDay = spans.length === 1 && last.untilMs - first.fromMs === DAY_MS
  const time = (timeMs: number) => (timeMs - dayMs === DAY_MS ? '24:00' : new Date(timeMs).toISOString().slice(11, 16))
  if (isAllDay) return 'all day'
  return `${time(first.fromMs)} to ${time(last.untilMs)}${spans.length > 1 ? `, ${spans.length} spans` : ''}`
}

function formatDays({ fromMs, toMs }: DayRow): string {
  const [from, to] = [fromMs, toMs].map((ms) => new Date(ms).toISOString().slice(0, 10))
  return from === to ? `${from}` : `${from} to ${to}`
}

function nameChannels(keys: readonly string[], channels: VerifyReport['channels']): string {
  if (keys.length > 1 && keys.length === channels.length) return `all ${keys.length}`
  const names = channels.filter(({ key }) => keys.includes(key)).map(({ location }) => location)
  const more = names.length - MAX_NAMES
  return more > 1 ? `${names.slice(0, MAX_NAMES).join(', ')} and ${more} more` : names.join(', ')
}

/** `minutes, of all channels together: missing 120, off-grid 3; 0.42 kWh` */
function describeSum(sum: Tally, window: TimeWindow): string[] {
  const counts = FINDINGS.filter((finding) => sum[finding] > 0).map((finding) => `${WORDS[finding]} ${sum[finding]}`)
  if (counts.length === 0) return minuteCount(window) === 0 ? [] : ['nothing is missing or duplicate']
  const energy = sum.wattHours === 0 ? '' : `; ${(sum.wattHours / 1000).toFixed(3)} kWh`
  return [`minutes, of all channels together: ${counts.join(', ')}${energy}`]
}

function describeRemedies(sum: Tally, { deviceName, repair }: { deviceName: string; repair: boolean }): string[] {
  const damaged = sum.doubled + sum.wrong
  const lines: string[] = []
  if (sum.missing > 0)
    lines.push(
      repair
        ? 'what is still missing was accepted and dropped by the store: the log above says more'
        : `to fill what is missing: iotawatt-sync verify --repair ${deviceName}`,
    )
  if (damaged > 0) lines.push(`to rewrite series, with a backup: iotawatt-sync verify --reload-series ${deviceName}`)
  else if (sum.legacy > 0)
    lines.push('an earlier program wrote off-grid samples, which is no error; --reload-series replaces them')
  if (sum.uncompared > 0)
    lines.push('hours with duplicate or off-grid samples have no mean: --values=all compares them')
  return lines
}

/** `garage: to be rewritten: Dryer (60 min duplicate, 2 min off-grid), Fridge (1 min duplicate)` */
export function describeDamaged({ deviceName, channels }: VerifyReport): string {
  const damaged = channels.flatMap(({ location, tally }) => {
    const why = (['doubled', 'wrong', 'legacy'] as const).filter((finding) => tally[finding] > 0)
    return why.length > 0
      ? [`${location} (${why.map((finding) => `${tally[finding]} min ${WORDS[finding]}`).join(', ')})`]
      : []
  })
  return `${deviceName}: to be rewritten: ${damaged.join(', ')}`
}

export function describeReloadQuestion({ store, config }: Engine): string {
  return `Back these series up in ${join(config.stateDir, 'backup')}, delete them from ${store.name}, and rewrite them?`
}

export function describeReloaded(deviceName: string, series: readonly ReloadedSeries[]): string[] {
  return series.map(
    ({ location, samplesBefore, samplesAfter, backupPath }) =>
      `${deviceName}: ${location} was rewritten: ${samplesAfter} samples where there were ${samplesBefore}, which are kept in ${backupPath}`,
  )
}

/** For programs: times in Unix ms; a day's `spans` say where its minutes lie. */
export function verificationAsJson({ channels, days, ...report }: VerifyReport): object {
  const locations = new Map(channels.map(({ key, location, metric }) => [key, { location, metric }]))
  return {
    ...report,
    channels: channels.map(({ location, metric, tally }) => ({ location, metric, ...tally })),
    days: days.map(({ key, dayMs, tally, spans }) => ({
      day: new Date(dayMs).toISOString().slice(0, 10),
      ...locations.get(key),
      ...tally,
      spans,
    })),
  }
}
