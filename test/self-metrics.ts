import { UNITS } from './two-units.ts'

const SCRAPE_S = 30

interface Shape {
  readonly name: string
  readonly labels?: Readonly<Record<string, string>>
  /** The value `ageS` seconds after the first scrape. */
  readonly at: (ageS: number) => number
}

const steady = (value: number) => () => value
const rising = (perSecond: number) => (ageS: number) => perSecond * ageS

/** What the daemon's /metrics would have told a scraper, of two devices that are well. */
const OF_A_DEVICE: readonly Shape[] = [
  { name: 'device_up', at: steady(1) },
  { name: 'lag_seconds', at: (ageS) => 60 + (ageS % 300) },
  { name: 'position_timestamp_seconds', at: rising(1) },
  { name: 'rows_total', at: rising(1 / 60) },
  { name: 'samples_total', at: rising(14 / 60) },
  { name: 'confirmed_samples_total', at: rising(14 / 60) },
  { name: 'repaired_samples_total', at: steady(28) },
  { name: 'holes_minutes', at: steady(0) },
  { name: 'retries_total', at: rising(1 / 3600) },
  { name: 'device_busy_seconds_total', at: rising(0.02) },
  { name: 'device_busy_limit_ratio', at: steady(0.25) },
  { name: 'passes_total', labels: { result: 'ok' }, at: rising(12 / 3600) },
  { name: 'passes_total', labels: { result: 'failed' }, at: steady(1) },
  { name: 'pass_duration_seconds', at: steady(1.5) },
  { name: 'channels_missing', at: steady(0) },
  { name: 'history_minutes', labels: { state: 'done' }, at: steady(3240) },
  { name: 'history_minutes', labels: { state: 'total' }, at: steady(4320) },
  ...['0.1', '1', '+Inf'].map((le, index) => ({
    name: 'request_duration_seconds_bucket',
    labels: { kind: 'query', le },
    at: rising(index === 0 ? 0.01 : 0.02),
  })),
]

const OF_THE_DAEMON: readonly Shape[] = [
  { name: 'store_up', at: steady(1) },
  { name: 'store_errors_total', labels: { reason: 'timeout' }, at: steady(2) },
  { name: 'start_time_seconds', at: steady(1_717_000_000) },
  { name: 'build_info', labels: { version: '0.1.0' }, at: steady(1) },
]

export interface SelfMetricsOptions {
  readonly fromS: number
  readonly untilS: number
  /** Other than well: by name, without `iotawatt_sync_`. */
  readonly changes?: Readonly<Record<string, Shape['at']>>
}

/** Import lines of them, with what vmalert and the scraper add. */
export function selfMetrics({ fromS, untilS, changes = {} }: SelfMetricsOptions): string {
  const own = [
    ...UNITS.flatMap((device) => OF_A_DEVICE.map((shape) => ({ ...shape, labels: { ...shape.labels, device } }))),
    ...OF_THE_DAEMON,
  ].map((shape) => ({ ...shape, name: `iotawatt_sync_${shape.name}`, at: changes[shape.name] ?? shape.at }))
  const alert = { alertname: 'IotawattHoles', alertgroup: 'iotawatt-sync', device: 'iwatt5', severity: 'warning' }
  const added: Shape[] = [
    { name: 'up', at: changes['up'] ?? steady(1) },
    { name: 'ALERTS', labels: { ...alert, alertstate: 'firing' }, at: steady(1) },
    { name: 'ALERTS_FOR_STATE', labels: alert, at: steady(untilS - 3600) },
  ]
  const times = Array.from({ length: (untilS - fromS) / SCRAPE_S + 1 }, (_, index) => fromS + index * SCRAPE_S)
  return [...own, ...added]
    .map(({ name, labels, at }) =>
      JSON.stringify({
        metric: { __name__: name, job: 'iotawatt-sync', instance: 'iotawatt-sync:8480', ...labels },
        values: times.map((atS) => at(atS - fromS)),
        timestamps: times.map((atS) => atS * 1000),
      }),
    )
    .join('\n')
}
