import type { Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { Command, CommanderError, Option } from 'commander'
import { ConfigError } from '../config/config-error.ts'
import { systemClock } from '../runtime/clock.ts'
import { silentLog } from '../runtime/log.ts'
import type { DemoFlags } from './demo-command.ts'
import { ExitCode, UsageError } from './exit-codes.ts'
import { DEBUG_VARIABLE, errorAsJson, explainError, reportCrashes } from './explain-error.ts'
import { type ExportFlags, readExportFlags } from './export-sink.ts'
import {
  collect,
  type CommonFlags,
  type DeviceFlags,
  toNumber,
  toPort,
  toTime,
  withCommonFlags,
  withDeviceFlags,
  withExportFlags,
  withLoadFlags,
  withMigrateFlags,
  withVerifyFlags,
} from './flags.ts'
import type { InitFlags } from './init/setup.ts'
import { loadFor, openDeps } from './open-deps.ts'
import { readVersion } from './read-version.ts'
import { createRedaction, type Redaction } from './redaction.ts'
import { runOverDevices } from './run-over-devices.ts'
import type { SimulateFlags } from './simulate-command.ts'
import { untilSignal } from './until-signal.ts'

const EXIT_CODES = `
Exit codes: 0 done, 1 failed, 2 wrong usage or configuration (also another than the daemon's), 3 partly done (a device
or a channel failed), 4 differences found and not repaired; 129, 130 and 143 stopped by SIGHUP (the end of the terminal),
SIGINT (Ctrl-C) and SIGTERM. run, simulate and demo end with 0 when they are stopped; a second Ctrl-C ends at once.`

process.exitCode = await main(process.argv)

async function main(argv: readonly string[]): Promise<number> {
  const output = watchOutput(process)
  const crash = { redaction: createRedaction(), showsStack: Boolean(process.env[DEBUG_VARIABLE]) }
  reportCrashes(crash)
  const exitCode = await runProgram(argv, crash)
  return exitCode === ExitCode.done && (await output.isLost()) ? ExitCode.failed : exitCode
}

async function runProgram(argv: readonly string[], crash: Parameters<typeof reportCrashes>[0]): Promise<number> {
  let exitCode: number = ExitCode.done
  const program = describeProgram((code) => (exitCode = code), crash.redaction)
  const args = orderArguments(argv.slice(2), program)
  try {
    await program.parseAsync(args, { from: 'user' })
    return exitCode
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.done : ExitCode.usage
    const words = explainError(error, args, crash)
    if (args.includes('--json')) process.stdout.write(`${errorAsJson(error, args[0], words)}\n`)
    process.stderr.write(`${words}\n`)
    return error instanceof ConfigError || error instanceof UsageError ? ExitCode.usage : ExitCode.failed
  }
}

function describeProgram(endWith: (exitCode: number) => void, redaction: Redaction): Command {
  const program = new Command('iotawatt-sync')
    .description(
      'Copies the complete one-minute history of IoTaWatt energy monitors into VictoriaMetrics, each minute exactly once, and keeps it current.',
    )
    .version(readVersion(), '-v, --version', 'the version of this program, like the command version')
    .exitOverride()
    .showHelpAfterError('(for all commands: iotawatt-sync --help)')
    .addHelpText('after', EXIT_CODES)
  const add = (name: string, description: string) =>
    withCommonFlags(program.command(name).description(description).exitOverride())

  program
    .command('init')
    .description(
      'finds the devices and their channels, asks, and writes the configuration; with --device it asks nothing',
    )
    .option('--device <[NAME=]URL>', 'this device (may be repeated)', collect, [])
    .option('--store <URL>', 'the address of VictoriaMetrics, or the word embedded: a local file')
    .option('--output <file>', 'the file to write, never an existing one (default ./iotawatt-sync.yaml)')
    .option('--yes', 'ask nothing, and use all devices that are found')
    .exitOverride()
    .action(async (flags: InitFlags) => endWith(await init(flags)))
  add('run', 'the daemon: syncs at once and every interval, backfills in between').action(async (flags: CommonFlags) =>
    endWith(await runForever(flags, redaction)),
  )
  const overDevices: [name: string, description: string, withOwnFlags?: (command: Command) => Command][] = [
    ['sync', 'copies the newest minutes once, for cron'],
    ['load', 'backfills everything that is missing, in chunks; may be stopped and run again', withLoadFlags],
    ['migrate', 'turns series that another program left in the store into minutes', withMigrateFlags],
    [
      'verify',
      'compares device and store: what is missing, duplicate or wrong; --repair fills what is missing',
      withVerifyFlags,
    ],
    ['check', 'checks configuration, store and devices: one line each, GOOD, WARN or BAD, and what to do'],
    ['channels', 'the channels that the devices list, and the locations under which they are stored'],
    ['status', 'how far each device is copied'],
  ]
  for (const [name, description, withOwnFlags = unchanged] of overDevices) {
    const command = withOwnFlags(withDeviceFlags(add(name, description)))
    command
      .argument('[device...]', 'only these devices')
      .action(async (devices: readonly string[], flags: DeviceFlags) =>
        endWith(await runOverDevices(name, { ...flags, device: [...devices, ...flags.device] }, { redaction })),
      )
  }
  const exporting = withExportFlags(
    add('export', 'writes what the store has as CSV, NDJSON or Parquet; contacts no device'),
  )
  exporting
    .argument('[device...]', 'only these devices')
    .action(async (devices: readonly string[], flags: DeviceFlags & ExportFlags) =>
      endWith(await exportTo({ ...flags, device: [...devices, ...flags.device] }, redaction)),
    )
  add('healthcheck', 'whether the daemon is alive, for containers').action(async (flags: CommonFlags) => {
    const { config } = await loadFor(flags, redaction)
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
  program
    .command('version', { hidden: true })
    .exitOverride()
    .action(() => void process.stdout.write(`${readVersion()}\n`))
  // As it was called in 0.1.0.
  program.addOption(new Option('-V').hideHelp()).on('option:V', () => {
    process.stdout.write(`${readVersion()}\n`)
    throw new CommanderError(0, 'commander.version', readVersion())
  })
  return program
}

function unchanged(command: Command): Command {
  return command
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
      deps: { clock: systemClock, log: silentLog, random: Math.random },
    })
  } finally {
    release()
  }
}

