import { BigValueTextMode } from '@grafana/grafana-foundation-sdk/common'
import { buildDashboard } from './dashboard.ts'
import { ALL_IS_WELL, ANY_IS_BAD, chart, columns, figures, LATE } from './panels.ts'

const rate = (counter: string) => `rate(${counter}[$__rate_interval])`
const byDevice = (expr: string) => `sum by (device) (${expr})`

export const daemonDashboard = buildDashboard({
  title: 'IoTaWatt: Daemon',
  uid: 'iotawatt-collector',
  description: 'The state of iotawatt-sync, and the load it puts on the devices.',
  from: 'now-24h',
  variables: [],
  panels: [
    figures({
      title: 'Store up',
      unit: 'bool_yes_no',
      width: 4,
      lanes: { Store: 'min(iotawatt_sync_store_up)' },
      thresholds: ALL_IS_WELL,
    }),
    figures({
      title: 'Running since',
      unit: 'dateTimeFromNow',
      width: 6,
      lanes: { Start: '1000 * max(iotawatt_sync_start_time_seconds)' },
    }),
    figures({
      title: 'Version',
      unit: 'short',
      width: 4,
      lanes: { '{{version}}': 'iotawatt_sync_build_info' },
    }).textMode(BigValueTextMode.Name),
    figures({
      title: 'Lag now',
      unit: 's',
      width: 5,
      lanes: { '{{device}}': 'max by (device) (iotawatt_sync_lag_seconds)' },
      thresholds: LATE,
    }),
    figures({
      title: 'Configured channels missing on the device',
      unit: 'short',
      width: 5,
      lanes: { '{{device}}': 'max by (device) (iotawatt_sync_channels_missing)' },
      thresholds: ANY_IS_BAD,
    }),
    chart({
      title: 'Lag',
      description: 'It rises between sync cycles and falls with each.',
      unit: 's',
      width: 12,
      lanes: { '{{device}}': 'max by (device) (max_over_time(iotawatt_sync_lag_seconds[$__interval]))' },
      thresholds: LATE,
    }),
    chart({
      title: 'Time the device spends answering',
      description: 'It does not measure while it answers. The limit of the configuration is shown next to it.',
      unit: 'percentunit',
      width: 12,
      lanes: {
        '{{device}}': byDevice(rate('iotawatt_sync_device_busy_seconds_total')),
        '{{device}} allowed': 'max by (device) (iotawatt_sync_device_busy_limit_ratio)',
      },
    }),
    chart({
      title: 'Samples per minute',
      unit: 'short',
      width: 12,
      lanes: {
        '{{device}} written': `60 * ${byDevice(rate('iotawatt_sync_samples_total'))}`,
        '{{device}} confirmed': `60 * ${byDevice(rate('iotawatt_sync_confirmed_samples_total'))}`,
        '{{device}} written again': `60 * ${byDevice(rate('iotawatt_sync_repaired_samples_total'))}`,
      },
    }),
    chart({
      title: 'Sync cycles per hour',
      unit: 'short',
      width: 12,
      lanes: { '{{device}} {{result}}': `3600 * sum by (device, result) (${rate('iotawatt_sync_passes_total')})` },
    }),
    chart({
      title: 'Request duration, 95th percentile',
      unit: 's',
      width: 12,
      lanes: {
        '{{device}} {{kind}}': `histogram_quantile(0.95, sum by (device, kind, le) (${rate('iotawatt_sync_request_duration_seconds_bucket')}))`,
      },
    }),
    chart({
      title: 'Duration of the last sync cycle',
      unit: 's',
      width: 12,
      lanes: { '{{device}}': 'max by (device) (iotawatt_sync_pass_duration_seconds)' },
    }),
    chart({
      title: 'Repeated requests',
      unit: 'short',
      width: 12,
      lanes: { '{{device}}': byDevice('increase(iotawatt_sync_retries_total[$__rate_interval])') },
    }),
    chart({
      title: 'Store errors',
      unit: 'short',
      width: 12,
      lanes: { '{{reason}}': 'sum by (reason) (increase(iotawatt_sync_store_errors_total[$__rate_interval]))' },
    }),
    columns({
      title: 'Firing alerts',
      width: 24,
      height: 6,
      lanes: {
        Since:
          '1000 * max by (alertname, device, location, severity) (ALERTS_FOR_STATE{alertgroup="iotawatt-sync"} and ignoring (alertstate) ALERTS{alertgroup="iotawatt-sync",alertstate="firing"})',
      },
      units: { Since: 'dateTimeFromNow' },
    }),
  ],
})
