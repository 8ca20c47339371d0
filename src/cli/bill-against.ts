import { basename } from 'node:path'
import { readUpTo } from '../config/referenced-files.ts'
import { DAY_MS } from '../model/time-window.ts'
import { formatDay, openTimeZone } from '../model/time-zone.ts'
import { plural } from '../runtime/plural.ts'
import { compareMeter, createMeasuredBins, type MeterDay, type MeterFlow } from '../tariff/compare-meter.ts'
import { type MeterFile, readMeterFile } from '../tariff/meter-file.ts'
import type { CommandRun } from './command.ts'
import { UsageError } from './exit-codes.ts'
import { csvLine } from './export-format.ts'
import type { BillFlags } from './flags.ts'
import { indented } from './format-table.ts'
import { type Layout, layoutOf } from './format-time.ts'
import { findStored, readStored } from './stored-grid.ts'

type Run = CommandRun<BillFlags>

/** Several years of quarters of an hour. */
const MAX_METER_BYTES = 32 * 1024 * 1024

/** What is measured beside what a meter has counted. @throws UsageError for a file that is none. */
export async function printAgainst(run: Run, path: string): Promise<void> {
  const { engine, options, output, signal } = run
  refuseUsage(options)
  const zone = openTimeZone(engine.config.house.timezone)
  const file = basename(path)
  const bytes = await readUpTo(path, MAX_METER_BYTES).catch((error: unknown) => {
    throw new UsageError(`--against ${path}: ${error instanceof Error ? error.message : String(error)}`)
  })
  const meter = readMeterFile(bytes, { zone, stamps: options.stamps })
  if ('line' in meter) throw new UsageError(`${file}:${meter.line}: ${meter.message}`)
  await engine.store.flush(signal)
  const stored = await findStored(run)
  // Its times may be those of another zone.
  const [fromMs, untilMs] = [meter.fromMs - DAY_MS, meter.untilMs + DAY_MS]
  const bins = createMeasuredBins({ fromMs, untilMs })
  const window = { fromMs: Math.max(fromMs, stored.firstMs), untilMs: Math.min(untilMs, stored.untilMs) }
  if (window.fromMs < window.untilMs) for await (const block of readStored(run, window, stored)) bins.add(block)
  const flows = compareMeter(meter, bins, zone)
  const layout = layoutOf({ ...options, zone: zone.name })
  const lines = () => {
    if (options.json) return [JSON.stringify(asJson(meter, flows, { file, layout }))]
    if (options.csv) return asRows(flows)
    return [...describeFile(meter, file), ...flows.flatMap((flow) => describeFlow(flow, layout))]
  }
  for (const line of lines()) output.print(line)
}

function refuseUsage({ devices, json, csv, ...others }: Run['options']): void {
  const beside = (['month', 'from', 'to', 'tariff', 'compare'] as const).find((name) => others[name])
  if (beside) throw new UsageError(`--against is of the days of its file, in kWh: expected no --${beside} beside it`)
  if (devices.length > 0) throw new UsageError('a meter is of the house, not of some of its devices')
  if (json && csv) throw new UsageError('--json and --csv exclude each other')
}

function describeFile({ minutes, stamps, titles, skippedRows }: MeterFile, file: string): string[] {
  return [
    `${file}: kWh of ${minutes} minutes from the column ${titles.energy}; ${titles.time} is the ${stamps} of each (--stamps)`,
    ...(skippedRows > 0
      ? [`  passed over: ${plural(skippedRows, 'row')} of an hour that clocks of the house skip`]
      : []),
  ]
}

