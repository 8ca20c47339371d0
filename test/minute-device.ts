import type { Column, Device, Row, RowBatch, RowRequest } from '../src/model/device.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS, minuteCount, splitWindow, type TimeWindow } from '../src/model/time-window.ts'

export interface MinuteDeviceOptions {
  readonly channels: readonly string[]
  readonly window: TimeWindow
  readonly isLogged: (atMs: number) => boolean
  /** Asked before each batch of minutes, which then is at most so long; it may throw. */
  readonly batchRows?: () => number
}

/** A device that is nothing but minutes, each of them logged or not: the plainest that a plan can be tried on. */
export function minuteDevice({ channels, window, isLogged, batchRows = () => 1_000 }: MinuteDeviceOptions): Device {
  function valueOf({ name, unit }: Column, logged: readonly number[]): number {
    const watts = logged.reduce((sum, atMs) => sum + wattsOf(name, atMs), 0)
    return unit === 'wh' ? watts / 60 : watts / logged.length
  }

  function rowOf({ columns }: Pick<RowRequest, 'columns'>, span: TimeWindow): Row {
    const logged = splitWindow(span, MINUTE_MS).flatMap(({ fromMs }) => (isLogged(fromMs) ? [fromMs] : []))
    return { atMs: span.fromMs, values: columns.map((column) => (logged.length > 0 ? valueOf(column, logged) : null)) }
  }

  async function fetchRows({ columns, window: asked, step }: RowRequest): Promise<RowBatch> {
    if (minuteCount(asked) === 0) throw new RangeError('a device was asked for nothing')
    const rowMs = { minute: MINUTE_MS, hour: HOUR_MS, day: DAY_MS, window: asked.untilMs - asked.fromMs }[step]
    const spans = splitWindow(asked, rowMs).slice(0, step === 'minute' ? batchRows() : undefined)
    return { rows: spans.map((span) => rowOf({ columns }, span)), untilMs: spans.at(-1)?.untilMs ?? asked.fromMs }
  }

  return {
    name: 'minutes',
    status: async () => ({
      name: 'minutes',
      version: '02_08_03',
      startedAtMs: window.fromMs - DAY_MS,
      clockMs: window.untilMs,
      firstMs: window.fromMs,
      newestMs: window.untilMs,
    }),
    listChannels: async () => channels.map((name) => ({ name, unit: 'Watts', kind: 'input' })),
    fetchRows,
    configFingerprint: async () => 'the same',
    close: async () => {},
  }
}

/** Never 0, and different in each minute of a day and channel. */
export function wattsOf(channel: string, atMs: number): number {
  return channel.charCodeAt(0) * 2_000 + ((atMs / MINUTE_MS) % 1_440)
}
