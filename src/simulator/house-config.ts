import { CHANNEL_COUNT } from '../card/log-record.ts'
import { printJson } from './print-json.ts'
import type { HouseChannel, HouseUnit } from './two-unit-house.ts'

const US_DAYLIGHT_TIME = {
  adj: 60,
  utc: false,
  begin: { month: 3, weekday: 1, instance: 2, time: 120 },
  end: { month: 11, weekday: 1, instance: 1, time: 120 },
}

/** The `config.txt` of a unit. */
export function houseConfig(unit: HouseUnit): string {
  const inputs = Array.from({ length: CHANNEL_COUNT }, (_, channel) => inputConfig(channel, unit.channels[channel]))
  return printJson({
    format: 2,
    timezone: -5,
    update: 'NONE',
    dstrule: US_DAYLIGHT_TIME,
    device: { name: unit.name, version: 3, channels: String(CHANNEL_COUNT) },
    inputs,
    outputs: [],
  })
}

function inputConfig(channel: number, circuit: HouseChannel | undefined): unknown {
  if (circuit === undefined) return null
  const { name, type, signed } = circuit
  if (type === 'VT') return { channel, name, type, model: 'TDC DA-10-09', cal: 10.67, phase: 0.5 }
  return { channel, name, type, model: 'AccuCT50', phase: 0.1, cal: 50, vref: 0, ...(signed ? { signed } : {}) }
}