async function runForever(flags: CommonFlags, redaction: Redaction): Promise<number> {
  const loaded = await loadFor(flags, redaction)
  const { runCommandForever } = await import('./run-command.ts')
  return runCommandForever(loaded, () => loadFor(flags, redaction), openDeps(loaded, flags, redaction))
}

async function exportTo(
  { format, output, timezone, wide, ...flags }: DeviceFlags & ExportFlags,
  redaction: Redaction,
): Promise<number> {
  const { layout, openSink } = readExportFlags({ format, output, timezone, wide })
  return runOverDevices('export', { ...flags, ...layout }, { redaction, openSink })
}

/** What is of the program itself, and not of a command. */
const OF_PROGRAM: ReadonlySet<string> = new Set(['-v', '-V', '--version'])

/** Options that stand before the command are put behind it: `--config F check` is `check --config F`. */
export function orderArguments(args: readonly string[], { commands }: Pick<Command, 'commands'>): string[] {
  const options = commands.flatMap((command) => command.options)
  const takesValue = (arg: string) =>
    options.some((option) => option.required && (option.long === arg || option.short === arg))
  let index = 0
  while (index < args.length && args[index]?.startsWith('-')) index += takesValue(args[index] ?? '') ? 2 : 1
  const [before, command, after] = [args.slice(0, index), args[index], args.slice(index + 1)]
  if (command === undefined || before.some((arg) => OF_PROGRAM.has(arg) || arg === '--')) return [...args]
  return [command, ...before, ...after]
}

/**
 * Without a listener, an error of standard output ends the process with a stack trace. Who has closed it (`| head`) wants
 * no more; any other error loses what was asked for.
 */
function watchOutput({ stdout, stderr }: { readonly stdout: Writable; readonly stderr: Writable }) {
  let lost: Error | undefined
  stdout.on('error', (error) => {
    if (!('code' in error) || error.code !== 'EPIPE') lost ??= error
  })
  stderr.on('error', () => {})
  return {
    /** Whether what was printed did not arrive; reports it. */
    async isLost(): Promise<boolean> {
      await new Promise((resolve) => stdout.write('', resolve))
      if (lost) stderr.write(`standard output cannot be written: ${lost.message}\n`)
      return lost !== undefined
    },
  }
}
