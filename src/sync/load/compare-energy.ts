import { at } from '../../model/at.ts'
import type { TimeWindow } from '../../model/time-window.ts'
import { minuteCount } from '../../model/time-window.ts'
import type { Session } from '../session/session.ts'
import type { Target } from '../session/target.ts'

/** The energy of all channels in watts, each side in its own words: a check that nothing is missing or there twice. */
export interface EnergyReport {
  readonly channelCount: number
  readonly deviceKwh: number
  readonly storeKwh: number
  /** How far they are apart, channel by channel. */
  readonly differenceKwh: number
  /** Whether that is more than rounding, and the parts of minutes around restarts of the device, can explain. */
  readonly differs: boolean
}

/** Firmware before 02_08_00 cuts a number after 11 characters. */
const WH_DECIMALS = 1
const TOLERATED_KWH = 0.1
const TOLERATED_SHARE = 0.005

/** Two records to read on the device, however long it was. Outputs are left out: only inputs add up. */
export async function compareEnergy(
  session: Session,
  targets: readonly Target[],
  signal: AbortSignal,
): Promise<EnergyReport> {
  const { device, store, memory } = session
  const listed = await device.listChannels(signal)
  const outputs = new Set(listed.filter(({ kind }) => kind === 'output').map(({ name }) => name))
  const counted = targets.filter(
    ({ channel, expected, key }) =>
      channel.unit === 'watts' &&
      !outputs.has(channel.name) &&
      minuteCount(expected) > 0 &&
      // What it has counted holds what cannot be used.
      !memory.deviceLog.unusable.has(key),
  )
  const deviceWh: number[] = []
  const storeWh: number[] = []
  let extraSamples = 0
  for (const { window, targets: together } of byWindow(counted)) {
    const columns = together.map(({ channel }) => ({ name: channel.name, unit: 'wh', decimals: WH_DECIMALS }) as const)
    const { rows } = await device.fetchRows({ columns, window, step: 'window' }, signal)
    const finite = (value: number | null) => (value !== null && Number.isFinite(value) ? value : 0)
    deviceWh.push(...columns.map((_, column) => sum(rows.map(({ values }) => finite(at(values, column))))))
    const series = together.map(({ labels }) => labels)
    const totals = await store.totals(series, window, signal)
    storeWh.push(...totals.map((total) => total.sum / 60))
    extraSamples += sum(totals.map(({ count }) => Math.max(0, count - minuteCount(window))))
  }
  const differenceKwh = sum(deviceWh.map((wh, index) => Math.abs(wh - at(storeWh, index)))) / 1000
  const toleratedKwh = TOLERATED_KWH + TOLERATED_SHARE * (sum(deviceWh.map(Math.abs)) / 1000)
  return {
    channelCount: counted.length,
    deviceKwh: sum(deviceWh) / 1000,
    storeKwh: sum(storeWh) / 1000,
    differenceKwh,
    // Minutes that are stored more than once, or off the minute, explain any difference.
    differs: differenceKwh > toleratedKwh && extraSamples === 0,
  }
}

function byWindow(targets: readonly Target[]): readonly { window: TimeWindow; targets: Target[] }[] {
  const groups = new Map<string, { window: TimeWindow; targets: Target[] }>()
  for (const target of targets) {
    const key = `${target.expected.fromMs}-${target.expected.untilMs}`
    const group = groups.get(key) ?? { window: target.expected, targets: [] }
    group.targets.push(target)
    groups.set(key, group)
  }
  return [...groups.values()]
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
