import { access, constants, lstat } from 'node:fs/promises'
import { dirname, relative, resolve } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { CONFIG_VARIABLE, variableName } from '../config/environment.ts'
import { plural } from '../runtime/plural.ts'
import { printable } from '../runtime/printable.ts'
import { usesColour, withoutColour } from './colour.ts'
import { ExitCode, UsageError, exitCodeAfter } from './exit-codes.ts'
import { askBills } from './init/ask-bills.ts'
import { askDevices } from './init/ask-devices.ts'
import { askHouse } from './init/ask-house.ts'
import { askStore, storeConfigOf } from './init/ask-store.ts'
import { chooseLabels } from './init/choose-labels.ts'
import { CancelledError, openPrompts, type Prompts } from './init/prompts.ts'
import { givenBills } from './init/set-up-bills.ts'
import { setUpUnasked } from './init/set-up-unasked.ts'
import { type InitRun, readStore, type Setup } from './init/setup.ts'
import { writeConfig } from './init/write-config.ts'

export interface InitOptions extends Omit<InitRun, 'file' | 'store' | 'bills'> {
  readonly cwd: string
  /** The JSON Schema of the configuration. */
  readonly schemaFile: string
  readonly stdin: Readable & { readonly isTTY?: boolean }
  readonly stdout: Writable & { readonly isTTY?: boolean }
  /** `load`, with this configuration; answers with its exit code. */
  startLoad(file: string): Promise<number>
}

const USUAL_FILE = 'iotawatt-sync.yaml'

/** Finds the devices and their channels, asks where it can and may, and writes the configuration. */
export async function initCommand(given: InitOptions): Promise<number> {
  // No channel that can be copied has a comma in its name.
  const channel = (given.flags.channel ?? []).flatMap((names) => names.split(',').map((name) => name.trim()))
  const options = { ...given, flags: { ...given.flags, channel } }
  const { flags, signal, env, stdin } = options
  const stdout = usesColour(options.stdout, env) ? options.stdout : withoutColour(options.stdout)
  const isUnasked = flags.device.length > 0 || flags.yes === true
  if (!isUnasked && !(stdin.isTTY && stdout.isTTY && env['TERM'] !== 'dumb')) throw new UsageError(NO_TERMINAL)
  const print = (line: string) => stdout.write(`${printable(line)}\n`)
  const made = await (isUnasked ? writeUnasked(options, print) : writeAsked({ ...options, stdout }))
  if (made === undefined) return exitCodeAfter(signal)
  const code = made.loads ? await options.startLoad(made.file) : ExitCode.done
  for (const line of made.next) print(line)
  return code
}

/** A configuration that is written. */
interface Made {
  readonly file: string
  /** Whether the history is to be copied now. */
  readonly loads: boolean
  /** What to do next, in lines. */
  readonly next: readonly string[]
}

/** Undefined where somebody cancelled it. */
async function writeAsked(options: InitOptions): Promise<Made | undefined> {
  const { flags, signal, stdin, stdout } = options
  const prompts = openPrompts({ input: stdin, output: stdout, signal })
  let setup: Setup
  let file: string
  try {
    prompts.open('A new configuration of iotawatt-sync. Ctrl-C cancels; nothing is written before the last answer.')
    const given = { ...givenStore(options), bills: givenBills(flags) }
    file = await askFile(options, prompts)
    setup = await askSetup(prompts, { ...options, ...given, file })
  } catch (error) {
    if (!(error instanceof CancelledError) && !signal.aborted) throw error
    prompts.close(CANCELLED)
    return undefined
  }
  const { written, next } = describeWritten(await writeConfig(setup, { ...options, file }), setup, options)
  prompts.say(written.join('\n'))
  const loads = flags.load === true || (await wantsLoad(prompts))
  prompts.close(loads ? 'copying the history' : 'done')
  return { file, loads, next }
}

/** What is written stays, however the question is answered. */
function wantsLoad(prompts: Prompts): Promise<boolean> {
  return prompts.yesOrNo(LOAD_QUESTION).catch((error: unknown) => {
    if (error instanceof CancelledError) return false
    throw error
  })
}

const NO_TERMINAL = `there is no terminal to ask on; use flags:
  iotawatt-sync init --device [NAME=]URL [--device …] [--store URL] [--output FILE]
  or use all IoTaWatts that are found on this network: iotawatt-sync init --yes`
