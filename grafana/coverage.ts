import { buildDashboard, devicePicker, metric } from './dashboard.ts'
import { ANY_IS_BAD, chart, columns, figures, stripes } from './panels.ts'

const SERIES = '${metric}{source="iotawatt",device=~"$device"}'
const counted = (span: string) => `count_over_time(${SERIES}[${span}] offset 1s)`
/** A channel without a sample in the interval counts 0, once it has been seen. */
const minutesOf = (span: string) => `(${counted(span)} or 0 * ${counted('$__range')})`
const INTERVAL_MINUTES = '($__interval_ms / 60000)'
const MISSING = `clamp_min(${INTERVAL_MINUTES} - min by (device) (${minutesOf('$__interval')}), 0)`

export const coverageDashboard = buildDashboard({
  title: 'IoTaWatt: Coverage',
  uid: 'iotawatt-coverage',
  description: 'Which minutes the store has. A minute without data is a gap only where the device has it.',
  from: 'now-7d',
  variables: [metric, devicePicker],
  panels: [
    figures({
      title: 'Gaps: minutes that the device has and the store has not',
      description: 'From the last audit of the look-back; the daemon fills them by itself.',
      unit: 'short',
      width: 12,
      lanes: { '{{device}}': 'max by (device) (iotawatt_sync_holes_minutes{device=~"$device"})' },
      thresholds: ANY_IS_BAD,
    }),
    figures({
      title: 'Backfill',
      unit: 'percentunit',
      width: 12,
      lanes: {
        '{{device}}':
          'max by (device) (iotawatt_sync_history_minutes{device=~"$device",state="done"}) / (max by (device) (iotawatt_sync_history_minutes{device=~"$device",state="total"}) > 0)',
      },
    }),
    stripes({
      title: 'Share of minutes stored',
      description: 'Of the channel with the fewest. The newest minutes are copied a few minutes later.',
      unit: 'percentunit',
      height: 7,
      lanes: { '{{device}}': `clamp_max(min by (device) (${minutesOf('$__interval')}) / ${INTERVAL_MINUTES}, 1)` },
    }),
    chart({
      title: 'Minutes without data',
      description: 'The device was off, or they are not copied yet: see the gaps above.',
      unit: 'short',
      daily: false,
      lanes: { '{{device}}': MISSING },
    }),
    chart({
      title: 'Samples beyond one per minute',
      description: 'Written by an earlier program, or by another one that writes the same series.',
      unit: 'short',
      lanes: { '{{device}}': `clamp_min(max by (device) (${minutesOf('$__interval')}) - ${INTERVAL_MINUTES}, 0)` },
    }),
    columns({
      title: 'Channels',
      height: 18,
      lanes: {
        Stored: counted('$__range'),
        'Without data': `clamp_min($__range_s / 60 - ${counted('$__range')}, 0)`,
        Age: `time() - tlast_over_time(${SERIES}[$__range])`,
      },
      units: { Stored: 'short', 'Without data': 'short', Age: 's' },
    }),
  ],
})
