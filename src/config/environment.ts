import { basename } from 'node:path'
import { didYouMean } from '../model/nearest-name.ts'
import type { Problem } from './config-error.ts'
import { formatKeyPath, isList, isMapping, type KeyPath, valueAt, withValueAt } from './key-path.ts'
import { listDeviceSettings, listSettings, rivalOf, type Setting } from './settings.ts'
import { showPath, showValue } from './show-value.ts'
import { readYaml } from './yaml-source.ts'

export type Environment = Readonly<Record<string, string | undefined>>

const PREFIX = 'IOTAWATT_SYNC_'
export const CONFIG_VARIABLE = `${PREFIX}CONFIG`
/** What steers the program, and not its work. */
const OWN_VARIABLES: ReadonlySet<string> = new Set([CONFIG_VARIABLE, `${PREFIX}DEBUG`])

export interface Overridden {
  readonly tree: unknown
  readonly problems: readonly Problem[]
  /** The variable, or file of a credential, that gave the value at this place, or what holds it. */
  variableOf(path: KeyPath): string | undefined
}

/**
 * The file's values with those of the environment in their place. A variable's name is IOTAWATT_SYNC_ and the
 * setting's keys in capitals, a device by its index or its name: IOTAWATT_SYNC_DEVICES_IWATT5_URL. `credentials` are
 * files by the variable that they count as.
 */
export function withEnvironment(
  tree: unknown,
  environment: Environment,
  credentials: ReadonlyMap<string, string>,
): Overridden {
  const given = new Map([...givenVariables(environment), ...credentials])
  const shownName = (variable: string) => credentials.get(variable) ?? variable
  const problems: Problem[] = []
  const origins = new Map<string, string>()
  let changed = tree
  const apply = (settings: ReadonlyMap<string, Setting>) => {
    for (const [variable, text] of given) {
      const setting = settings.get(variable)
      if (!setting) continue
      given.delete(variable)
      const { value, problem } = readVariable(text, setting)
      if (problem !== undefined)
        problems.push({ place: `${shownName(variable)} (${showPath(setting.path)})`, message: problem })
      else changed = withValueAt(withoutRival(changed, setting.path), setting.path, value)
      origins.set(formatKeyPath(setting.path), shownName(variable))
    }
  }
  apply(byVariable(listSettings()))
  const { devices, shared } = deviceVariables(changed, [...given.keys()])
  apply(devices)
  const known = [CONFIG_VARIABLE, ...byVariable(listSettings()).keys(), ...devices.keys()]
  for (const variable of given.keys())
    problems.push({
      place: shownName(variable),
      message: shared.has(variable)
        ? `found a variable that means several devices; expected their place in the list, such as ${variableName(['devices', 0, 'url'])}`
        : `found ${credentials.has(variable) ? 'a credential for ' : ''}an unknown variable${didYouMean(basename(shownName(variable)), known)}; ${HOW_NAMED}`,
    })
  return { tree: changed, problems, variableOf: (path) => originOf(origins, path) }
}

const HOW_NAMED = 'expected IOTAWATT_SYNC_ and the keys in capitals, such as IOTAWATT_SYNC_STORE_URL'

/** `['devices', 0, 'maxAge']` → `IOTAWATT_SYNC_DEVICES_0_MAX_AGE` */
export function variableName(path: KeyPath): string {
  return PREFIX + path.map((key) => (typeof key === 'number' ? String(key) : capitals(key))).join('_')
}

function capitals(key: string): string {
  return key
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[^a-zA-Z0-9]+/g, '_')
    .toUpperCase()
}

/** An empty variable counts as not set, as containers pass on what they were not given. */
function givenVariables(environment: Environment): Map<string, string> {
  const given = new Map<string, string>()
  for (const [variable, text] of Object.entries(environment)) {
    if (!variable.startsWith(PREFIX) || OWN_VARIABLES.has(variable) || text === undefined || text === '') continue
    if (!isServiceVariable(variable, text)) given.set(variable, text)
  }
  return given
}

