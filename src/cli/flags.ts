import { resolve } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import * as z from 'zod'
import { parsePointInTime, readDeviceLoad } from '../config/setting-kinds.ts'
import { readShard } from '../config/shard.ts'
import { WIRINGS } from '../model/house-views.ts'
import { LOAD_ORDERS } from '../sync/copy/anchor-series.ts'
import { STAMPS } from '../tariff/meter-columns.ts'
import { EXPORT_FORMATS, TEXT_FORMATS } from './export-format.ts'

/** What a flag is beside its type and default, which its schema has. */
interface FlagText {
  /** What `--help` says. */
  readonly text: string
  /** How `--help` shows its value; left out: it has none. */
  readonly value?: string
  /** @throws InvalidArgumentError */
  readonly read?: (text: string) => unknown
  /** What it means without its value. */
  readonly preset?: string
}

const FLAG_TEXTS = z.registry<FlagText>()

function flag<T extends z.ZodType>(schema: T, text: string, more: Omit<FlagText, 'text'> = {}): T {
  FLAG_TEXTS.add(schema, { text, ...more })
  return schema
}
const yes = (words: string) => flag(z.boolean().default(false), words)
const text = (value: string, words: string) => flag(z.string().optional(), words, { value })
const list = (value: string, words: string) =>
  flag(z.array(z.string()).default([]), `${words} (may be repeated)`, { value })
const number = (value: string, words: string, byDefault: number) =>
  flag(z.number().default(byDefault), words, { value, read: toNumber })
const amount = (value: string, words: string) => flag(z.number().optional(), words, { value, read: toAmount })
/** As it was given: the zone of the house is not known yet. */
const time = (words: string) =>
  flag(z.string().optional(), words, { value: '<time>', read: (given) => toTime(given) && given })

/** Each group of flags: a key is the name (`fromCard` is `--from-card`), its schema also what the socket carries. */
export const commonFlags = z.object({
  config: text(
    '<file>',
    'the configuration (else IOTAWATT_SYNC_CONFIG, ./iotawatt-sync.yaml, /config/iotawatt-sync.yaml)',
  ),
  shard: flag(z.string().optional(), 'only the devices of this shard, e.g. 2/3 (else IOTAWATT_SYNC_SHARD)', {
    value: '<i/n>',
    read: toShard,
  }),
  verbose: yes('log more: what is asked again, and why'),
})
export type CommonFlags = z.infer<typeof commonFlags>

export const deviceFlags = z.object({ device: list('<name>', 'only this device') })

export const resultFlags = z.object({
  json: yes('print the result as JSON'),
  strict: yes('let warnings count in the exit code'),
})

export const spanFlags = z.object({
  since: time('nothing before, e.g. 2024-05-31 or 2024-05-31T12:00Z; without a zone it is a time of the house'),
  until: time('nothing from then on'),
})

export const cardFlags = z.object({
  fromCard: flag(
    z.array(z.string()).optional(),
    "read this copy of the device's SD card, and do not contact the device (may be repeated)",
    { value: '<[device=]path>' },
  ),
})

/** Of a command over devices, as given; those of its own go as they are to whoever executes it. */
export const givenFlags = z.looseObject({
  ...commonFlags.shape,
  ...deviceFlags.shape,
  ...spanFlags.shape,
  ...cardFlags.shape,
})
export type DeviceFlags = z.infer<typeof givenFlags>

export const noFlags = z.object({})

export const checkFlags = z.object({ testAlert: yes('send a test to each receiver of alerts') })
export type CheckFlags = z.infer<typeof checkFlags>

export const loadFlags = z.object({
  dryRun: yes('say what would be loaded and how long it would take, and write nothing'),
  yes: yes('do not ask before it starts'),
  order: flag(z.enum(LOAD_ORDERS).default(LOAD_ORDERS[0]), 'what comes first', { value: '<order>' }),
  maxDeviceLoad: flag(z.number().gt(0).max(1).optional(), 'how much of the time a device may be kept busy, e.g. 40%', {
    value: '<percent>',
    read: toDeviceLoad,
  }),
})
export type LoadFlags = z.infer<typeof loadFlags>

