import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { ConfigError } from '../config/config-error.ts'
import { loadConfig, type LoadedConfig } from '../config/load-config.ts'
import { parsePointInTime } from '../config/point-in-time.ts'
import { readDeviceLoad } from '../config/read-device-load.ts'
import { systemClock } from '../runtime/clock.ts'
import { explain } from '../runtime/errors.ts'
import { silentLog } from '../runtime/log.ts'
import { LOAD_ORDERS } from '../sync/anchor-series.ts'
import { carryOut } from './carry-out.ts'
import { chooseDevices } from './command.ts'
import type { DemoFlags } from './demo-command.ts'
import { createLog } from './create-log.ts'
import { ExitCode } from './exit-codes.ts'
import type { InitFlags } from './init/init-run.ts'
import { openOutput } from './open-output.ts'
import type { Surroundings } from './open-store.ts'
import type { SimulateFlags } from './simulate-command.ts'
import { untilSignal } from './until-signal.ts'
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
  readonly fromCard?: readonly string[]
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

  program
    .command('init')
    .description('finds the devices and their channels, asks, writes the configuration; with --device it asks nothing')
    .option('--device <[NAME=]URL>', 'this device (may be repeated)', collect, [])
    .option('--store <URL>', 'the address of VictoriaMetrics, or the word embedded: a file of this program')
    .option('--output <file>', 'what is written; a file that is there stays as it is (else ./iotawatt-sync.yaml)')
    .option('--yes', 'ask nothing, and take all devices that are found')
    .exitOverride()
    .action(async (flags: InitFlags) => endWith(await init(flags)))
  add('run', 'the daemon: a pass at once and every interval, history in the background').action(
    async (flags: CommonFlags) => endWith(await runForever(flags)),
  )
  const overDevices: [name: string, description: string, withOwnFlags?: (command: Command) => Command][] = [
    ['sync', 'one pass over the newest minutes, for cron'],
    ['load', 'history: everything that is wanted and missing, in chunks; may be stopped and run again', withLoadFlags],
    ['migrate', 'series that another program left in the store, minute by minute', withMigrateFlags],
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

function withLoadFlags(command: Command): Command {
  return withCardFlag(withSpanFlags(command))
    .option('--dry-run', 'say what would be loaded and how long it would take, and write nothing')
    .option('--yes', 'do not ask before it starts')
    .addOption(new Option('--order <order>', 'what comes first').choices(LOAD_ORDERS).default(LOAD_ORDERS[0]))
    .option('--max-device-load <percent>', 'how much of the time a device may be kept busy, e.g. 40%', toDeviceLoad)
}

function withCardFlag(command: Command): Command {
  return command.option(
    '--from-card <[device=]path>',
    "read this copy of the device's SD card, and do not contact the device (may be repeated)",
    collect,
  )
}

function withSpanFlags(command: Command): Command {
  return command
    .option('--since <time>', 'nothing before, e.g. 2024-05-31 or 2024-05-31T12:00Z', toTime)
    .option('--until <time>', 'nothing from then on', toTime)
}

function withMigrateFlags(command: Command): Command {
  return withSpanFlags(command)
    .option('--dry-run', 'say what would be written, and write nothing')
    .option('--yes', 'do not ask before writing')
}

async function load({ config }: CommonFlags): Promise<LoadedConfig> {
  return loadConfig({ ...(config !== undefined && { path: config }), env: process.env, cwd: process.cwd() })
}

function surround({ config, warnings }: LoadedConfig, { verbose }: CommonFlags): Surroundings {
  const log = createLog({ ...config.log, ...(verbose && { level: 'debug' }) })
  for (const warning of warnings) log.warn(warning)
  return { clock: systemClock, log, random: Math.random }
}

async function init(flags: InitFlags): Promise<number> {
  const { initCommand } = await import('./init-command.ts')
  const { usualHosts } = await import('./init/find-devices.ts')
  const { signal, release } = untilSignal()
  try {
    return await initCommand({
      flags,
      signal,
      env: process.env,
      cwd: process.cwd(),
      stdin: process.stdin,
      stdout: process.stdout,
      browse: usualHosts,
      schemaFile: fileURLToPath(new URL('../schema/iotawatt-sync.schema.json', import.meta.url)),
      surroundings: { clock: systemClock, log: silentLog, random: Math.random },
    })
  } finally {
    release()
  }
}

async function runForever(flags: CommonFlags): Promise<number> {
  const loaded = await load(flags)
  const { runCommandForever } = await import('./run-command.ts')
  return runCommandForever(loaded, () => load(flags), surround(loaded, flags))
}

/** In the daemon where one runs, because it holds the devices; else here. */
async function overEachDevice(command: string, flags: DeviceFlags): Promise<number> {
  const loaded = await load(flags)
  const { config } = loaded
  const { config: _, verbose: __, device, since: sinceMs, until: untilMs, fromCard, ...own } = flags
  const chosen = chooseDevices(config.devices, device)
  const cards = fromCard && (await import('./card-flags.ts')).readCardFlags(fromCard, chosen)
  const devices = cards ? chosen.filter(({ name }) => name in cards) : chosen
  if (sinceMs !== undefined && untilMs !== undefined && untilMs <= sinceMs)
    throw new UsageError('--until must be later than --since')
  const names = cards ? Object.keys(cards) : device
  const request = { command, options: { ...own, devices: names, sinceMs, untilMs, cards } }
  const stop = new AbortController()
  const onStop = () => stop.abort(new Error('stopped by a signal'))
  process.once('SIGINT', onStop).once('SIGTERM', onStop)
  const calm = surround(loaded, flags)
  const { output, log, close } = openOutput(calm.log, { format: config.log.format, signal: stop.signal })
  const surroundings = { ...calm, log }
  try {
    const { askDaemon } = await import('../web/command-socket.ts')
    const answered = await askDaemon(config.stateDir, request, { output, signal: stop.signal })
    if (answered !== undefined) return answered
    const { openEngine } = await import('./engine.ts')
    const engine = await openEngine(config, devices, surroundings)
    try {
      return await carryOut(request, { engine, output, signal: stop.signal })
    } finally {
      await engine.close()
    }
  } catch (error) {
    if (!stop.signal.aborted) throw error
    close()
    log.info('stopped; what is stored stays, and running it again goes on from there')
    return ExitCode.done
  } finally {
    close()
  }
}

function collect(value: string, previous: readonly string[] = []): string[] {
  return [...previous, value]
}

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
