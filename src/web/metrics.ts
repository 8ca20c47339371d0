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

export interface MetricsOptions {
  /** Whether each device has series of its own; else they are of all devices together. */
  readonly ofEachDevice?: boolean
}

/** Of several devices together: what a number of each becomes. */
type Together = (values: readonly number[]) => number
const sum: Together = (values) => values.reduce((a, b) => a + b, 0)
const least: Together = (values) => values.reduce((a, b) => Math.min(a, b))
const most: Together = (values) => values.reduce((a, b) => Math.max(a, b))

export function createMetrics({ ofEachDevice = true }: MetricsOptions = {}): Metrics {
  const register = new Registry()
  const registers = [register]
  const byDevice: readonly 'device'[] = ofEachDevice ? ['device'] : []
  const of = (device: string): { device?: string } => (ofEachDevice ? { device } : {})
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
  const cycles = counter('passes_total', 'Sync cycles over the tail.', [...byDevice, 'result'])
  const cycleDuration = gauge('pass_duration_seconds', 'How long the last sync cycle took.', byDevice)
  const storeErrors = counter('store_errors_total', 'Requests that the store did not execute.', ['reason'])
  const requests = new Histogram({
    name: name('request_duration_seconds'),
    help: 'How long the device took to answer.',
    labelNames: [...byDevice, 'kind'],
    buckets: SECONDS,
    registers,
  })

  return {
    requested: (device, kind, durationMs) => requests.observe({ ...of(device), kind }, durationMs / 1000),
    retried: (device) => retries.inc(of(device)),
    written: (device, sampleCount) => samples.inc(of(device), sampleCount),
    passed(device, { rowCount, sampleCount, durationMs }, isWell) {
      cycles.inc({ ...of(device), result: isWell ? 'ok' : 'failed' })
      cycleDuration.set(of(device), durationMs / 1000)
      rows.inc(of(device), rowCount)
      confirmed.inc(of(device), sampleCount)
    },
    cycleFailed: (device) => cycles.inc({ ...of(device), result: 'failed' }),
    filled(device, { rowCount, sampleCount }, isRepair) {
      rows.inc(of(device), rowCount)
      confirmed.inc(of(device), sampleCount)
      if (isRepair) repaired.inc(of(device), sampleCount)
    },
    storeFailed: (reason) => storeErrors.inc({ reason }),
    show({ version, clock, daemon, busyMs, unusableCells, missingMinutes, history }) {
      if (history) addMoneyMetrics(register, { history, clock })
      const devices = () => daemon.status().devices
      const each = <T extends Pick<Device, 'name'>>(
        { name: rest, help, read, together }: Shown<T>,
        list: () => readonly T[],
      ) =>
        new Gauge({
          name: name(rest),
          help,
          labelNames: byDevice,
          registers,
          collect() {
            this.reset()
            const found = list().flatMap((device) => {
              const value = read(device)
              return value === undefined ? [] : [{ device: device.name, value }]
            })
            if (ofEachDevice) for (const { device, value } of found) this.set({ device }, value)
            else if (found.length > 0) this.set(together(found.map(({ value }) => value)))
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
            for (const { name: device } of devices()) this.inc(of(device), read(device))
          },
        })
      each(
        {
          name: 'lag_seconds',
          help: 'How old the newest stored minute is.',
          read: ({ lastPass }) => lastPass && Math.max(0, clock.nowMs() - lastPass.storedUntilMs) / 1000,
          together: most,
        },
        devices,
      )
      each(
        {
          name: 'position_timestamp_seconds',
          help: 'The end of the newest stored minute.',
          read: ({ lastPass }) => lastPass && lastPass.storedUntilMs / 1000,
          together: least,
        },
        devices,
      )
      each(
        {
          name: 'device_up',
          help: 'Whether the device is copied: 0 while that fails.',
          read: ({ state }) => (state === 'starting' ? undefined : state === 'ok' ? 1 : 0),
          together: least,
        },
        devices,
      )
      if (ofEachDevice)
        each(
          {
            name: 'holes_minutes',
            help: 'Minutes of the look-back that the device has and that are missing in the store.',
            read: (device) => missingMinutes(device.name),
            together: sum,
          },
          devices,
        )
      each(
        {
          name: 'device_busy_limit_ratio',
          help: 'The share of its time that a device may be kept busy.',
          read: ({ load }) => load.allowedShare,
          together: most,
        },
        daemon.details,
      )
      each(
        {
          name: 'live_busy_ratio',
          help: 'The share of its time that live readings keep a device from measuring, while somebody watches.',
          read: ({ live }) => live?.share,
          together: most,
        },
        devices,
      )
      each(
        {
          name: 'channels_missing',
          help: 'Configured channels that the device does not list.',
          read: ({ channels }) => channels.missing.length,
          together: sum,
        },
        daemon.details,
      )
      new Gauge({
        name: name('devices'),
        help: 'Devices of the configuration, by how they are doing.',
        labelNames: ['state'],
        registers,
        collect() {
          const counts = { starting: 0, ok: 0, failing: 0 }
          for (const { state } of devices()) counts[state]++
          for (const [state, count] of Object.entries(counts)) this.set({ state }, count)
        },
      })
      new Gauge({
        name: name('history_minutes'),
        help: 'Minutes of the background load.',
        labelNames: [...byDevice, 'state'],
        registers,
        collect() {
          this.reset()
          for (const { name: device, history } of devices()) {
            this.inc({ ...of(device), state: 'done' }, history.doneMinutes)
            this.inc({ ...of(device), state: 'total' }, history.totalMinutes)
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
      const { shard } = daemon.status()
      if (shard) {
        const of = { shard: String(shard.index), shards: String(shard.count) }
        gauge('shard_info', 'Which part of the devices this process copies.', ['shard', 'shards']).set(of, 1)
      }
      gauge('start_time_seconds', 'When the daemon started.', []).set(daemon.status().startedAtMs / 1000)
      for (const { name: device } of devices()) {
        for (const counted of [rows, samples, confirmed, repaired, retries]) counted.inc(of(device), 0)
        for (const result of ['ok', 'failed']) cycles.inc({ ...of(device), result }, 0)
      }
    },
    text: () => register.metrics(),
  }
}

type Device = ReturnType<Daemon['details']>[number]

/** A gauge: what it is of one device, and of all together. */
interface Shown<T> {
  readonly name: string
  readonly help: string
  readonly read: (device: T) => number | undefined
  readonly together: Together
}
