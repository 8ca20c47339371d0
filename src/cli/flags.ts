import { InvalidArgumentError, Option, type Command } from 'commander'
import { parsePointInTime } from '../config/point-in-time.ts'
import { readDeviceLoad } from '../config/read-device-load.ts'
import { LOAD_ORDERS } from '../sync/copy/anchor-series.ts'
import { VALUE_CHECKS } from './command.ts'
import { EXPORT_FORMATS } from './export-format.ts'

export interface CommonFlags {
  readonly config?: string
  readonly verbose?: boolean
}

/** What further flags a command has is in its options schema. */
export interface DeviceFlags extends CommonFlags {
  readonly device: readonly string[]
  /** As they were given: without a zone they are times of the house. */
  readonly since?: string
  readonly until?: string
  readonly fromCard?: readonly string[]
}

export function withCommonFlags(command: Command): Command {
  return command
    .option(
      '--config <file>',
      'the configuration (else IOTAWATT_SYNC_CONFIG, ./iotawatt-sync.yaml, /config/iotawatt-sync.yaml)',
    )
    .option('--verbose', 'log more: what is asked again, and why')
}

export function withDeviceFlags(command: Command): Command {
  return command
    .option('--device <name>', 'only this device (may be repeated)', collect, [])
    .option('--json', 'print the result as JSON')
    .option('--strict', 'let warnings count in the exit code')
}

export function withLoadFlags(command: Command): Command {
  return withCardFlag(withSpanFlags(command))
    .option('--dry-run', 'say what would be loaded and how long it would take, and write nothing')
    .option('--yes', 'do not ask before it starts')
    .addOption(new Option('--order <order>', 'what comes first').choices(LOAD_ORDERS).default(LOAD_ORDERS[0]))
    .option('--max-device-load <percent>', 'how much of the time a device may be kept busy, e.g. 40%', toDeviceLoad)
}

export function withCardFlag(command: Command): Command {
  return command.option(
    '--from-card <[device=]path>',
    "read this copy of the device's SD card, and do not contact the device (may be repeated)",
    collect,
  )
}

export function withMigrateFlags(command: Command): Command {
  return withSpanFlags(command)
    .option('--dry-run', 'say what would be written, and write nothing')
    .option('--yes', 'do not ask before writing')
}

export function withExportFlags(command: Command): Command {
  return withSpanFlags(command)
    .option('--device <name>', 'only this device (may be repeated)', collect, [])
    .option(
      '--channel <name>',
      'only this channel, by its location or its name on the device (may be repeated)',
      collect,
      [],
    )
    .option('--output <file>', 'write to this file (else to standard output)')
    .addOption(
      new Option('--format <format>', 'the format (else by the end of the file’s name, else csv)').choices(
        EXPORT_FORMATS,
      ),
    )
    .option('--timezone <zone>', 'add a column local_time, e.g. of Europe/Berlin')
    .option('--wide', 'one row per time and one column per channel (CSV)')
}

export function withVerifyFlags(command: Command): Command {
  return withCardFlag(withSpanFlags(command))
    .addOption(
      new Option('--values [which]', 'compare values too: the means of hours first, or all (reads every minute)')
        .choices(VALUE_CHECKS)
        .preset(VALUE_CHECKS[0]),
    )
    .option('--repair', 'fill what is missing')
    .option('--reload-series', 'back up, delete and rewrite series with duplicate, wrong or off-grid minutes')
    .option('--yes', 'do not ask before series are deleted')
}

export function withSpanFlags(command: Command): Command {
  return command
    .option(
      '--since <time>',
      'nothing before, e.g. 2024-05-31 or 2024-05-31T12:00Z; without a zone it is a time of the house',
      checkTime,
    )
    .option('--until <time>', 'nothing from then on', checkTime)
}

export function collect(value: string, previous: readonly string[] = []): string[] {
  return [...previous, value]
}

/** The zone of the house is not known yet. */
function checkTime(text: string): string {
  toTime(text)
  return text
}

/** Without a zone it is UTC. */
export function toTime(text: string): number {
  const timeMs = parsePointInTime(text)
  if (timeMs === undefined)
    throw new InvalidArgumentError('Expected a date or a time, e.g. 2024-05-31 or 2024-05-31T12:00Z.')
  return timeMs
}

export function toDeviceLoad(text: string): number {
  const reading = readDeviceLoad(text)
  if ('value' in reading) return reading.value
  throw new InvalidArgumentError(`Expected ${reading.expected}.`)
}

export function toNumber(text: string): number {
  const number = Number(text)
  if (text.trim() === '' || !Number.isFinite(number) || number < 0)
    throw new InvalidArgumentError('Expected a number from 0 up.')
  return number
}

export function toPort(text: string): number {
  const port = toNumber(text)
  if (!Number.isInteger(port) || port > 65_535) throw new InvalidArgumentError('Expected a port, 0 to 65535.')
  return port
}