export const migrateFlags = z.object({
  dryRun: yes('say what would be written, and write nothing'),
  yes: yes('do not ask before writing'),
})
export type MigrateFlags = z.infer<typeof migrateFlags>

export const verifyFlags = z.object({
  values: flag(
    z.enum(['hours', 'all']).optional(),
    'compare values too: the means of hours first, or all (reads every minute)',
    { value: '[which]', preset: 'hours' },
  ),
  repair: yes('fill what is missing'),
  reloadSeries: yes('back up, delete and rewrite series with duplicate, wrong or off-grid minutes'),
  yes: yes('do not ask before series are deleted'),
})
export type VerifyFlags = z.infer<typeof verifyFlags>

export const channelFlags = z.object({
  channel: list('<name>', 'only this channel, by its location or its name on the device'),
})
export const outputFlags = z.object({
  output: text('<file>', 'write to this file (else to standard output)'),
  format: flag(z.enum(EXPORT_FORMATS).optional(), 'the format (else by the end of the file’s name, else csv)', {
    value: '<format>',
  }),
})
export const layoutFlags = z.object({
  timezone: text('<zone>', 'add a column local_time, e.g. of Europe/Berlin'),
  wide: yes('one row per time and one column per channel (CSV)'),
})
export const exportFlags = givenFlags.extend({ ...outputFlags.shape, ...layoutFlags.shape })
/** A Parquet file is made here, of CSV. */
export const exportOptions = z.object({
  ...channelFlags.shape,
  ...layoutFlags.shape,
  format: z.enum(TEXT_FORMATS).default('csv'),
})
export type ExportOptions = z.infer<typeof exportOptions>

export const billFlags = z.object({
  month: text('<month>', 'the bills that began in this month, e.g. 2026-03'),
  from: text('<date>', 'these days as one bill, from this one on'),
  to: text('<date>', 'to this one, which is not of it'),
  tariff: text('<name>', 'under this plan, whatever is in force'),
  compare: yes('under every plan, with the difference'),
  against: flag(z.string().optional(), 'compare what is measured with this file of the meter (CSV), by day', {
    value: '<file>',
    // The daemon is in another folder.
    read: (file) => resolve(file),
  }),
  stamps: flag(z.enum(STAMPS).optional(), 'which end of an interval its times are (else as the titles say)', {
    value: '<end>',
  }),
  csv: yes('print one row per line, or with --against per day, as CSV'),
})
export type BillFlags = z.infer<typeof billFlags>

export const initFlags = z.object({
  device: list('<[NAME=]URL>', 'this device'),
  channel: list('<name>', 'copy this channel; of a device that has none of those named, every input in watts'),
  since: time('copy nothing before (else all that each device has)'),
  store: text('<URL>', 'the address of VictoriaMetrics or InfluxDB, or the word embedded: a file of this program'),
  database: text('<name>', 'of the InfluxDB 1.x at that address'),
  organization: text('<name>', 'of the InfluxDB 2.x at that address'),
  bucket: text('<name>', 'in that organization; its token: IOTAWATT_SYNC_STORE_TOKEN'),
  mains: list('<name>', 'a channel of the mains; none: they are not measured (else as recognized)'),
  solar: list('<name>', 'a channel of the inverters; none: there are no inverters (else as recognized)'),
  wiring: flag(z.enum(WIRINGS).optional(), 'whether the mains sensors see the load (ahead) or the grid (behind)', {
    value: '<wiring>',
  }),
  group: list('<NAME=CHANNEL,…>', 'circuits that belong together; none: no groups (else as recognized)'),
  timezone: text('<zone>', 'that of the house, e.g. Europe/Berlin (else that of this machine, if the devices agree)'),
  currency: text('<code>', 'that of prices, e.g. EUR'),
  price: amount('<money>', 'what a kWh costs, when no --period applies'),
  period: list('<NAME=MONEY,WHEN>', 'what a kWh costs at other times, e.g. On-peak=0.45,16-21,Mon-Fri'),
  feedIn: amount('<money>', 'what is paid for a kWh that goes to the grid'),
  fixedPerDay: amount('<money>', 'what each day costs whatever is used'),
  billingDay: flag(z.number().optional(), 'the day of the month on which a bill begins; 31 is the last one', {
    value: '<day>',
    read: toNumber,
  }),
  output: text('<file>', 'what is written; a file that is there stays as it is (else ./iotawatt-sync.yaml)'),
  load: yes('then copy the history, as load does'),
  yes: yes('ask nothing, and take all devices that are found'),
})
export type InitFlags = Partial<z.infer<typeof initFlags>> & Pick<z.infer<typeof initFlags>, 'device'>

