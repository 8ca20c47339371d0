import { minuteCount, type TimeWindow } from '../model/time-window.ts'
import { plural, formatSpan } from '../runtime/plural.ts'
import type { LoadProgress, LoadReport } from '../sync/load/load-device.ts'
import type { LoadOrder } from '../sync/copy/anchor-series.ts'
import type { LoadPlan } from '../sync/load/plan-load.ts'
import type { LoadPace } from '../sync/load/track-pace.ts'
import { formatTable } from './format-table.ts'
import type { Layout } from './format-time.ts'

export interface Loaded extends LoadReport {
  /** Minutes that were there before. */
  readonly thereMinutes: number
}

const PLAN_HEAD = ['device', 'channels', 'from', 'to', 'there', 'missing', 'requests', 'device busy', 'takes about']

export function describePlans(
  plans: readonly LoadPlan[],
  { order, ...layout }: Layout & { readonly order: LoadOrder },
): string[] {
  if (plans.length === 0) return []
  const unknown = plans.filter(({ isRetentionUnknown }) => isRetentionUnknown)
  return [
    ...formatTable(
      PLAN_HEAD,
      plans.map((plan) => planRow(plan, layout)),
      layout.columns,
    ),
    ...describeMissing(plans, { order, ...layout }),
    ...unknown.map(
      ({ deviceName }) =>
        `${deviceName}: the store does not tell how long it keeps samples; a load finds out by writing some, a dry run does not`,
    ),
  ]
}

function describeMissing(
  plans: readonly LoadPlan[],
  { order, ...layout }: Layout & { readonly order: LoadOrder },
): string[] {
  const [first] = plans
  const outside = plans.filter(({ window }) => minuteCount(window) === 0)
  const lines = outside.map((plan) => `${plan.deviceName}: ${describeOutside(plan, layout)}`)
  if (!first || outside.length === plans.length) return lines
  const isComplete = plans.every(({ missingMinutes }) => missingMinutes === 0)
  return [...lines, ...(isComplete ? ['Nothing is missing.'] : describeManner(first, order))]
}

/** Of a device that has nothing where it was asked for. */
export function describeOutside({ logged }: { readonly logged: TimeWindow }, { times }: Layout): string {
  return `its log has nothing there: it begins at ${times.minute(logged.fromMs)} and ends at ${times.minute(logged.untilMs)}`
}

function describeManner({ maxLoad }: LoadPlan, order: LoadOrder): string[] {
  if (maxLoad === undefined) return ['From its card: the device is not asked.']
  return [
    `${order === 'newest-first' ? 'Newest' : 'Oldest'} first; a device is kept busy for at most ${Math.round(100 * maxLoad)} % of the time.`,
    'Missing minutes in which a device was off are found on the way.',
  ]
}

function planRow(
  { deviceName, channelCount, window, busyMs, durationMs, maxLoad, ...numbers }: LoadPlan,
  { times }: Layout,
): string[] {
  const isAsked = maxLoad !== undefined
  const { thereMinutes, missingMinutes, requestCount } = numbers
  return [
    deviceName,
    `${channelCount}`,
    times.day(window.fromMs),
    times.day(window.untilMs),
    `${thereMinutes} min`,
    `${missingMinutes} min`,
    `${requestCount}`,
    isAsked ? formatSpan(busyMs) : '–',
    isAsked ? formatSpan(durationMs) : '–',
  ]
}

export function describeQuestion(plans: readonly LoadPlan[]): string {
  const minutes = plans.reduce((sum, { missingMinutes }) => sum + missingMinutes, 0)
  const durationMs = Math.max(...plans.map((plan) => plan.durationMs))
  const time = plans.every(({ maxLoad }) => maxLoad === undefined) ? '' : `, in about ${formatSpan(durationMs)}`
  return `Load ${plural(minutes, 'minute')}${time}?`
}

const REPORT_HEAD = [
  'device',
  'from',
  'to',
  'there',
  'copied',
  'samples',
  'absent',
  'refused',
  'kWh device',
  'kWh store',
  'took',
]

export function describeReports(reports: readonly Loaded[], layout: Layout): string[] {
  if (reports.length === 0) return []
  return [
    ...formatTable(
      REPORT_HEAD,
      reports.map((report) => reportRow(report, layout)),
      layout.columns,
    ),
    ...reports.flatMap(describeRefused),
  ]
}

/** Of a load that was stopped. */
export function describeStopped(reports: readonly Loaded[], layout: Layout): string[] {
  return reports.length === 0 ? [] : ['Copied so far:', ...describeReports(reports, layout)]
}

function reportRow(report: Loaded, { times }: Layout): string[] {
  const { window, energy } = report
  const refusedChannels = report.failedChannels.length + report.unknownChannels.length
  const refused = [
    ...(refusedChannels > 0 ? [plural(refusedChannels, 'channel')] : []),
    ...(report.droppedMinutes > 0 ? [plural(report.droppedMinutes, 'sample')] : []),
  ]
  return [
    report.deviceName,
    times.day(window.fromMs),
    times.day(window.untilMs),
    `${report.thereMinutes} min`,
    `${report.copiedMinutes} min`,
    `${report.sampleCount}`,
    `${report.absentMinutes} min`,
    refused.join(', ') || '0',
    energy ? energy.deviceKwh.toFixed(2) : '–',
    energy ? energy.storeKwh.toFixed(2) : '–',
    formatSpan(report.durationMs),
  ]
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
  const { left, speed, busy } = pace && doneMinutes < minuteCount(window) ? describeSpeed(pace) : NO_SPEED
  const what = `${plural(rowCount, 'row')}, ${plural(sampleCount, 'sample')}, ${percent} %`
  const parts = [what, ...speed, ...left.map((text) => `about ${text}`), ...busy]
  return `${deviceName}: ${times.day(chunk.fromMs)} to ${times.day(chunk.untilMs)}: ${parts.join(', ')}`
}

const NO_SPEED = { left: [], speed: [], busy: [] }

/** What is known of it. */
function describeSpeed({ remainingMs, rowsPerS, busyShare }: LoadPace) {
  return {
    left: remainingMs === undefined ? [] : [`${formatSpan(remainingMs)} left`],
    speed: rowsPerS === undefined ? [] : [`${Math.round(rowsPerS)} rows/s`],
    busy: busyShare === undefined ? [] : [`device busy ${Math.round(100 * busyShare)} %`],
  }
}