function byVariable(settings: readonly Setting[]): Map<string, Setting> {
  return new Map(settings.map((setting) => [variableName(setting.path), setting]))
}

/** The devices of the file by index and by name, and those that variables add after them. */
function deviceVariables(
  tree: unknown,
  variables: readonly string[],
): { devices: Map<string, Setting>; shared: ReadonlySet<string> } {
  const listed = valueAt(tree, ['devices'])
  const devices = isList(listed) && variables.length > 0 ? listed : []
  const known = new Map<string, Setting>()
  const shared = new Set<string>()
  const addVariable = (variable: string, setting: Setting) => {
    if (known.has(variable)) shared.add(variable)
    known.set(variable, setting)
  }
  const addDevice = (index: number, names: readonly string[]) => {
    for (const setting of listDeviceSettings(index))
      for (const name of names) addVariable(variableName(['devices', name, ...setting.path.slice(2)]), setting)
  }
  for (const [index, device] of devices.entries()) {
    const name = isMapping(device) ? device['name'] : undefined
    addDevice(index, typeof name === 'string' ? [name, String(index)] : [String(index)])
  }
  for (
    let index = devices.length;
    variables.some((name) => name.startsWith(variableName(['devices', index]) + '_'));
    index++
  )
    addDevice(index, [String(index)])
  for (const variable of shared) known.delete(variable)
  return { devices: known, shared }
}

function readVariable(text: string, { path, kind }: Setting): { value?: unknown; problem?: string } {
  if (kind === 'text') return { value: text }
  if (kind === 'boolean') {
    if (text === 'true' || text === 'false') return { value: text === 'true' }
    return { problem: `found ${showValue(text, path)}; expected true or false` }
  }
  const { tree, problems } = readYaml(text)
  const [problem] = problems
  return problem
    ? { problem: `${problem.message}; expected YAML in one line, such as [a, b] or { a: "b" }` }
    : { value: tree }
}

/** Of two keys that exclude each other, the one that the environment gives replaces the other one of the file. */
function withoutRival(tree: unknown, path: KeyPath): unknown {
  const rival = rivalOf(path)
  return rival === undefined ? tree : withValueAt(tree, rival, undefined)
}

function originOf(origins: ReadonlyMap<string, string>, path: KeyPath): string | undefined {
  for (let length = path.length; length > 0; length--) {
    const variable = origins.get(formatKeyPath(path.slice(0, length)))
    if (variable !== undefined) return variable
  }
  return undefined
}

const ADDRESS = /^(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f:.]*:[0-9a-f:.]*)$/i
const PORT = /^\d{1,5}$/
const PLACE = /^(?:tcp|udp|sctp):\/\/\S+:\d{1,5}$/

/** What follows the name of the service, and what such a variable holds. */
const FORMS: readonly (readonly [suffix: RegExp, value: RegExp])[] = [
  [/_SERVICE_HOST$/, ADDRESS],
  [/_SERVICE_PORT(?:_\w+)?$/, PORT],
  [/_PORT(?:_\d{1,5}_(?:TCP|UDP|SCTP))?$/, PLACE],
  [/_PORT_\d{1,5}_(?:TCP|UDP|SCTP)_PROTO$/, /^(?:tcp|udp|sctp)$/],
  [/_PORT_\d{1,5}_(?:TCP|UDP|SCTP)_PORT$/, PORT],
  [/_PORT_\d{1,5}_(?:TCP|UDP|SCTP)_ADDR$/, ADDRESS],
]

/**
 * Whether Kubernetes sets it for a service: it tells every pod of all services of its namespace, and the name of one may
 * begin as those of our variables do (with Helm, RELEASE-CHART). Its value is looked at too: somebody who writes
 * IOTAWATT_SYNC_WEB_PORT=8480 means a setting.
 */
function isServiceVariable(name: string, value: string): boolean {
  return FORMS.some(([suffix, form]) => suffix.test(name) && form.test(value))
}
