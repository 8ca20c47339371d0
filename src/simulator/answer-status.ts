import type { CardConfig } from '../card/card-config.ts'
import { parseFormula } from '../card/formula.ts'
import { measure, type MeasureUnit, type RecordSpan } from '../card/measure.ts'
import type { DeviceLogs } from '../card/read-logs.ts'
import type { LogFile } from '../card/log-file.ts'
import type { DevicePasswords } from './digest-login.ts'
import { voltageReferences } from '../card/voltage-references.ts'

/** What the device tells of itself; times in Unix seconds. */
export interface StatusContext {
  readonly config: CardConfig
  readonly logs: DeviceLogs
  readonly passwords: DevicePasswords
  readonly startS: number
  readonly nowS: number
}

const FIRMWARE_VERSION = '02_08_04'
const LIVE_SPAN_S = 5

/** The JSON of `/status`: a key for each flag that was asked, in the firmware's order. */
export function answerStatus(flags: ReadonlyMap<string, string>, context: StatusContext): string {
  const parts: Record<string, () => unknown> = {
    device: () => deviceStatus(context.config),
    stats: () => statsStatus(context),
    inputs: () => inputStatus(context),
    outputs: () => outputStatus(context),
    uploaders: () => [],
    datalogs: () => [logStatus('Current', 5, context.logs.current), logStatus('History', 60, context.logs.history)],
    wifi: () => wifiStatus(context),
    passwords: () => passwordStatus(context.passwords),
  }
  const asked = Object.entries(parts).filter(([flag]) => flags.has(flag))
  return JSON.stringify(Object.fromEntries(asked.map(([flag, read]) => [flag, read()])))
}

function deviceStatus({ deviceName, zone, updates }: CardConfig): unknown {
  const allowdst = zone.daylight !== undefined
  return { name: deviceName, timediff: zone.offsetMinutes, allowdst, update: updates }
}

function statsStatus({ startS, nowS }: StatusContext): unknown {
  return {
    cyclerate: 640,
    chanrate: 68.5,
    starttime: startS,
    currenttime: nowS,
    runseconds: nowS - startS,
    stack: 26_000,
    version: FIRMWARE_VERSION,
    frequency: 60,
    lowbat: false,
  }
}

function inputStatus(context: StatusContext): unknown {
  const read = liveReader(context)
  return context.config.inputs.map(({ channel, type, phase, reversed }) => {
    const script = `@${channel}`
    if (type === 'VT') return { channel, Vrms: read(script, 'volts'), Hz: read(script, 'hz'), phase: 1.95 }
    const power = { channel, Watts: read(script, 'watts').toFixed(0), Pf: read(script, 'pf') }
    return { ...power, ...(reversed ? { reversed } : {}), phase, lastphase: 0 }
  })
}

function outputStatus(context: StatusContext): unknown {
  const read = liveReader(context)
  return context.config.outputs.map(({ name, units, script }) => ({ name, units, value: read(script, toUnit(units)) }))
}

/** Live readings: what the last records hold. */
function liveReader({ config, logs }: StatusContext): (script: string, unit: MeasureUnit) => number {
  const span = lastSpan(logs.current)
  const references = voltageReferences(config)
  return (script, unit) =>
    span === undefined ? 0 : Number(measure(parseFormula(script), span, { unit, references }).toPrecision(7))
}

function lastSpan(current: LogFile | undefined): RecordSpan | undefined {
  if (current === undefined || current.lastKeyS === 0) return undefined
  const span = { from: current.read(current.lastKeyS - LIVE_SPAN_S), until: current.read(current.lastKeyS) }
  return span.until.logHours === span.from.logHours ? undefined : span
}

function toUnit(units: string): MeasureUnit {
  const unit = units.toLowerCase()
  switch (unit) {
    case 'volts':
    case 'wh':
    case 'kwh':
    case 'amps':
    case 'va':
    case 'vah':
    case 'hz':
    case 'pf':
    case 'var':
    case 'varh':
      return unit
    default:
      return 'watts'
  }
}

/** A log that is not open yet has no keys. */
function logStatus(id: string, interval: number, log: LogFile | undefined): unknown {
  return { id, firstkey: log?.firstKeyS ?? 0, lastkey: log?.lastKeyS ?? 0, size: log?.sizeBytes ?? 0, interval }
}

function wifiStatus({ startS }: StatusContext): unknown {
  return {
    connecttime: startS,
    SSID: 'hostnet',
    IP: '127.0.0.1',
    channel: 1,
    RSSI: -60,
    mac: '00:00:00:00:00:01',
  }
}

function passwordStatus({ admin, user, localAccess }: DevicePasswords): unknown {
  return { admin: admin !== undefined, user: user !== undefined, localAccess: localAccess ?? false }
}
