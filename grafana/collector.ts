import { BigValueTextMode } from '@grafana/grafana-foundation-sdk/common'
import { buildDashboard } from './dashboard.ts'
import { chart, columns, figures } from './panels.ts'

const rate = (counter: string) => `rate(${counter}[$__rate_interval])`
const byDevice = (expr: string) => `sum by (device) (${expr})`

export const collectorDashboard = buildDashboard({
  title: 'IoTaWatt: Collector',
  uid: 'iotawatt-collector',
  description: 'How iotawatt-sync is, and what it does to the devices.',
  from: 'now-24h',
  variables: [],
  panels: [
    figures({ title: 'Store answers', unit: 'bool_yes_no', width: 4, lanes: { Store: 'min(iotawatt_sync_store_up)' } }),
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
    }),
    figures({
      title: 'Channels that the device does not have',
      unit: 'short',
      width: 5,
      lanes: { '{{device}}': 'max by (device) (iotawatt_sync_channels_missing)' },
    }),
    chart({
      title: 'Lag',
      description: 'It rises between sync cycles and falls with each.',
      unit: 's',
      width: 12,
      lanes: { '{{device}}': 'max by (device) (max_over_time(iotawatt_sync_lag_seconds[$__interval]))' },
    }),
    chart({
      title: 'Time that the device spends answering',
      description: 'It does not measure meanwhile. What the configuration allows is beside it.',
      unit: 'percentunit',
      width: 12,
      lanes: {
        '{{device}}': byDevice(rate('iotawatt_sync_device_busy_seconds_total')),
        '{{device}} allowed': 'max by (device) (iotawatt_sync_device_busy_limit_ratio)',
      },
    }),
    chart({
      title: 'Samples a minute',
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
      title: 'How long requests take, 95 of 100',
      unit: 's',
      width: 12,
      lanes: {
        '{{device}} {{kind}}': `histogram_quantile(0.95, sum by (device, kind, le) (${rate('iotawatt_sync_request_duration_seconds_bucket')}))`,
      },
    }),
    chart({
      title: 'How long the last sync cycle took',
      unit: 's',
      width: 12,
      lanes: { '{{device}}': 'max by (device) (iotawatt_sync_pass_duration_seconds)' },
    }),
    chart({
      title: 'Questions asked again',
      unit: 'short',
      width: 12,
      lanes: { '{{device}}': byDevice('increase(iotawatt_sync_retries_total[$__rate_interval])') },
    }),
    chart({
      title: 'Errors of the store',
      unit: 'short',
      width: 12,
      lanes: { '{{reason}}': 'sum by (reason) (increase(iotawatt_sync_store_errors_total[$__rate_interval]))' },
    }),
    columns({
      title: 'Alerts that fire',
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
