import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Daemon } from '../model/daemon.ts'
import type { House } from '../model/house-views.ts'
import type { Clock } from '../runtime/clock.ts'
import { addMoneyMetrics } from './money-metrics.ts'

/** What a question to a device is about. */
export type RequestKind = 'live' | 'status' | 'series' | 'query' | 'config'

export interface Filled {
  readonly rowCount: number
  readonly sampleCount: number
}

export interface MetricsSources {
  readonly version: string
  readonly clock: Pick<Clock, 'nowMs'>
  readonly daemon: Daemon
  /** How long our questions have kept a device busy. */
  readonly busyMs: (device: string) => number
  /** Values of a device that could not be used, and were left out. */
  readonly unusableCells: (device: string) => number
  /** Minutes of the look-back that the device has and that are missing in the store. */
  readonly missingMinutes: (device: string) => number
  /** Left out: no tariff is configured. */
  readonly history?: Pick<House, 'tariffs' | 'costs'>
}

/** Numbers of the daemon; labels are devices of the configuration and words of this program, so they are few. */
export interface Metrics {
  requested(device: string, kind: RequestKind, durationMs: number): void
  retried(device: string): void
  written(device: string, sampleCount: number): void
  passed(device: string, cycle: Filled & { readonly durationMs: number }, isWell: boolean): void
  cycleFailed(device: string): void
  /** Stored and confirmed outside of the sync cycles; `isRepair`: it had been stored before, or should have been. */
  filled(device: string, filled: Filled, isRepair: boolean): void
  storeFailed(reason: string): void
  /** What is read when somebody asks. */
  show(sources: MetricsSources): void
  text(): Promise<string>
}

const SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

export function createMetrics(): Metrics {
  const register = new Registry()
  const registers = [register]
  const byDevice = ['device'] as const
  const name = (rest: string) => `iotawatt_sync_${rest}`
  const counter = <T extends string>(rest: string, help: string, labelNames: readonly T[]) =>
    new Counter({ name: name(rest), help, labelNames: [...labelNames], registers })
  const gauge = <T extends string>(rest: string, help: string, labelNames: readonly T[]) =>
    new Gauge({ name: name(rest), help, labelNames: [...labelNames], registers })

  const rows = counter('rows_total', 'Rows read from the device.', byDevice)
  const samples = counter('samples_total', 'Samples sent to the store.', byDevice)
  const confirmed = counter('confirmed_samples_total', 'Samples that were read back from the store.', byDevice)
  const repaired = counter(
    'repaired_samples_total',
    'Samples confirmed of minutes that were missing in what was complete.',
    byDevice,
  )
  const retries = counter('retries_total', 'Questions to the device that were asked again.', byDevice)
  const cycles = counter('passes_total', 'Sync cycles over the tail.', ['device', 'result'])
  const cycleDuration = gauge('pass_duration_seconds', 'How long the last sync cycle took.', byDevice)
  const storeErrors = counter('store_errors_total', 'Requests that the store did not execute.', ['reason'])
  const requests = new Histogram({
    name: name('request_duration_seconds'),
    help: 'How long the device took to answer.',
    labelNames: ['device', 'kind'],
    buckets: SECONDS,
    registers,
  })

  return {
    requested: (device, kind, durationMs) => requests.observe({ device, kind }, durationMs / 1000),
    retried: (device) => retries.inc({ device }),
    written: (device, sampleCount) => samples.inc({ device }, sampleCount),
    passed(device, { rowCount, sampleCount, durationMs }, isWell) {
      cycles.inc({ device, result: isWell ? 'ok' : 'failed' })
      cycleDuration.set({ device }, durationMs / 1000)
      rows.inc({ device }, rowCount)
      confirmed.inc({ device }, sampleCount)
    },
    cycleFailed: (device) => cycles.inc({ device, result: 'failed' }),
    filled(device, { rowCount, sampleCount }, isRepair) {
      rows.inc({ device }, rowCount)
      confirmed.inc({ device }, sampleCount)
      if (isRepair) repaired.inc({ device }, sampleCount)
    },
    storeFailed: (reason) => storeErrors.inc({ reason }),
    show({ version, clock, daemon, busyMs, unusableCells, missingMinutes, history }) {
      if (history) addMoneyMetrics(register, { history, clock })
      const devices = () => daemon.status().devices.map(({ name: device }) => device)
      const each = (rest: string, help: string, read: (device: Device) => number | undefined) =>
        new Gauge({
          name: name(rest),
          help,
          labelNames: byDevice,
          registers,
          collect() {
            this.reset()
            for (const device of daemon.details()) {
              const value = read(device)
              if (value !== undefined) this.set({ device: device.name }, value)
            }
          },
        })
      const total = (rest: string, help: string, read: (device: string) => number) =>
        new Counter({
          name: name(rest),
          help,
          labelNames: byDevice,
          registers,
          collect() {
            this.reset()
            for (const device of devices()) this.inc({ device }, read(device))
          },
        })
      each(
        'lag_seconds',
        'How old the newest stored minute is.',
        ({ lastPass }) => lastPass && Math.max(0, clock.nowMs() - lastPass.storedUntilMs) / 1000,
      )
      each(
        'position_timestamp_seconds',
        'The end of the newest stored minute.',
        ({ lastPass }) => lastPass && lastPass.storedUntilMs / 1000,
      )
      each('device_up', 'Whether the device is copied: 0 while that fails.', ({ state }) =>
        state === 'starting' ? undefined : state === 'ok' ? 1 : 0,
      )
      each(
        'holes_minutes',
        'Minutes of the look-back that the device has and that are missing in the store.',
        (device) => missingMinutes(device.name),
      )
      each(
        'device_busy_limit_ratio',
        'The share of its time that a device may be kept busy.',
        ({ load }) => load.allowedShare,
      )
      each(
        'live_busy_ratio',
        'The share of its time that live readings keep a device from measuring, while somebody watches.',
        ({ live }) => live?.share,
      )
      each(
        'channels_missing',
        'Configured channels that the device does not list.',
        ({ channels }) => channels.missing.length,
      )
      new Gauge({
        name: name('history_minutes'),
        help: 'Minutes of the background load.',
        labelNames: ['device', 'state'],
        registers,
        collect() {
          for (const { name: device, history } of daemon.status().devices) {
            this.set({ device, state: 'done' }, history.doneMinutes)
            this.set({ device, state: 'total' }, history.totalMinutes)
          }
        },
      })
      total(
        'device_busy_seconds_total',
        'How long our questions have kept the device from measuring.',
        (device) => busyMs(device) / 1000,
      )
      total(
        'unusable_cells_total',
        'Values of the device that are no number, or beyond what a channel can measure; they are left out.',
        unusableCells,
      )
      new Gauge({
        name: name('store_up'),
        help: 'Whether the store did what it was last asked.',
        registers,
        collect() {
          this.set(daemon.store().state === 'ok' ? 1 : 0)
        },
      })
      gauge('build_info', 'The version that runs.', ['version']).set({ version }, 1)
      gauge('start_time_seconds', 'When the daemon started.', []).set(daemon.status().startedAtMs / 1000)
      for (const device of devices()) {
        for (const counted of [rows, samples, confirmed, repaired, retries]) counted.inc({ device }, 0)
        for (const result of ['ok', 'failed']) cycles.inc({ device, result }, 0)
      }
    },
    text: () => register.metrics(),
  }
}

type Device = ReturnType<Daemon['details']>[number]