const CANCELLED = 'cancelled; nothing was written'

const LOAD_QUESTION =
  'Copy the history now? (iotawatt-sync load: it shows how long that takes, and may be stopped and run again)'

async function askSetup(prompts: Prompts, run: InitRun): Promise<Setup> {
  const devices = await askDevices(prompts, run)
  const house = await askHouse(prompts, { ...run, devices })
  const bills = await askBills(prompts, { ...run, hasSolar: house.solar.length > 0 })
  const store = await askStore(prompts, { ...run, devices })
  const { rules, findings } = await chooseLabels({ devices, house }, { ...run, store: storeConfigOf(store) })
  for (const { verdict, message } of findings)
    if (verdict === 'GOOD') prompts.say(message)
    else prompts.warn(message)
  return { devices, house, bills, store, rules }
}

async function writeUnasked(options: InitOptions, print: (line: string) => void): Promise<Made | undefined> {
  const file = resolve(options.cwd, options.flags.output ?? USUAL_FILE)
  try {
    const problem = await fileProblem(file)
    if (problem !== undefined) throw new UsageError(problem)
    const run = { ...options, ...givenStore(options), bills: givenBills(options.flags), file }
    const setup = await setUpUnasked(run, print)
    const { written, next } = describeWritten(await writeConfig(setup, run), setup, options)
    for (const line of written) print(line)
    return { file, loads: options.flags.load === true, next }
  } catch (error) {
    if (!options.signal.aborted) throw error
    print(CANCELLED)
    return undefined
  }
}

/** One that the environment gives is there for every other command too, and so is meant. */
function givenStore({ flags, env }: InitOptions): Pick<InitRun, 'store'> {
  const store = flags.store ?? (env[variableName(['store', 'url'])] || undefined)
  if ((store ?? 'embedded') === 'embedded' && (flags.database ?? flags.organization ?? flags.bucket) !== undefined)
    throw new UsageError('a database or a bucket is of an InfluxDB; give its address: --store http://influxdb:8086')
  return store === undefined ? {} : { store: readStore(store, flags) }
}

/** A file that is not there yet, in a folder that is. */
async function askFile({ flags, cwd }: InitOptions, prompts: Prompts): Promise<string> {
  let name = flags.output ?? USUAL_FILE
  for (;;) {
    const file = resolve(cwd, name)
    const problem = await fileProblem(file)
    if (problem === undefined) return file
    prompts.warn(problem)
    name = await prompts.text('Which file should be written instead?', { initial: 'iotawatt-sync-2.yaml' })
  }
}

async function fileProblem(file: string): Promise<string | undefined> {
  const isThere = await lstat(file).then(
    () => true,
    () => false,
  )
  if (isThere) return `${file} already exists and is not overwritten; to write another one: --output FILE`
  return access(dirname(file), constants.W_OK).then(
    () => undefined,
    () => `${dirname(file)} is not a folder that this user may write to; to write elsewhere: --output FILE`,
  )
}

function describeWritten(
  files: readonly string[],
  { devices }: Setup,
  { cwd, env, flags }: Pick<InitOptions, 'cwd' | 'env' | 'flags'>,
): { readonly written: readonly string[]; readonly next: readonly string[] } {
  const names = files.map((file) => shortPath(file, cwd))
  const config = names.at(-1) ?? USUAL_FILE
  const channels = devices.reduce((sum, { expected }) => sum + expected.size, 0)
  const flag = flags.output === undefined && config === USUAL_FILE && !env[CONFIG_VARIABLE] ? '' : ` --config ${config}`
  return {
    written: [
      `wrote ${config}: ${plural(devices.length, 'device')}, ${plural(channels, 'channel')}`,
      ...names.slice(0, -1).map((name) => `wrote ${name}, which only this user may read`),
    ],
    next: [
      `next: iotawatt-sync check${flag}   what works, and what does not; it writes nothing`,
      `      iotawatt-sync run${flag}     copies every minute and backfills in between`,
    ],
  }
}

/** As it is typed in this folder: what lies elsewhere is known by its full path. */
function shortPath(file: string, cwd: string): string {
  const path = relative(cwd, file)
  return path.startsWith('..') ? file : path
}