function describeFlow({ flow, days, complete, farthest, shifts, factor }: MeterFlow, layout: Layout): string[] {
  const { meteredKwh, measuredKwh, count } = complete
  const cells = {
    day: ({ day }: MeterDay) => formatDay(day),
    metered: ({ meteredKwh: kwh }: MeterDay) => `${kwh.toFixed(2)} kWh`,
    measured: ({ measuredKwh: kwh }: MeterDay) => (kwh === undefined ? 'not measured' : `${kwh.toFixed(2)} kWh`),
    difference: (day: MeterDay) => describeDifference(day),
    missing: ({ missingMinutes }: MeterDay) => (missingMinutes > 0 ? plural(missingMinutes, 'minute') : ''),
    'not in the file': ({ unreadMinutes }: MeterDay) => (unreadMinutes > 0 ? plural(unreadMinutes, 'minute') : ''),
  }
  const missing = days.reduce((sum, { missingMinutes }) => sum + missingMinutes, 0)
  return [
    '',
    flow,
    ...indented(days, cells, layout),
    `  ${plural(count, 'interval')} with all their minutes: metered ${meteredKwh.toFixed(2)} kWh, measured ${measuredKwh.toFixed(2)} kWh, ${describeDifference({ meteredKwh, measuredKwh })}`,
    ...farthest.map(
      (one) =>
        `  apart: ${layout.times.window(one)}: metered ${one.meteredKwh.toFixed(3)} kWh, measured ${one.measuredKwh.toFixed(3)} kWh`,
    ),
    ...shifts.map(({ minutes, utcOffset }) => {
      const when = utcOffset === undefined ? '' : ` while clocks are at ${utcOffset}`
      const way = minutes > 0 ? 'late' : 'early'
      return `  the times of the file look ${plural(Math.abs(minutes), 'minute')} ${way}${when}: another zone, no summer time, or the other end of an interval (--stamps)`
    }),
    ...(factor === undefined
      ? []
      : [
          `  what is metered looks like ${factor.toFixed(3)} × what is measured: the calibration of a CT, or a missing leg`,
        ]),
    ...(missing > 0 ? [`  ${plural(missing, 'minute')} of the file were not measured`] : []),
  ]
}

function describeDifference({ meteredKwh, measuredKwh }: Pick<MeterDay, 'meteredKwh' | 'measuredKwh'>): string {
  if (measuredKwh === undefined) return ''
  const difference = measuredKwh - meteredKwh
  const percent = percentOf(meteredKwh, measuredKwh)
  const sign = (value: number, digits: number) => `${value < 0 ? '' : '+'}${value.toFixed(digits)}`
  return `${sign(difference, 2)} kWh${percent === undefined ? '' : ` (${sign(percent, 1)} %)`}`
}

function percentOf(meteredKwh: number, measuredKwh: number | undefined): number | undefined {
  return measuredKwh === undefined || meteredKwh === 0 ? undefined : (100 * (measuredKwh - meteredKwh)) / meteredKwh
}

function asJson(
  { minutes, stamps, titles, skippedRows }: MeterFile,
  flows: readonly MeterFlow[],
  { file, layout: { times } }: { readonly file: string; readonly layout: Layout },
) {
  return {
    file,
    intervalMinutes: minutes,
    stamps,
    timeColumn: titles.time,
    energyColumns: titles.energy,
    skippedRows,
    flows: flows.map(({ flow, days, complete, farthest, shifts, factor }) => ({
      flow,
      days: days.map(dayAsJson),
      completeIntervals: complete.count,
      completeMeteredKwh: complete.meteredKwh,
      completeMeasuredKwh: complete.measuredKwh,
      farthest: farthest.map(({ fromMs, untilMs, ...kwh }) => ({
        from: times.minute(fromMs),
        to: times.minute(untilMs),
        ...kwh,
      })),
      shifts,
      ...(factor !== undefined && { factor }),
    })),
  }
}

function dayAsJson({ day, meteredKwh, measuredKwh, missingMinutes, unreadMinutes }: MeterDay) {
  const percent = percentOf(meteredKwh, measuredKwh)
  return {
    day: formatDay(day),
    meteredKwh,
    ...(measuredKwh !== undefined && { measuredKwh, differenceKwh: measuredKwh - meteredKwh }),
    ...(percent !== undefined && { percent }),
    missingMinutes,
    unreadMinutes,
  }
}

const DAY_COLUMNS = [
  'day',
  'meteredKwh',
  'measuredKwh',
  'differenceKwh',
  'percent',
  'missingMinutes',
  'unreadMinutes',
] as const

function asRows(flows: readonly MeterFlow[]): string[] {
  const rows = flows.flatMap(({ flow, days }) =>
    days.map(dayAsJson).map((day) => [flow, ...DAY_COLUMNS.map((column) => `${day[column] ?? ''}`)]),
  )
  return [['flow', ...DAY_COLUMNS], ...rows].map((cells) => csvLine(cells).trimEnd())
}
