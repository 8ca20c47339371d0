import { fileURLToPath } from 'node:url'
import { Command, CommanderError, Option } from 'commander'
import type * as z from 'zod'
import { ConfigError } from '../config/config-error.ts'
import type { LoadedConfig } from '../config/load-config.ts'
import { systemClock } from '../runtime/clock.ts'
import { silentLog } from '../runtime/log.ts'
import { StateVersionError } from '../runtime/state-folder.ts'
import { COMMANDS } from './commands.ts'
import { ExitCode, UsageError, untilSignal } from './exit-codes.ts'
import { errorAsJson, explainError, type Redaction, type CrashOptions } from './explain-error.ts'
import { readExportFlags } from './export-sink.ts'
import * as flags from './flags.ts'
import { loadFor, openDeps } from './open-deps.ts'
import { readVersion } from './read-version.ts'
import { runOverDevices, type RunOptions } from './run-over-devices.ts'
import { addShellCommands } from './shell-commands.ts'

const EXIT_CODES = `
Exit codes: 0 done, 1 failed, 2 wrong usage or configuration (also another than the daemon's), 3 partly done (a device
or a channel failed), 4 differences found and not repaired; 129, 130 and 143 stopped by SIGHUP (the end of the terminal),
SIGINT (Ctrl-C) and SIGTERM. run, simulate and demo end with 0 when they are stopped; a second Ctrl-C ends at once.`

/** What is of the program itself, and not of a command. */
const OF_PROGRAM: ReadonlySet<string> = new Set(['-v', '-V', '--version'])

/** What the process ends with: a command line, with the name of the program before it. */
export async function runProgram(argv: readonly string[], crash: CrashOptions): Promise<number> {
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
    const isUsage = [ConfigError, UsageError, StateVersionError].some((kind) => error instanceof kind)
    return isUsage ? ExitCode.usage : ExitCode.failed
  }
}

export function describeProgram(endWith: (exitCode: number) => void, redaction: Redaction): Command {
  const program = new Command('iotawatt-sync')
    .description(
      'Copies the complete one-minute history of IoTaWatt energy monitors into VictoriaMetrics, InfluxDB or a local file, each minute exactly once, and keeps it current.',
    )
    .version(readVersion(), '-v, --version', 'the version of this program, like the command version')
    .exitOverride()
    .showHelpAfterError('(for all commands: iotawatt-sync --help)')
    .addHelpText('after', EXIT_CODES)
  const add = (name: string, description: string, groups: readonly z.ZodObject[]) =>
    flags.addFlags(program.command(name).description(description).exitOverride(), groups)
  const alone = <Flags>(
    [name, description]: readonly [name: string, description: string],
    own: { parse(given: unknown): Flags } & z.ZodObject,
    act: (given: Flags) => Promise<number>,
  ) => add(name, description, [own]).action(async (given: unknown) => endWith(await act(own.parse(given))))

  alone(
    ['init', 'finds the devices and their channels, asks, and writes the configuration; with --device it asks nothing'],
    flags.initFlags,
    (given) => init(given, redaction),
  )
  alone(['run', 'the daemon: syncs at once and every interval, backfills in between'], flags.commonFlags, (given) =>
    runForever(given, redaction),
  )
  for (const [name, command] of COMMANDS)
    add(name, command.text, command.flags)
      .argument('[device...]', 'only these devices')
      .action(async (devices: readonly string[], given: unknown) => {
        const { device, ...more } = flags.givenFlags.parse(given)
        const act = name === 'export' ? exportTo : runOverDevices
        endWith(await act(name, { ...more, device: [...devices, ...device] }, { redaction }))
      })
  alone(['healthcheck', 'whether the daemon is alive, for containers'], flags.commonFlags, async (given) => {
    const { config } = await loadFor(given, redaction)
    return (await import('./healthcheck-command.ts')).healthcheckCommand(config)
  })
  alone(
    ['simulate', 'serves simulated devices: SD card folders, or a made-up house of two units'],
    flags.simulateFlags,
    async (given) => (await import('./simulate-command.ts')).simulateCommand(given),
  )
  alone(
    ['demo', 'a simulated house, loaded and then copied live; Ctrl-C ends it, a second start goes on'],
    flags.demoFlags,
    async (given) => (await import('./demo-command.ts')).demoCommand(given),
  )
  addShellCommands(program, EXIT_CODES)
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

async function init(given: flags.InitFlags, redaction: Redaction): Promise<number> {
  const { initCommand } = await import('./init-command.ts')
  const { usualHosts } = await import('./init/find-devices.ts')
  const { signal, release } = untilSignal()
  try {
    return await initCommand({
      flags: given,
      signal,
      env: process.env,
      cwd: process.cwd(),
      stdin: process.stdin,
      stdout: process.stdout,
      browse: usualHosts,
      schemaFile: fileURLToPath(new URL('../schema/iotawatt-sync.schema.json', import.meta.url)),
      deps: { clock: systemClock, log: silentLog, random: Math.random },
      startLoad: (file) => runOverDevices('load', flags.givenFlags.parse({ config: file, yes: true }), { redaction }),
    })
  } finally {
    release()
  }
}

async function runForever(given: flags.CommonFlags, redaction: Redaction): Promise<number> {
  const loaded = await loadFor(given, redaction)
  const { runCommandForever } = await import('./run-command.ts')
  const reload = ({ deviceFiles }: LoadedConfig) => loadFor(given, redaction, deviceFiles.texts)
  return runCommandForever(loaded, reload, openDeps(loaded, given, redaction))
}

async function exportTo(command: string, given: flags.DeviceFlags, { redaction }: RunOptions): Promise<number> {
  const { output, format, ...more } = flags.exportFlags.parse(given)
  const { layout, openSink } = readExportFlags({ ...more, format, output })
  return runOverDevices(command, { ...more, ...layout }, { redaction, openSink })
}

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
