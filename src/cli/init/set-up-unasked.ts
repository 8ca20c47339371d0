import type { Config, DeviceConfig } from '../../config/config.ts'
import { ConfigError } from '../../config/config-error.ts'
import { variableName } from '../../config/environment.ts'
import { readConfig } from '../../config/load-config.ts'
import { withoutPassword } from '../../config/show-value.ts'
import { at } from '../../model/at.ts'
import { DeviceError } from '../../model/device.ts'
import { explain } from '../../runtime/errors.ts'
import { findMissingDuckdb } from '../../store/embedded/load-duckdb.ts'
import { describeDevice, type Finding } from '../../sync/check/check-device.ts'
import { UsageError } from '../exit-codes.ts'
import { describeNoEmbedded, inspectStore } from './ask-store.ts'
import { chooseLabels } from './choose-labels.ts'
import { findDevices } from './find-devices.ts'
import { chosenChannels, inspectDevice, ownName } from './look-at-device.ts'
import { houseUnasked } from './set-up-house.ts'
import {
  areSame,
  type DeviceSetup,
  givenSince,
  type InitRun,
  isGiven,
  nameProblem,
  readAddress,
  refuseUnknownChannels,
  type Setup,
  type StoreSetup,
} from './setup.ts'

/** A device as a flag names it; without a name it gets its own. */
interface Target {
  readonly name?: string
  readonly url: string
}

/** From the flags alone; logins come from the environment. Throws where anything is not as it should be. */
export async function setUpUnasked(run: InitRun, say: (line: string) => void): Promise<Setup> {
  const { store = { type: 'embedded' }, bills } = run
  const noEmbedded = store.type === 'embedded' ? findMissingDuckdb() : undefined
  if (noEmbedded !== undefined)
    throw new Error(`${describeNoEmbedded(noEmbedded)}\n  give its address: --store http://victoriametrics:8428`)
  const targets = run.flags.device.length > 0 ? run.flags.device.map(readTarget) : await findTargets(run)
  const config = await withLogins(targets, store, run)
  const devices = await inspectAll(targets, config, run)
  for (const { looks } of devices) for (const look of looks) say(look)
  const setups = devices.map(({ setup }) => setup)
  refuseRepeated(setups)
  refuseUnknownChannels(run.flags, setups)
  const { house, findings } = await houseUnasked(setups, run)
  const sayAll = (found: readonly Finding[]) => {
    for (const { verdict, subject, message } of found) say(`${verdict}  ${subject}: ${message}`)
  }
  sayAll(findings)
  const checked = await checkedStore(store, { config, devices: setups, say }, run)
  const { rules, findings: kept } = await chooseLabels({ devices: setups, house }, { ...run, store: config.store })
  sayAll(kept)
  return { devices: setups, store: checked, house, bills, rules }
}

interface ChosenWith {
  readonly config: Config
  readonly devices: readonly DeviceSetup[]
  say(line: string): void
}

async function checkedStore(
  store: StoreSetup,
  { config, devices, say }: ChosenWith,
  run: InitRun,
): Promise<StoreSetup> {
  if (store.type === 'embedded' || config.store.type === 'embedded') {
    const isChosen = run.store !== undefined
    say(`GOOD  store: embedded, a file of this program${isChosen ? '' : ', as no --store URL names a VictoriaMetrics'}`)
    return store
  }
  for (const { verdict, message } of await inspectStore(config.store, run.deps, { ...run, devices })) {
    if (verdict === 'BAD') throw new Error(`store: ${message}`)
    say(`${verdict}  store: ${message}`)
  }
  return { ...store, ...(config.store.auth && { login: { kind: 'environment' } }) }
}

function readTarget(flag: string): Target {
  const [, name, address = ''] = /^(?:([^=/]*)=)?(.*)$/s.exec(flag) ?? []
  const reading = readAddress(address)
  if (!('value' in reading)) throw new UsageError(`--device ${withoutPassword(flag)}: expected ${reading.expected}`)
  const problem = name === undefined ? undefined : nameProblem(name)
  if (problem !== undefined) throw new UsageError(`--device ${withoutPassword(flag)}: ${problem} before the =`)
  return { url: reading.value, ...(name !== undefined && { name }) }
}