export const simulateFlags = z.object({
  card: list('<[NAME=]DIR>', 'serve this card'),
  port: flag(z.number().default(8280), 'the port of the first device', { value: '<number>', read: toPort }),
  readMs: number('<ms>', 'what reading one log record takes', 0),
  days: number('<number>', 'how long ago the house was installed', 30),
  seed: number('<number>', 'which house', 1),
  clock: flag(z.number().optional(), 'what the clock of the devices shows at the start', {
    value: '<time>',
    read: toTime,
  }),
})
export type SimulateFlags = z.infer<typeof simulateFlags>

export const demoFlags = z.object({
  store: flag(z.enum(['embedded', 'victoriametrics']).default('embedded'), 'where to', { value: '<type>' }),
  dir: flag(z.string().default('demo-data'), 'where its data are kept', { value: '<folder>' }),
})
export type DemoFlags = z.infer<typeof demoFlags>

/** In the order of `--help`. */
export function addFlags(command: Command, groups: readonly z.ZodObject[]): Command {
  for (const [key, schema] of groups.flatMap(({ shape }) => Object.entries(shape)))
    command.addOption(toOption(key, schema))
  return command
}

function toOption(key: string, schema: unknown): Option {
  const told = schema instanceof z.ZodType ? FLAG_TEXTS.get(schema) : undefined
  const { text: words = '', value, read, preset } = told ?? {}
  const name = `--${key.replace(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`)}`
  const option = new Option(value === undefined ? name : `${name} ${value}`, words)
  const byDefault = schema instanceof z.ZodDefault ? schema.def.defaultValue : undefined
  const inner = schema instanceof z.ZodDefault || schema instanceof z.ZodOptional ? schema.unwrap() : schema
  if (inner instanceof z.ZodEnum) option.choices(inner.options.map(String))
  if (inner instanceof z.ZodArray) option.argParser(collect)
  if (read) option.argParser(read)
  if (preset !== undefined) option.preset(preset)
  return value === undefined || byDefault === undefined ? option : option.default(byDefault)
}

function collect(value: string, previous: readonly string[] = []): string[] {
  return [...previous, value]
}

/** Without a zone it is UTC. */
function toTime(text: string): number {
  const timeMs = parsePointInTime(text)
  if (timeMs === undefined)
    throw new InvalidArgumentError('Expected a date or a time, e.g. 2024-05-31 or 2024-05-31T12:00Z.')
  return timeMs
}

function toDeviceLoad(text: string): number {
  const reading = readDeviceLoad(text)
  if ('value' in reading) return reading.value
  throw new InvalidArgumentError(`Expected ${reading.expected}.`)
}

/** As it was given: it is read with the configuration. */
function toShard(text: string): string {
  const reading = readShard(text)
  if ('value' in reading) return text
  throw new InvalidArgumentError(`Expected ${reading.expected}.`)
}

function toNumber(text: string): number {
  const given = Number(text)
  if (text.trim() === '' || !Number.isFinite(given) || given < 0)
    throw new InvalidArgumentError('Expected a number from 0 up.')
  return given
}

function toAmount(text: string): number {
  const given = Number(text)
  if (text.trim() === '' || !Number.isFinite(given)) throw new InvalidArgumentError('Expected a number such as 0.31.')
  return given
}

function toPort(text: string): number {
  const port = toNumber(text)
  if (!Number.isInteger(port) || port > 65_535) throw new InvalidArgumentError('Expected a port, 0 to 65535.')
  return port
}
