import { minuteCount, type TimeWindow } from '../model/time-window.ts'
import { plural, formatSpan } from '../runtime/plural.ts'
import type { LoadOrder } from '../sync/copy/anchor-series.ts'
import type { LoadProgress, LoadReport } from '../sync/load/load-device.ts'
import type { LoadPlan } from '../sync/load/plan-load.ts'
import type { LoadPace } from '../sync/load/track-pace.ts'
import { type Cells, formatTable } from './format-table.ts'
import type { HouseTimes, Layout } from './format-time.ts'

export interface Loaded extends LoadReport {
  /** Minutes that were there before. */
  readonly thereMinutes: number
}

export function describePlans(
  plans: readonly LoadPlan[],
  { order, ...layout }: Layout & { readonly order: LoadOrder },
): string[] {
  if (plans.length === 0) return []
  const outside = plans.filter(isOutside)
  const unknown = plans.filter(({ isRetentionUnknown }) => isRetentionUnknown)
  return [
    ...formatTable(plans, planCells(layout.times), layout),
    ...outside.map((plan) => `${plan.deviceName}: ${describeOutside(plan, layout)}`),
    ...describeManner(plans, order),
    ...unknown.map(
      ({ deviceName }) =>
        `${deviceName}: the store does not tell how long it keeps samples; a load finds out by writing some, a dry run does not`,
    ),
  ]
}

function planCells({ day }: HouseTimes): Cells<LoadPlan> {
  const span = (plan: LoadPlan, spanMs: number) => (isFromCard(plan) ? '–' : formatSpan(spanMs))
  return {
    device: ({ deviceName }) => deviceName,
    channels: ({ channelCount }) => channelCount,
    from: ({ window }) => day(window.fromMs),
    to: ({ window }) => day(window.untilMs),
    there: ({ thereMinutes }) => `${thereMinutes} min`,
    missing: ({ missingMinutes }) => `${missingMinutes} min`,
    requests: ({ requestCount }) => requestCount,
    'device busy': (plan) => span(plan, plan.busyMs),
    'takes about': (plan) => span(plan, plan.durationMs),
  }
}

function isOutside({ window }: LoadPlan): boolean {
  return minuteCount(window) === 0
}

function isFromCard({ maxLoad }: LoadPlan): boolean {
  return maxLoad === undefined
}

/** Of a device that has nothing where it was asked for. */
export function describeOutside({ logged }: { readonly logged: TimeWindow }, { times }: Layout): string {
  return `its log has nothing there: it begins at ${times.minute(logged.fromMs)} and ends at ${times.minute(logged.untilMs)}`
}

function describeManner(plans: readonly LoadPlan[], order: LoadOrder): string[] {
  const [first] = plans
  if (!first || plans.every(isOutside)) return []
  if (plans.every(({ missingMinutes }) => missingMinutes === 0)) return ['Nothing is missing.']
  if (first.maxLoad === undefined) return ['From its card: the device is not asked.']
  return [
    `${order === 'newest-first' ? 'Newest' : 'Oldest'} first; a device is kept busy for at most ${Math.round(100 * first.maxLoad)} % of the time.`,
    'Missing minutes in which a device was off are found on the way.',
  ]
}

export function describeQuestion(plans: readonly LoadPlan[]): string {
  const minutes = plans.reduce((sum, { missingMinutes }) => sum + missingMinutes, 0)
  const durationMs = Math.max(...plans.map((plan) => plan.durationMs))
  const time = plans.every(isFromCard) ? '' : `, in about ${formatSpan(durationMs)}`
  return `Load ${plural(minutes, 'minute')}${time}?`
}

export function describeReports(reports: readonly Loaded[], layout: Layout): string[] {
  if (reports.length === 0) return []
  return [...formatTable(reports, reportCells(layout.times), layout), ...reports.flatMap(describeRefused)]
}

function reportCells({ day }: HouseTimes): Cells<Loaded> {
  return {
    device: ({ deviceName }) => deviceName,
    from: ({ window }) => day(window.fromMs),
    to: ({ window }) => day(window.untilMs),
    there: ({ thereMinutes }) => `${thereMinutes} min`,
    copied: ({ copiedMinutes }) => `${copiedMinutes} min`,
    samples: ({ sampleCount }) => sampleCount,
    absent: ({ absentMinutes }) => `${absentMinutes} min`,
    refused: countRefused,
    'kWh device': ({ energy }) => energy?.deviceKwh.toFixed(2) ?? '–',
    'kWh store': ({ energy }) => energy?.storeKwh.toFixed(2) ?? '–',
    took: ({ durationMs }) => formatSpan(durationMs),
  }
}

function countRefused({ failedChannels, unknownChannels, droppedMinutes }: Loaded): string {
  const channels = failedChannels.length + unknownChannels.length
  const refused = [
    ...(channels > 0 ? [plural(channels, 'channel')] : []),
    ...(droppedMinutes > 0 ? [plural(droppedMinutes, 'sample')] : []),
  ]
  return refused.join(', ') || '0'
}

function describeRefused({ deviceName, failedChannels, unknownChannels, droppedMinutes }: Loaded): string[] {
  return [
    ...unknownChannels.map((name) => `${deviceName}: ${name} is not copied: the device has no such channel`),
    ...failedChannels.map((name) => `${deviceName}: ${name} is not copied: the warning above says why`),
    ...(droppedMinutes > 0
      ? [`${deviceName}: ${plural(droppedMinutes, 'sample')} were accepted and dropped by the store`]
      : []),
  ]
}

/** `18144 of 43200 min, 2 min left, 812 rows/s, at 2024-03-02, device busy 24 %` */
export function describePace(pace: LoadPace, { times }: Layout): string {
  const { left, speed, busy } = describeSpeed(pace)
  const done = `${pace.doneMinutes} of ${pace.totalMinutes} min`
  return [done, ...left, ...speed, `at ${times.day(pace.atMs)}`, ...busy].join(', ')
}

export function describeChunk(
  { deviceName, chunk, window, doneMinutes, rowCount, sampleCount }: LoadProgress,
  pace: LoadPace | undefined,
  { times }: Layout,
): string {
  const percent = Math.floor((100 * doneMinutes) / Math.max(1, minuteCount(window)))
  const { left, speed, busy } = describeSpeed(doneMinutes < minuteCount(window) ? pace : undefined)
  const what = `${plural(rowCount, 'row')}, ${plural(sampleCount, 'sample')}, ${percent} %`
  const parts = [what, ...speed, ...left.map((text) => `about ${text}`), ...busy]
  return `${deviceName}: ${times.day(chunk.fromMs)} to ${times.day(chunk.untilMs)}: ${parts.join(', ')}`
}

/** What is known of it. */
function describeSpeed({ remainingMs, rowsPerS, busyShare }: Partial<LoadPace> = {}) {
  return {
    left: remainingMs === undefined ? [] : [`${formatSpan(remainingMs)} left`],
    speed: rowsPerS === undefined ? [] : [`${Math.round(rowsPerS)} rows/s`],
    busy: busyShare === undefined ? [] : [`device busy ${Math.round(100 * busyShare)} %`],
  }
}
