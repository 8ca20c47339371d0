import type { Column, DeviceChannel } from '../../model/device.ts'
import { minuteCount, MINUTE_MS, type TimeWindow } from '../../model/time-window.ts'

/** Less than this is not told apart from nothing. */
const MIN_LEVEL = 0.001
/** A minute that was not logged takes at least this from the time logged. */
const NEARLY_A_MINUTE_MS = MINUTE_MS - 500
const MAX_GAUGES = 3

/**
 * Columns from which follows for how much of a row the device was logging: what an input accumulated, and its mean,
 * which is over logged time only. A voltage comes first, as it is never 0.
 */
export function gaugeColumns(listed: readonly DeviceChannel[]): Column[] {
  const inputs = listed.filter(({ name, kind }) => kind === 'input' && /^\w+$/.test(name))
  const isVoltage = ({ unit }: DeviceChannel) => unit === 'Volts'
  const gauges = [...inputs.filter(isVoltage), ...inputs.filter((channel) => !isVoltage(channel))]
  return gauges.slice(0, MAX_GAUGES).flatMap(({ name }) => [
    { name, unit: 'wh', decimals: 9 },
    { name, unit: 'watts', decimals: 9 },
  ])
}

/** Whether the device was logging in every minute of the span, by the values of the gauge columns; false in doubt. */
export function isLoggedThroughout(gauges: readonly (number | null)[], span: TimeWindow): boolean {
  const level = (index: number) => Math.abs(gauges[index + 1] ?? 0)
  let best = 0
  for (let index = 0; index < gauges.length; index += 2) if (level(index) > level(best)) best = index
  if (!(level(best) >= MIN_LEVEL)) return false
  const loggedMs = ((gauges[best] ?? 0) / (gauges[best + 1] ?? NaN)) * 3_600_000
  return minuteCount(span) * MINUTE_MS - loggedMs < NEARLY_A_MINUTE_MS
}
