import type { CardConfig } from '../card/card-config.ts'
import { parseFormula } from '../card/formula.ts'
import type { LogFile } from '../card/log-file.ts'
import { measure, type MeasureUnit, type RecordSpan, voltageReferences } from '../card/measure.ts'
import type { DeviceLogs } from '../card/open-card.ts'
import type { Firmware } from './firmware.ts'
import { printJson } from '../card/firmware-json.ts'

/** Without an admin password nobody has to log in. */
export interface DevicePasswords {
  readonly admin?: string
  readonly user?: string
  /** Who is on the local network need not log in. */
  readonly localAccess?: boolean
}

/** What the device tells of itself; times in Unix seconds. */
export interface StatusContext {
  readonly config: CardConfig
  readonly logs: DeviceLogs
  readonly passwords: DevicePasswords
  readonly firmware: Firmware
  readonly mac: string
  /** What it reads at present in the place of what it logs, by the name of an input or output. */
  readonly readings?: ReadonlyMap<string, number>
  /** The last moment; left out: what the last records of the log hold. */
  readonly moment?: RecordSpan | undefined
  readonly startS: number
  readonly nowS: number
}

const LIVE_SPAN_S = 5

/** The JSON of `/status`: a key for each flag that was asked, in the firmware's order. */
export function answerStatus(flags: ReadonlyMap<string, string>, context: StatusContext): string {
  const parts: Record<string, () => unknown> = {
    device: () => deviceStatus(context.config),
    stats: () => statsStatus(context),
    inputs: () => inputStatus(context),
    outputs: () => outputStatus(context),
    ...UPLOADERS[context.firmware.uploaders],
    datalogs: () => listLogs(context),
    ...(context.firmware.tellsStart && { wifi: () => wifiStatus(context) }),
    passwords: () => passwordStatus(context),
  }
  const asked = Object.entries(parts).filter(([flag]) => flags.has(flag))
  return printJson(Object.fromEntries(asked.map(([flag, read]) => [flag, read()])))
}

const none = () => ({ state: 'not running' })
const never = () => ({ running: false, lastpost: 0 })

const UPLOADERS: Record<Firmware['uploaders'], Record<string, () => unknown>> = {
  list: { uploaders: () => [] },
  four: { influx1: none, influx2: none, emoncms: none, pvoutput: none },
  three: { influx: never, emon: never, pvoutput: () => ({ state: 'stopped' }) },
}

function deviceStatus({ deviceName, zone, updates }: CardConfig): unknown {
  const allowdst = zone.daylight !== undefined
  return { name: deviceName, timediff: zone.offsetMinutes, allowdst, update: updates }
}

function statsStatus({ startS, nowS, firmware }: StatusContext): unknown {
  return {
    cyclerate: 640,
    chanrate: 68.5,
    ...(firmware.tellsStart && { starttime: startS, currenttime: nowS }),
    runseconds: nowS - startS,
    stack: 26_000,
    version: firmware.version,
    frequency: 60,
    lowbat: false,
  }
}

function inputStatus(context: StatusContext): unknown {
  const read = liveReader(context)
  return context.config.inputs.map(({ channel, name, type, phase, reversed }) => {
    const script = `@${channel}`
    const reading = context.readings?.get(name)
    if (type === 'unknown') return { channel }
    if (type === 'VT')
      return { channel, Vrms: reading ?? read(script, 'volts'), Hz: reading ?? read(script, 'hz'), phase: 1.95 }
    const power = { channel, Watts: printWatts(reading ?? read(script, 'watts')), Pf: reading ?? read(script, 'pf') }
    const phases = { phase: Number(phase.toPrecision(7)), lastphase: reading ?? 0 }
    return { ...power, ...(reversed ? { reversed } : {}), ...phases }
  })
}

/** Power that is nearly none is none; the text has two places at least, and no sign of an infinity. */
function printWatts(watts: number): string {
  if (!Number.isFinite(watts)) return Number.isNaN(watts) ? 'nan' : 'inf'
  return (watts > -2 && watts < 2 ? '0' : watts.toFixed(0)).padStart(2)
}

function outputStatus(context: StatusContext): unknown {
  const read = liveReader(context)
  return context.config.outputs.map(({ name, units, script }) => {
    return { name, units, value: context.readings?.get(name) ?? read(script, toUnit(units)) }
  })
}

/** Live readings. */
function liveReader({ config, logs, moment }: StatusContext): (script: string, unit: MeasureUnit) => number {
  const span = moment ?? lastSpan(logs.current)
  const references = voltageReferences(config)
  return (script, unit) =>
    span === undefined ? 0 : Number(measure(parseFormula(script), span, { unit, references }).toPrecision(7))
}

function lastSpan(current: LogFile | undefined): RecordSpan | undefined {
  if (current === undefined || current.lastKeyS === 0) return undefined
  const span = { from: current.read(current.lastKeyS - LIVE_SPAN_S), until: current.read(current.lastKeyS) }
  return span.until.logHours === span.from.logHours ? undefined : span
}

const OUTPUT_UNITS = ['volts', 'wh', 'kwh', 'amps', 'va', 'vah', 'hz', 'pf', 'var', 'varh'] as const

function toUnit(units: string): MeasureUnit {
  return OUTPUT_UNITS.find((unit) => unit === units.toLowerCase()) ?? 'watts'
}

function listLogs({ logs, firmware }: StatusContext): unknown {
  const current = logStatus(5, logs.current)
  const history = logStatus(60, logs.history)
  if (firmware.logList === 'object') return { currlog: current, histlog: history }
  if (firmware.logList === 'without-ids') return [current, history]
  return [
    { id: 'Current', ...current },
    { id: 'History', ...history },
  ]
}

/** A log that is not open yet has no keys. */
function logStatus(interval: number, log: LogFile | undefined): object {
  return { firstkey: log?.firstKeyS ?? 0, lastkey: log?.lastKeyS ?? 0, size: log?.sizeBytes ?? 0, interval }
}

function wifiStatus({ startS, mac }: StatusContext): unknown {
  return { connecttime: startS, SSID: 'hostnet', IP: '127.0.0.1', channel: 1, RSSI: -60, mac }
}

function passwordStatus({ passwords, firmware }: StatusContext): unknown {
  const { admin, user, localAccess = false } = passwords
  return { admin: admin !== undefined, user: user !== undefined, ...(firmware.hasLocalAccess && { localAccess }) }
}
