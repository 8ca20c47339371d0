import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { createRequire } from 'node:module'
import type { Config, DeviceConfig } from '../config/config.ts'
import { ConfigError } from '../config/config-error.ts'
import { loadConfig, type LoadedConfig } from '../config/load-config.ts'
import { parsePointInTime } from '../config/point-in-time.ts'
import type { CommandOutput, CommandRequest } from '../model/collector.ts'
import { systemClock } from '../runtime/clock.ts'
import { explain } from '../runtime/errors.ts'
import type { Log } from '../runtime/log.ts'
import { carryOut } from './carry-out.ts'
import { chooseDevices } from './command.ts'
import type { DemoFlags } from './demo-command.ts'
import { createLog } from './create-log.ts'
import { ExitCode } from './exit-codes.ts'
import { EXPORT_FORMATS } from './export-format.ts'
import { ClosedPipeError, readExportFlags, standardOutput, type ExportFlags, type TextSink } from './export-sink.ts'
import type { Surroundings } from './open-store.ts'
import type { SimulateFlags } from './simulate-command.ts'
import { UsageError } from './usage-error.ts'

interface CommonFlags {
  readonly config?: string
  readonly verbose?: boolean
}

/** What further flags a command has is in its options schema. */
interface DeviceFlags extends CommonFlags {
  readonly device: readonly string[]
  readonly since?: number
  readonly until?: number
}

const EXIT_CODES = `
Exit codes: 0 done, 1 failed, 2 wrong usage or configuration, 3 partly done (a device or a channel failed),
4 differences found and not repaired.`

process.exitCode = await main(process.argv)

async function main(argv: readonly string[]): Promise<number> {
  let exitCode: number = ExitCode.done
  const program = describeProgram((code) => (exitCode = code))
  try {
    await program.parseAsync([...argv])
    return exitCode
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.done : ExitCode.usage
    process.stderr.write(`${explain(error)}\n`)
    return error instanceof ConfigError || error instanceof UsageError ? ExitCode.usage : ExitCode.failed
  }
}

function describeProgram(endWith: (exitCode: number) => void): Command {
  const program = new Command('iotawatt-sync')
    .description('Copies every minute that IoTaWatt energy monitors have measured into VictoriaMetrics, once.')
    .version(readVersion())
    .exitOverride()
    .showHelpAfterError('(to see what there is: iotawatt-sync --help)')
    .addHelpText('after', EXIT_CODES)
  const add = (name: string, description: string) =>
    withCommonFlags(program.command(name).description(description).exitOverride())

  add('run', 'the daemon: a pass at once and every interval, history in the background').action(
    async (flags: CommonFlags) => endWith(await runForever(flags)),
  )
  const overDevices: [name: string, description: string, withOwnFlags?: (command: Command) => Command][] = [
    ['sync', 'one pass over the newest minutes, for cron'],
    ['load', 'history: everything that is wanted and missing, in chunks; may be stopped and run again', withSpanFlags],
    ['check', 'configuration, store and devices: GOOD, WARN or BAD a line, and what to do'],
    ['channels', 'what the devices list, and under which location it is kept'],
    ['status', 'how far the store is with each device'],
  ]
  for (const [name, description, withOwnFlags = unchanged] of overDevices) {
    const command = withOwnFlags(withDeviceFlags(add(name, description)))
    command
      .argument('[device...]', 'only these devices')
      .action(async (devices: readonly string[], flags: DeviceFlags) =>
        endWith(await overEachDevice(name, { ...flags, device: [...devices, ...flags.device] })),
      )
  }
  const exporting = withExportFlags(add('export', 'what the store has, as CSV, NDJSON or Parquet; no device is asked'))
  exporting
    .argument('[device...]', 'only these devices')
    .action(async (devices: readonly string[], flags: DeviceFlags & ExportFlags) =>
      endWith(await exportTo({ ...flags, device: [...devices, ...flags.device] })),
    )
  add('healthcheck', 'whether the daemon is alive, for containers').action(async (flags: CommonFlags) => {
    const { config } = await load(flags)
    endWith(await (await import('./healthcheck-command.ts')).healthcheckCommand(config))
  })
  program
    .command('simulate')
    .description('serves simulated devices: SD card folders, or a made-up house of two units')
    .option('--card <[NAME=]DIR>', 'serve this card (may be repeated)', collect, [])
    .option('--port <number>', 'the port of the first device', toPort, 8280)
    .option('--read-ms <ms>', 'what reading one log record takes', toNumber, 0)
    .option('--days <number>', 'how long ago the house was installed', toNumber, 30)
    .option('--seed <number>', 'which house', toNumber, 1)
    .option('--clock <time>', 'what the clock of the devices shows at the start', toTime)
    .action(async (flags: SimulateFlags) =>
      endWith(await (await import('./simulate-command.ts')).simulateCommand(flags)),
    )
  program
    .command('demo')
    .description('a simulated house, loaded and then copied live; Ctrl-C ends it, a second start goes on')
    .addOption(new Option('--store <type>', 'where to').choices(['embedded', 'victoriametrics']).default('embedded'))
    .option('--dir <folder>', 'where its data are kept', 'demo-data')
    .action(async (flags: DemoFlags) => endWith(await (await import('./demo-command.ts')).demoCommand(flags)))
  return program
}

function unchanged(command: Command): Command {
  return command
}

