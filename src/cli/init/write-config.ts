import { rm, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { stringify } from 'yaml'
import type { Environment } from '../../config/environment.ts'
import { loadConfig } from '../../config/load-config.ts'
import type { LabelRule } from '../../model/channel.ts'
import type { DeviceChannel } from '../../model/device.ts'
import { formatMinute } from '../../model/time-window.ts'
import { hasCode } from '../../runtime/errors.ts'
import { printable } from '../../runtime/printable.ts'
import { UsageError } from '../exit-codes.ts'
import { channelEntry, usuallyCopied } from './look-at-device.ts'
import type { BillsSetup, SimpleTariff } from './set-up-bills.ts'
import type { DeviceSetup, HouseSetup, Login, Setup, StoreSetup } from './setup.ts'

interface WriteOptions {
  /** Absolute; nothing is there yet. */
  readonly file: string
  /** The JSON Schema of the configuration. */
  readonly schemaFile: string
  readonly env: Environment
}

/** Writes the file, and one for each secret beside it, and loads it; leaves nothing where that fails. */
export async function writeConfig(setup: Setup, { file, schemaFile, env }: WriteOptions): Promise<readonly string[]> {
  const folder = dirname(file)
  const written: string[] = []
  try {
    const secretFiles = new Map<Login, string>()
    for (const [name, login] of secretsOf(setup)) {
      const path = await writeSecret(folder, { name, text: login.secret.reveal() })
      written.push(path)
      secretFiles.set(login, relative(folder, path))
    }
    const schemaPath = relative(folder, schemaFile).replaceAll('\\', '/')
    await writeNew(file, configText(setup, { schemaPath: /\s/.test(schemaPath) ? undefined : schemaPath, secretFiles }))
    written.push(file)
    await loadConfig({ path: file, env, cwd: folder })
    return written
  } catch (error) {
    for (const path of written) await rm(path, { force: true })
    throw error
  }
}

type WrittenLogin = Exclude<Login, { readonly kind: 'environment' }>

function secretsOf({ devices, store }: Setup): [name: string, login: WrittenLogin][] {
  const logins = [
    ...devices.map(({ name, login }) => [name, login] as const),
    ['store', store.type === 'embedded' ? undefined : store.login] as const,
  ]
  return logins.flatMap(([name, login]): [string, WrittenLogin][] =>
    login === undefined || login.kind === 'environment' ? [] : [[`${fileName(name)}.${login.kind}`, login]],
  )
}

function fileName(name: string): string {
  const plain = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
  return plain === '' ? 'device' : plain.slice(0, 60)
}

/** Beside what is there: a secret that something else uses is not overwritten. */
async function writeSecret(folder: string, { name, text }: { name: string; text: string }): Promise<string> {
  for (let count = 1; ; count++) {
    const path = join(folder, count === 1 ? name : name.replace('.', `-${count}.`))
    try {
      await writeFile(path, `${text}\n`, { flag: 'wx', mode: 0o600 })
      return path
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error
    }
  }
}

async function writeNew(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, { flag: 'wx' })
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error
    throw new UsageError(`${file} is there meanwhile, and stays as it is; to write another: --output FILE`)
  }
}

interface TextOptions {
  /** The path of the JSON Schema from the file. */
  readonly schemaPath?: string | undefined
  /** The names of the files that hold the secrets. */
  readonly secretFiles?: ReadonlyMap<Login, string>
}

/** The file as somebody reads it who has not read anything else. */
export function configText(setup: Setup, { schemaPath, secretFiles = new Map() }: TextOptions = {}): string {
  const sections = [
    storeLines(setup.store, secretFiles),
    DAEMON,
    [...DEVICES, ...setup.devices.flatMap((device) => deviceLines(device, secretFiles))],
    houseLines(setup.house),
    billsLines(setup.bills),
    labelLines(setup.rules),
  ]
  const head = [...(schemaPath === undefined ? [] : [`# yaml-language-server: $schema=${schemaPath}`]), ...HEAD]
  return [head, ...sections].map((lines) => `${lines.join('\n')}\n`).join('\n')
}

const HEAD = [
  '# Written by iotawatt-sync init; edit it as you like. To check it: iotawatt-sync check',
  '# Keys that are left out have defaults. All keys: docs/configuration.md of iotawatt-sync.',
]

function storeLines(store: StoreSetup, secretFiles: ReadonlyMap<Login, string>): string[] {
  if (store.type === 'embedded')
    return [
      '# Where the samples go: into a file in `stateDir`. For VictoriaMetrics, put its address in place of type:',
      '#   url: http://victoriametrics:8428',
      'store:',
      '  type: embedded',
    ]
  const login = loginLines(store.login, secretFiles).map((line) => `  ${line}`)
  if (store.type === 'influxdb')
    return [
      '# Where the samples go. What a retention policy, or the retention of a bucket, does not keep is not copied.',
      'store:',
      '  type: influxdb',
      `  url: ${yaml(store.url)}`,
      ...(['database', 'organization', 'bucket'] as const).flatMap((key) =>
        store[key] === undefined ? [] : [`  ${key}: ${yaml(store[key])}`],
      ),
      ...login,
    ]
  return [
    '# Where the samples go. VictoriaMetrics drops what is older than a month, unless it is started with',
    '# a longer -retentionPeriod, such as 100y.',
    'store:',
    `  url: ${yaml(store.url)}`,
    ...login,
  ]
}

const DAEMON = [
  '# Folder of locks and the embedded store, relative to this file.',
  '# stateDir: ./data',
  '# How often `run` copies what is new, and whether it backfills in between.',
  '# interval: 5m',
  '# backfill: true',
  '# The share of its time that a device may spend answering; it does not measure meanwhile.',
  '# maxDeviceLoad: 25%',
]

