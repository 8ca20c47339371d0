import { createHash } from 'node:crypto'
import type { DeviceChannel } from '../model/device.ts'
import { asFloat, asInteger, asText, type FirmwareValue, isObject, isTrue, parseFirmwareJson } from './firmware-json.ts'
import { type Formula, parseFormula } from './formula.ts'
import { CHANNEL_COUNT } from './log-record.ts'
import type { TimeZone } from './local-time.ts'

/**
 * An input of the device: `VT` measures a voltage, `CT` the current of a circuit. Any other the device measures as
 * nothing and does not list.
 */
export interface CardInput {
  readonly channel: number
  readonly name: string
  readonly type: 'VT' | 'CT' | 'unknown'
  /** The channel whose voltage it is measured against. */
  readonly voltageChannel: number
  readonly voltageFactor: number
  readonly reversed: boolean
  readonly phase: number
}

/** An output of the device: a formula over its inputs. */
export interface CardOutput {
  readonly name: string
  readonly units: string
  readonly script: string
}

/** What `config.txt` says, as far as measuring and answering go. */
export interface CardConfig {
  readonly deviceName: string
  /** Which firmware updates it takes. */
  readonly updates: string
  readonly zone: TimeZone
  readonly inputs: readonly CardInput[]
  readonly outputs: readonly CardOutput[]
}

/** Units that an output may have; any other is taken for watts. */
const OUTPUT_UNITS = ['Watts', 'Volts', 'Amps', 'VA', 'VAh', 'Hz', 'Wh', 'kWh', 'PF', 'VAR', 'VARh'] as const

/** What the device prints where a name is missing; nothing can be asked for by it. */
export const NO_NAME = '(null)'

type Fields = Readonly<Record<string, FirmwareValue>>

/** Reads the text of a `config.txt` as the firmware does; throws an `Error` that says where it is not one. */
export function parseCardConfig(text: string): CardConfig {
  const config = parseJson(text)
  if (!isObject(config)) throw new Error(`${NO_CONFIG}: it is no object`)
  const device = isObject(config['device']) ? config['device'] : {}
  return {
    deviceName: asText(device['name']) ?? 'IotaWatt',
    updates: asText(config['update']) ?? 'NONE',
    zone: readZone(config),
    inputs: readList(config, 'inputs').slice(0, CHANNEL_COUNT).flatMap(readInput),
    outputs: readList(config, 'outputs').map(readOutput),
  }
}

const NO_CONFIG = 'config.txt is not an IoTaWatt configuration'

function parseJson(text: string): FirmwareValue {
  try {
    return parseFirmwareJson(text)
  } catch (cause) {
    const what = text.trim() === '' ? 'empty' : 'not JSON'
    throw new Error(`config.txt is ${what}: was it cut off, or damaged, when it was copied?`, { cause })
  }
}

function readList(config: Fields, key: string): readonly FirmwareValue[] {
  const list = config[key]
  if (list === undefined || Array.isArray(list)) return list ?? []
  throw new Error(`${NO_CONFIG}: ${key} is no list`)
}

/** The timezone is cut to full minutes. */
function readZone({ timezone, dstrule }: Fields): TimeZone {
  const minutes = Math.trunc(60 * asFloat(timezone))
  const zone: TimeZone = { offsetMinutes: Number.isFinite(minutes) ? minutes + 0 : 0 }
  return isObject(dstrule) ? { ...zone, daylight: readDaylightRule(dstrule) } : zone
}

function readDaylightRule({ adj, utc, begin, end }: Fields): NonNullable<TimeZone['daylight']> {
  return { shiftMinutes: asInteger(adj), utc: asInteger(utc) !== 0, begin: readChange(begin), end: readChange(end) }
}

function readChange(value: FirmwareValue): NonNullable<TimeZone['daylight']>['begin'] {
  const change = isObject(value) ? value : {}
  return {
    month: asInteger(change['month']),
    weekday: asInteger(change['weekday']),
    instance: asInteger(change['instance']),
    timeMinutes: asInteger(change['time']),
  }
}

/** One that does not stand at its own place is passed over. */
function readInput(value: FirmwareValue, place: number): readonly CardInput[] {
  if (!isObject(value) || asInteger(value['channel']) !== place) return []
  const type = readType(value)
  return [
    {
      channel: place,
      name: asText(value['name']) || NO_NAME,
      type,
      voltageChannel: voltageChannel(value, { type, channel: place }),
      voltageFactor: voltageFactor(value) * (type === 'CT' && isTrue(value['double']) ? 2 : 1),
      reversed: isTrue(value['reverse']),
      phase: asFloat(value['phase']),
    },
  ]
}

function readType({ type }: Fields): CardInput['type'] {
  const text = asText(type)
  return text === 'VT' || text === 'CT' ? text : 'unknown'
}

/** `vref` was written by older versions; of a current it is not read. */
function voltageChannel({ vchan, vref }: Fields, { type, channel }: Pick<CardInput, 'type' | 'channel'>): number {
  if (type === 'VT') return channel
  return (type === 'CT' ? asInteger(vchan) : asInteger(vref)) & 0xff
}

function voltageFactor({ vmult }: Fields): number {
  return vmult === undefined ? 1 : asFloat(vmult)
}

function readOutput(value: FirmwareValue): CardOutput {
  const output = isObject(value) ? value : {}
  return {
    name: asText(output['name']) || NO_NAME,
    units: toOutputUnits(asText(output['units']) ?? ''),
    script: asText(output['script']) ?? '',
  }
}

function toOutputUnits(units: string): string {
  return OUTPUT_UNITS.find((known) => known.toLowerCase() === units.toLowerCase()) ?? 'Watts'
}

/** What the device gives in `X-configSHA256`. */
export function configHash(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64').replaceAll('+', '-').replaceAll('/', '_')
}

/** What the device lists, inputs first; an output with the name of an input cannot be asked for, and is left out. */
export function listCardChannels(config: CardConfig): readonly DeviceChannel[] {
  const inputs = listedInputs(config).map(({ name, unit }) => ({ name, unit, kind: 'input' as const }))
  const outputs = config.outputs
    .filter((output) => !usesIntegrator(output))
    .map(({ name, units }) => ({ name, unit: units, kind: 'output' as const }))
  return [...inputs, ...outputs]
    .filter(({ name }, index, all) => all.findIndex((channel) => channel.name === name) === index)
    .map((channel) => (channel.name === NO_NAME ? { ...channel, problem: 'it has no name in config.txt' } : channel))
}

/** Those of a type that the device knows. */
export function listedInputs({ inputs }: CardConfig): readonly { readonly name: string; readonly unit: string }[] {
  return inputs
    .filter(({ type }) => type !== 'unknown')
    .map(({ name, type }) => ({ name, unit: type === 'VT' ? 'Volts' : 'Watts' }))
}

/** Undefined for a name that is not listed. */
export function findFormula(config: CardConfig, name: string): Formula | undefined {
  if (name === NO_NAME) return undefined
  const output = config.outputs.find((candidate) => candidate.name === name)
  const script = inputScript(config, name) ?? (output && usesIntegrator(output) ? undefined : output?.script)
  return script === undefined ? undefined : parseFormula(script)
}

/** An input as a formula. */
export function inputScript({ inputs }: CardConfig, name: string): string | undefined {
  const input = inputs.find((candidate) => candidate.name === name)
  return input && `@${input.channel}`
}

/** An integrator has a log of its own, which is not read here. */
export function usesIntegrator({ script }: CardOutput): boolean {
  return script.includes('!')
}