async function findTargets({ browse, deps, signal }: InitRun): Promise<Target[]> {
  const found = await findDevices(browse, deps, signal)
  const targets = found.filter(({ name }) => name !== undefined).map(({ url }) => ({ url }))
  if (targets.length > 0) return targets
  throw new Error('no IoTaWatt was found on this network\n  give its address: --device http://192.168.1.50')
}

/** The configuration as it would be with no more than the flags: the environment adds what it has. */
async function withLogins(targets: readonly Target[], store: StoreSetup, { env, file }: InitRun): Promise<Config> {
  const devices = targets.map(({ name, url }) => ({ name: name ?? new URL(url).host, url }))
  const text = JSON.stringify({ store, devices })
  const { config } = await readConfig(text, { path: file, shownPath: 'flags', env }).catch((error: unknown) => {
    throw error instanceof ConfigError ? new UsageError(describeProblems(error)) : error
  })
  return config
}

/** There is no file yet in which to look for them. */
function describeProblems({ problems }: ConfigError): string {
  return problems.map(({ place, message }) => `${place.replace(/^flags:\d+:\d+ /, '')}: ${message}`).join('\n')
}

async function inspectAll(targets: readonly Target[], { devices }: Config, run: InitRun) {
  const looks = await Promise.allSettled(
    devices.slice(0, targets.length).map((device, index) => inspectOne(device, { ...at(targets, index), index }, run)),
  )
  run.signal.throwIfAborted()
  const failures = looks.flatMap((look): unknown[] => (look.status === 'rejected' ? [look.reason] : []))
  const usage = failures.find((failure) => failure instanceof UsageError)
  if (failures.length > 0) throw usage ?? new Error(failures.map(explain).join('\n'))
  return looks.flatMap((look) => (look.status === 'fulfilled' ? [look.value] : []))
}

async function inspectOne(
  device: DeviceConfig,
  { name: given, index }: { name?: string; index: number },
  { deps, flags, signal }: InitRun,
): Promise<{ setup: DeviceSetup; looks: string[] }> {
  const { status, channels, week, weekProblem } = await inspectDevice(device, deps, signal).catch((error: unknown) => {
    throw error instanceof DeviceError && error.reason === 'unauthorized' ? wantsLogin(error, given ?? index) : error
  })
  const expected = chosenChannels(channels, flags.channel)
  const name = given ?? ownName(status)
  const since = givenSince(flags, status)
  if (expected.size === 0) throw new Error(`${name}: it lists no input in watts that could be copied`)
  const { url, auth } = device
  const login = auth && ({ kind: 'environment' } as const)
  const { firstMs, standardOffsetMs } = status
  const seen = { firstMs, channels, week, standardOffsetMs }
  const what = isGiven(flags.channel) ? 'copied' : 'inputs in watts'
  return {
    setup: { name, url, ...seen, expected, ...(login && { login }), ...(since !== undefined && { since }) },
    looks: [
      `GOOD  ${name}: ${describeDevice(name, status).message}; ${expected.size} of ${channels.length} channels are ${what}`,
      ...(weekProblem === undefined ? [] : [`WARN  ${name}: ${weekProblem}`]),
    ],
  }
}

function wantsLogin({ message, reason }: DeviceError, device: string | number): DeviceError {
  const variable = variableName(['devices', device, 'password'])
  return new DeviceError(reason, message, {
    hint: `give its password in ${variable}, or the file that holds it in ${variable}_FILE; its user is admin, or what ${variableName(['devices', device, 'username'])} says`,
  })
}

function refuseRepeated(devices: readonly DeviceSetup[]): void {
  const names = devices.map(({ name }) => name)
  const repeated = names.find((name, index) => names.indexOf(name) !== index)
  if (repeated !== undefined)
    throw new UsageError(`two devices are called ${repeated}; give each a name of its own: --device NAME=URL`)
  for (const [index, device] of devices.entries()) {
    const same = devices.slice(0, index).find((other) => areSame(other, device))
    if (same) throw new UsageError(`${same.url} and ${device.url} are the same device; name it once`)
  }
}