function withCommonFlags(command: Command): Command {
  return command
    .option(
      '--config <file>',
      'the configuration (else IOTAWATT_SYNC_CONFIG, ./iotawatt-sync.yaml, /config/iotawatt-sync.yaml)',
    )
    .option('--verbose', 'log more: what is asked again, and why')
}

function withDeviceFlags(command: Command): Command {
  return command
    .option('--device <name>', 'only this device (may be repeated)', collect, [])
    .option('--json', 'print the result as JSON')
    .option('--strict', 'let warnings count in the exit code')
}

function withExportFlags(command: Command): Command {
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
    .option('--wide', 'a row a time and a column a channel (CSV)')
}

function withSpanFlags(command: Command): Command {
  return command
    .option('--since <time>', 'nothing before, e.g. 2024-05-31 or 2024-05-31T12:00Z', toTime)
    .option('--until <time>', 'nothing from then on', toTime)
}

async function load({ config }: CommonFlags): Promise<LoadedConfig> {
  return loadConfig({ ...(config !== undefined && { path: config }), env: process.env, cwd: process.cwd() })
}

function surround({ config, warnings }: LoadedConfig, { verbose }: CommonFlags): Surroundings {
  const log = createLog({ ...config.log, ...(verbose && { level: 'debug' }) })
  for (const warning of warnings) log.warn(warning)
  return { clock: systemClock, log, random: Math.random }
}

async function runForever(flags: CommonFlags): Promise<number> {
  const loaded = await load(flags)
  const { runCommandForever } = await import('./run-command.ts')
  return runCommandForever(loaded, () => load(flags), surround(loaded, flags))
}

async function exportTo({ format, output, timezone, wide, ...flags }: DeviceFlags & ExportFlags): Promise<number> {
  const { layout, openSink } = readExportFlags({ format, output, timezone, wide })
  return overEachDevice('export', { ...flags, ...layout }, openSink)
}

/** In the daemon where one runs, because it holds the devices; else here. */
async function overEachDevice(
  command: string,
  flags: DeviceFlags,
  openSink: () => Promise<TextSink> = () => Promise.resolve(standardOutput()),
): Promise<number> {
  const loaded = await load(flags)
  const { config } = loaded
  const devices = chooseDevices(config.devices, flags.device)
  const { config: _, verbose: __, device, since: sinceMs, until: untilMs, ...own } = flags
  if (sinceMs !== undefined && untilMs !== undefined && untilMs <= sinceMs)
    throw new UsageError('--until must be later than --since')
  const request = { command, options: { ...own, devices: device, sinceMs, untilMs } }
  const surroundings = surround(loaded, flags)
  const sink = await openSink()
  const output = { ...outputTo(surroundings.log), write: sink.write }
  const stop = new AbortController()
  const onStop = () => stop.abort(new Error('stopped by a signal'))
  process.once('SIGINT', onStop).once('SIGTERM', onStop)
  try {
    const { askDaemon } = await import('../web/command-socket.ts')
    const answered = await askDaemon(config.stateDir, request, { output, signal: stop.signal })
    const exitCode =
      answered ?? (await carryOutHere(request, { config, devices, surroundings, output, signal: stop.signal }))
    if (exitCode === ExitCode.done) await sink.finish()
    return exitCode
  } catch (error) {
    if (error instanceof ClosedPipeError) return ExitCode.done
    if (!stop.signal.aborted) throw error
    surroundings.log.info(
      command === 'export'
        ? 'stopped; no file was left half written'
        : 'stopped; what is stored stays, and running it again goes on from there',
    )
    return ExitCode.done
  } finally {
    await sink.close()
  }
}

interface HereOptions {
  readonly config: Config
  readonly devices: readonly DeviceConfig[]
  readonly surroundings: Surroundings
  readonly output: CommandOutput
  readonly signal: AbortSignal
}

async function carryOutHere(
  request: CommandRequest,
  { config, devices, surroundings, output, signal }: HereOptions,
): Promise<number> {
  const { openEngine } = await import('./engine.ts')
  // An export reads the store alone: it holds no device, and another process may.
  const engine = await openEngine(config, request.command === 'export' ? [] : devices, surroundings)
  try {
    return await carryOut(request, { engine, output, signal })
  } finally {
    await engine.close()
  }
}

function outputTo(log: Log): Omit<CommandOutput, 'write'> {
  return {
    print: (line) => process.stdout.write(`${line}\n`),
    log: (level, message) => log[level](message),
    isWatched: false,
    progress() {},
    ask: () => Promise.resolve('nobody'),
  }
}

function collect(value: string, previous: readonly string[]): string[] {
  return [...previous, value]
}

function toTime(text: string): number {
  const timeMs = parsePointInTime(text)
  if (timeMs === undefined)
    throw new InvalidArgumentError('Expected a date or a time, e.g. 2024-05-31 or 2024-05-31T12:00Z.')
  return timeMs
}

function toNumber(text: string): number {
  const number = Number(text)
  if (text.trim() === '' || !Number.isFinite(number) || number < 0)
    throw new InvalidArgumentError('Expected a number from 0 up.')
  return number
}

function toPort(text: string): number {
  const port = toNumber(text)
  if (!Number.isInteger(port) || port > 65_535) throw new InvalidArgumentError('Expected a port, 0 to 65535.')
  return port
}

function readVersion(): string {
  const found: unknown = createRequire(import.meta.url)('../package.json')
  return typeof found === 'object' && found && 'version' in found ? String(found.version) : 'unknown'
}
