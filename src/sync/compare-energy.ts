import type { TimeWindow } from '../model/time-window.ts'
import { minuteCount } from '../model/time-window.ts'
import type { Session } from './session.ts'
import type { Target } from './target.ts'

/** The energy of all channels in watts, each side in its own words: a check that nothing is missing or there twice. */
export interface EnergyReport {
  readonly channelCount: number
  /** What the device has counted. */
  readonly deviceKwh: number
  /** What the stored minutes come to. */
  readonly storeKwh: number
}

/** Firmware before 02_08_00 cuts a number after 11 characters. */
const WH_DECIMALS = 1

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
    ({ channel, wanted, key }) =>
      channel.unit === 'watts' &&
      !outputs.has(channel.name) &&
      minuteCount(wanted) > 0 &&
      // What it has counted holds what cannot be used.
      !memory.unusable.has(key),
  )
  let deviceWh = 0
  let wattMinutes = 0
  for (const { window, targets: together } of byWindow(counted)) {
    const columns = together.map(({ channel }) => ({ name: channel.name, unit: 'wh', decimals: WH_DECIMALS }) as const)
    const { rows } = await device.fetchRows({ columns, window, step: 'whole' }, signal)
    deviceWh += sum(
      rows.flatMap(({ values }) => values.map((value) => (value !== null && Number.isFinite(value) ? value : 0))),
    )
    const series = together.map(({ labels }) => labels)
    wattMinutes += sum((await store.totals(series, window, signal)).map((total) => total.sum))
  }
  return { channelCount: counted.length, deviceKwh: deviceWh / 1000, storeKwh: wattMinutes / 60_000 }
}

function byWindow(targets: readonly Target[]): readonly { window: TimeWindow; targets: Target[] }[] {
  const groups = new Map<string, { window: TimeWindow; targets: Target[] }>()
  for (const target of targets) {
    const key = `${target.wanted.fromMs}-${target.wanted.untilMs}`
    const group = groups.get(key) ?? { window: target.wanted, targets: [] }
    group.targets.push(target)
    groups.set(key, group)
  }
  return [...groups.values()]
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