const DEVICES = [
  '# The IoTaWatts.',
  '#   name      the label `device` of its series: their identity, whatever the device calls itself later',
  '#   since     nothing before is copied; default: its complete log',
  '#   channels  by their names on the device; default: every input in watts, also those that are added later',
  'devices:',
]

function deviceLines(device: DeviceSetup, secretFiles: ReadonlyMap<Login, string>): string[] {
  const { name, url, login, since, firstMs, channels, expected } = device
  const day = formatMinute(firstMs).slice(0, 10)
  return [
    `  - name: ${yaml(name)}`,
    ...[
      `url: ${yaml(url)}`,
      ...loginLines(login, secretFiles),
      ...(since === undefined ? [`# since: ${day} # the first day of its log`] : [`since: ${since}`]),
      ...channelLines(channels, expected),
    ].map((line) => `    ${line}`),
  ]
}

/** A list leaves out what is added later, so it is written only where something was chosen. */
function channelLines(channels: readonly DeviceChannel[], expected: ReadonlySet<string>): string[] {
  const others = channels.filter(({ name }) => !expected.has(name))
  const list = [
    'channels:',
    ...channels.filter(({ name }) => expected.has(name)).map((channel) => `  - ${yaml(channelEntry(channel))}`),
    ...(others.length === 0 ? [] : ['  # Not copied; to copy one, remove its #.']),
    ...others.map((channel) => `  # ${unchosen(channel)}`),
  ]
  const usual = usuallyCopied(channels)
  if (usual.size !== expected.size || [...usual].some((name) => !expected.has(name))) return list
  return [
    '# channels is left out: every input in watts is copied. To choose, remove the first # of each line:',
    ...list.map((line) => `# ${line}`),
  ]
}

function unchosen(channel: DeviceChannel): string {
  const entry = channelEntry(channel)
  if (entry === undefined) return printable(`${JSON.stringify(channel.name)} (${channel.unit}) cannot be copied`)
  return `- ${yaml(entry)}${channel.kind === 'output' ? ' # an output, made of inputs: sums would count those twice' : ''}`
}

function loginLines(login: Login | undefined, secretFiles: ReadonlyMap<Login, string>): string[] {
  if (login === undefined) return []
  if (login.kind === 'environment') return ['# Its login comes from the environment.']
  const file = yaml(secretFiles.get(login))
  return login.kind === 'token'
    ? [`tokenFile: ${file}`]
    : [`username: ${yaml(login.username)}`, `passwordFile: ${file}`]
}

/** What is not known is there to be filled in. */
function houseLines({ mains, solar, wiring, groups, timezone }: HouseSetup): string[] {
  const needsWiring = mains !== undefined && mains.length > 0 && solar.length > 0
  const lines = [
    timezone === undefined
      ? '# timezone: America/New_York # left out: that of the machine'
      : `timezone: ${yaml(timezone)}`,
    mains === undefined
      ? '# mains: [Mains_1, Mains_2] # not known yet; where they are not measured: []'
      : `mains: ${yaml(mains)}`,
    `solar: ${yaml(solar)}`,
    ...(needsWiring && wiring === undefined
      ? ['# wiring: behind # where the mains sensors see the grid; left out: ahead']
      : []),
    ...(needsWiring && wiring !== undefined ? [`wiring: ${wiring}`] : []),
    ...(groups.length === 0
      ? ['# groups:', '#   Laundry: [Dryer, Washer]']
      : ['groups:', ...groups.map(({ name, locations }) => `  ${yaml(name)}: ${yaml(locations)}`)]),
  ]
  return [
    '# What the channels are in the house, by location, for the page. It does not affect what is stored.',
    '#   mains   what comes from the grid; solar: what is made here; all others in watts are circuits',
    '#   wiring  behind: the mains sensors see the grid; ahead: solar joins ahead of them, and they see the load',
    'house:',
    ...lines.map((line) => `  ${line}`),
  ]
}

function billsLines({ currency, billing, tariffs }: BillsSetup): string[] {
  return [
    '# What energy costs, for `iotawatt-sync bill` and the page: docs/money.md has what tariffs can be.',
    currency === undefined ? '# currency: EUR' : `currency: ${yaml(currency)}`,
    ...(billing === undefined ? [] : [`billing: ${yaml(billing)}`]),
    ...(tariffs === undefined
      ? ['# tariffs: [{ name: One price, import: [{ price: 0.31 }] }]']
      : ['tariffs:', ...tariffs.flatMap(tariffLines).map((line) => `  ${line}`)]),
  ]
}

function tariffLines({ name, import: periods, export: feedIn, fixed }: SimpleTariff): string[] {
  return [
    `- name: ${yaml(name)}`,
    '  # Of the periods that fit a minute, the last in the list applies.',
    '  import:',
    ...periods.map((period) => `    - ${yaml(period)}`),
    ...(feedIn === undefined ? [] : [`  export: ${yaml(feedIn)}`]),
    ...(fixed === undefined ? [] : [`  fixed: ${yaml(fixed)}`]),
  ]
}

function labelLines(rules: readonly LabelRule[]): string[] {
  return [
    '# The labels that series get by their location. All rules that match apply, in order; a later one wins.',
    '# Changed labels make a new series in the store.',
    'labels:',
    ...rules.map((rule) => `  - ${yaml(rule)}`),
  ]
}

/** One line; quoted also where only YAML 1.1 would read something else than a text, as `no`. */
function yaml(value: unknown): string {
  return stringify(value, { collectionStyle: 'flow', lineWidth: 0, compat: 'yaml-1.1', singleQuote: true }).trimEnd()
}
