import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { Command, CommanderError } from 'commander'
import { executeCommand } from '../../src/cli/execute-command.ts'
import { COMMANDS } from '../../src/cli/commands.ts'
import { chooseDevices } from '../../src/cli/command.ts'
import { createRedaction, explainError } from '../../src/cli/explain-error.ts'
import { addFlags, initFlags } from '../../src/cli/flags.ts'
import { initCommand } from '../../src/cli/init-command.ts'
import { describeProgram } from '../../src/cli/main.ts'
import type { Environment } from '../../src/config/environment.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import type { CommandOutput } from '../../src/model/daemon.ts'
import { type Clock, systemClock } from '../../src/runtime/clock.ts'
import { silentLog } from '../../src/runtime/log.ts'

export interface CommandHere {
  /** Without the name of the program. */
  readonly args: readonly string[]
  /** The configuration, as `iotawatt-sync.yaml`; left out: there is none. */
  readonly config?: string
  readonly env?: Environment
  /** Further files of the folder, by name. */
  readonly files?: Readonly<Record<string, string>>
}

export interface ResultHere {
  readonly stdout: string
  /** What else is shown: the log, and an error that ended it. */
  readonly stderr: string
  readonly folder: string
}

/** Pauses are over at once: what is off stays off. */
const impatient: Clock = {
  nowMs: systemClock.nowMs,
  async sleep(_, signal) {
    await new Promise(setImmediate)
    signal.throwIfAborted()
  },
}
const deps = { clock: impatient, log: silentLog, random: () => 0.5 }
const redaction = createRedaction()

/** A command over devices, or `init`, as a process executes it, but in this process. */
export const runHere = (command: CommandHere) => inFolder(command, execute)

/** A command line that is refused before it does anything. */
export const refusedHere = (command: CommandHere) => inFolder(command, parseAll)

/** In a folder of its own, which is gone afterwards. */
async function inFolder(
  { args, config, env = {}, files = {} }: CommandHere,
  act: (run: RunOptions, shown: Shown) => Promise<void>,
): Promise<ResultHere> {
  const folder = await mkdtemp(join(tmpdir(), 'documents-'))
  const shown = { stdout: [] as string[], stderr: [] as string[] }
  try {
    const all = { ...(config !== undefined && { 'iotawatt-sync.yaml': config }), ...files }
    for (const [name, text] of Object.entries(all)) await writeFile(join(folder, name), text, { mode: 0o600 })
    await act({ args, env, folder, hasConfig: config !== undefined }, shown)
  } catch (error) {
    if (!(error instanceof CommanderError))
      shown.stderr.push(explainError(error, args, { redaction, showsStack: false }))
  } finally {
    await rm(folder, { recursive: true })
  }
  return { stdout: shown.stdout.join('\n'), stderr: shown.stderr.join('\n'), folder }
}

interface RunOptions {
  readonly args: readonly string[]
  readonly env: Environment
  readonly folder: string
  readonly hasConfig: boolean
}

interface Shown {
  readonly stdout: string[]
  readonly stderr: string[]
}

async function execute({ args, env, folder }: RunOptions, { stdout, stderr }: Shown): Promise<void> {
  const [name = '', ...rest] = args
  const { signal } = new AbortController()
  const command = COMMANDS.get(name)
  if (name === 'init') {
    const output = new PassThrough({ encoding: 'utf8' })
    const flags = initFlags.parse(read([initFlags], rest).options)
    const options = {
      flags,
      env,
      cwd: folder,
      schemaFile: '/schema.json',
      browse: () => Promise.resolve([]),
      deps,
      signal,
    }
    try {
      await initCommand({ ...options, stdin: new PassThrough(), stdout: output })
    } finally {
      stdout.push(String(output.read() ?? ''))
    }
    return
  }
  if (!command) throw new Error(`${name} is not executed here`)
  const { options, devices: named } = read(command.flags, rest)
  const { config, path, warnings } = await loadConfig({ env, cwd: folder })
  const { device, since, until, ...own } = options as { device: string[]; since?: string; until?: string }
  const output: CommandOutput = {
    print: (line) => void stdout.push(line),
    write: async (text) => void stdout.push(text),
    log: (level, message) => void stderr.push(`${level.toUpperCase()}: ${message}`),
    isWatched: false,
    progress: () => {},
    ask: () => Promise.resolve('nobody'),
  }
  const times = {
    ...(since !== undefined && { sinceMs: Date.parse(since) }),
    ...(until !== undefined && { untilMs: Date.parse(until) }),
  }
  const devices = [...named, ...device]
  await executeCommand(
    { command: name, options: { ...own, ...times, devices, warnings, zone: config.house.timezone } },
    { config, path, devices: chooseDevices(config.devices, devices), deps, output, signal },
  )
}

function read(groups: Parameters<typeof addFlags>[1], args: readonly string[]) {
  const parser = addFlags(new Command().argument('[device...]').exitOverride(), groups)
  parser.parse(args, { from: 'user' })
  return { options: parser.opts(), devices: parser.args }
}

async function parseAll({ args, folder, hasConfig }: RunOptions, { stderr }: Shown): Promise<void> {
  const program = describeProgram(() => {}, redaction)
  for (const each of [program, ...program.commands])
    each.configureOutput({ writeErr: (text) => void stderr.push(text.trimEnd()), writeOut: () => {} })
  await program.parseAsync(hasConfig ? [...args, '--config', join(folder, 'iotawatt-sync.yaml')] : args, {
    from: 'user',
  })
}
