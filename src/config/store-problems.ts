import { MAX_FOUND_PROBLEMS, type Problem } from './config-error.ts'
import type { Config } from './config.ts'
import { resolveChannel } from './device-schema.ts'
import type { Environment, Overridden } from './environment.ts'
import { influxDbProblems, notOfInfluxDb } from './influxdb-problems.ts'
import { INFLUXDB_KEYS } from './influxdb-schema.ts'
import { formatKeyPath, type KeyPath } from './key-path.ts'
import type { LooseFile, LooseStore } from './loose-file.ts'
import type { KeyProblem } from './schema-problems.ts'
import { formatDuration, isLoopback, readListenAddress, readMac, readUrl } from './setting-kinds.ts'
import { showPath, showValue } from './show-value.ts'
import type { Position, YamlSource } from './yaml-source.ts'

const ADDRESSES = ['url', 'writeUrl', 'readUrl'] as const

/** What does not go together in `store`. */
export function storeProblems(store: LooseStore): KeyProblem[] {
  if (store.type === 'embedded') return embeddedProblems(store)
  if (store.type === 'influxdb') return [...influxDbProblems(store), ...credentialProblems(store)]
  const foreign = notOfInfluxDb(store, 'type: influxdb beside it')
  return foreign.length > 0 ? foreign : [...addressProblems(store), ...credentialProblems(store)]
}

function embeddedProblems(store: LooseStore): KeyProblem[] {
  return Object.entries(store)
    .filter(([key, value]) => key !== 'type' && value !== undefined)
    .map(([key]) => at(key, `found beside type: embedded; expected no other key, or type: ${ownerOf(key)}`, true))
}

function ownerOf(key: string): string {
  return INFLUXDB_KEYS.includes(key) ? 'influxdb' : 'victoriametrics'
}

function addressProblems({ url, writeUrl, readUrl, type, ...store }: LooseStore): KeyProblem[] {
  if (url !== undefined && (writeUrl ?? readUrl) !== undefined)
    return [
      at('url', 'found beside writeUrl or readUrl; expected url for a single node, or both others for a cluster', true),
    ]
  if (writeUrl !== undefined && readUrl === undefined)
    return [at('readUrl', 'found nothing; expected the address of vmselect beside writeUrl')]
  if (readUrl !== undefined && writeUrl === undefined)
    return [at('writeUrl', 'found nothing; expected the address of vminsert beside readUrl')]
  if (readUrl !== undefined && writeUrl !== undefined) return tenantProblems(writeUrl, readUrl)
  const needsAddress = type === 'victoriametrics' || Object.values(store).some((value) => value !== undefined)
  if (needsAddress && ADDRESSES.every((key) => ({ url, writeUrl, readUrl })[key] === undefined))
    return [at('url', 'found nothing; expected the address of VictoriaMetrics such as http://victoriametrics:8428')]
  return []
}

/** What is written for one tenant is not there when another is read. */
function tenantProblems(writeUrl: string, readUrl: string): KeyProblem[] {
  const [written, read] = [tenantOf(writeUrl, 'insert'), tenantOf(readUrl, 'select')]
  if (written === undefined || read === undefined || written === read) return []
  const expected = `expected ${written}, which writeUrl has: else nothing that is written could be read`
  return [at('readUrl', `found tenant ${read}; ${expected}`, true)]
}

/** `4` is `4:0`. */
function tenantOf(url: string, path: 'insert' | 'select'): string | undefined {
  const [, tenant] = new RegExp(`/${path}/([^/?#]+)(?:/|$)`).exec(url) ?? []
  return tenant !== undefined && /^\d+$/.test(tenant) ? `${tenant}:0` : tenant
}

function credentialProblems(store: LooseStore): KeyProblem[] {
  const password = store.password ?? store.passwordFile
  const token = store.token ?? store.tokenFile
  const hasAuthorization = Object.keys(store.headers ?? {}).some((name) => name.toLowerCase() === 'authorization')
  const problems = [...bothGiven(store, ['password', 'passwordFile']), ...bothGiven(store, ['token', 'tokenFile'])]
  if (store.username !== undefined && password === undefined)
    problems.push(at('username', 'found a user without a password; expected password or passwordFile beside it', true))
  if (store.username === undefined && password !== undefined)
    problems.push(at('username', 'found nothing; expected the user whose password is given'))
  if (token !== undefined && (store.username ?? password) !== undefined)
    problems.push(at('username', 'found a user or password beside a token; expected one way to log in', true))
  if (hasAuthorization && (token ?? password) !== undefined)
    problems.push(at('headers', 'found Authorization beside a password or token; expected one way to log in', true))
  return problems
}

function bothGiven(store: LooseStore, [plain, file]: readonly ['password' | 'token', 'passwordFile' | 'tokenFile']) {
  if (store[plain] === undefined || store[file] === undefined) return []
  return [at(file, `found beside ${plain}; expected one of the two`, true)]
}

function at(key: string, message: string, isThere = false): KeyProblem {
  return { path: ['store', key], message, ...(isThere && { atKey: true }) }
}

/** What does not go together in `web`. */
export function webProblems({ listen, token, tokenFile }: NonNullable<LooseFile['web']>): KeyProblem[] {
  if (token !== undefined && tokenFile !== undefined)
    return [{ path: ['web', 'tokenFile'], message: 'found beside token; expected one of the two', atKey: true }]
  const address = readListenAddress(listen ?? '')
  if (!('value' in address) || isLoopback(address.value.host) || (token ?? tokenFile) !== undefined) return []
  const message = `found ${listen}, where others than this machine can ask, and no token; expected tokenFile beside it, or a loopback address such as 127.0.0.1:8480`
  return [{ path: ['web', 'listen'], message }]
}

interface Sources {
  readonly source: YamlSource
  readonly overridden: Overridden
  /** What messages call the file. */
  readonly file: string
}

interface Placed extends Problem, Position {}

/** Mistakes at the variable, or the line and column, that they come from: the file's in their order. */
export function placeProblems(mistakes: readonly KeyProblem[], { source, overridden, file }: Sources): Problem[] {
  const inFile = source.problems
    .slice(0, MAX_FOUND_PROBLEMS)
    .map(({ path, position, message }) => placed(file, { path, position, message }))
  const others = mistakes.slice(0, MAX_FOUND_PROBLEMS).map(({ path, message, atKey }): Placed => {
    const variable = overridden.variableOf(path)
    if (variable !== undefined) return { place: `${variable} (${showPath(path)})`, message, line: Infinity, column: 0 }
    return placed(file, { path, position: atKey ? source.positionOfKey(path) : source.positionOf(path), message })
  })
  return [...inFile, ...others]
    .sort((a, b) => (a.line === b.line ? a.column - b.column : a.line < b.line ? -1 : 1))
    .map(({ place, message }) => ({ place, message }))
}

function placed(file: string, { path, position, message }: YamlSource['problems'][number]): Placed {
  const key = showPath(path)
  const { line, column } = position
  return { place: `${file}:${line}:${column}${key === '' ? '' : ` ${key}`}`, message, line, column }
}

type LooseDevice = NonNullable<LooseFile['devices']>[number]

/** What does not go together in `devices`. */
export function deviceProblems(devices: readonly LooseDevice[], wattsMetric: string): KeyProblem[] {
  const repeated = (key: string, textOf: (device: LooseDevice) => string | undefined, expected: string) =>
    repeats(
      devices.map((device, index) => ({ path: ['devices', index, key], text: textOf(device) })),
      expected,
    )
  return [
    ...repeated('name', ({ name }) => name, NAMES),
    ...repeated('url', ({ url }) => sameUrl(url), URLS),
    ...repeated('mac', ({ mac = '' }) => readMac(mac), MACS),
    ...devices.flatMap((device, index) => [
      ...passwordProblems(device, ['devices', index]),
      ...seriesProblems(device, ['devices', index], wattsMetric),
    ]),
  ]
}

const NAMES = 'expected a name of its own for each device, as its series are known by it'
const URLS = 'expected each device once, as two names for one device store everything twice'
const MACS = 'expected the MAC of each device, as no two devices have the same'
const SERIES = 'expected a location or metric of its own for each channel of a device'

interface PlacedText {
  readonly path: KeyPath
  readonly text: string | undefined
  readonly shown?: string
}

function repeats(texts: readonly PlacedText[], expected: string): KeyProblem[] {
  const firsts = new Map<string, KeyPath>()
  return texts.flatMap(({ path, text, shown = showValue(text, path) }) => {
    if (text === undefined) return []
    const first = firsts.get(text)
    if (first) return [{ path, message: `found ${shown} as in ${formatKeyPath(first)}; ${expected}` }]
    firsts.set(text, path)
    return []
  })
}

function sameUrl(text = ''): string | undefined {
  const reading = readUrl(text)
  return 'value' in reading ? reading.value : undefined
}

function passwordProblems(device: LooseDevice, path: KeyPath): KeyProblem[] {
  if (device.password !== undefined && device.passwordFile !== undefined)
    return [{ path: [...path, 'passwordFile'], atKey: true, message: 'found beside password; expected one of the two' }]
  if (device.username === undefined || (device.password ?? device.passwordFile) !== undefined) return []
  const message = 'found a user without a password; expected password or passwordFile beside it'
  return [{ path: [...path, 'username'], atKey: true, message }]
}

function seriesProblems({ channels = [] }: LooseDevice, path: KeyPath, wattsMetric: string): KeyProblem[] {
  const series = channels.map(({ name, ...written }, index): PlacedText => {
    const place = { path: [...path, 'channels', index] }
    if (name === undefined) return { ...place, text: undefined }
    const { metric, location } = resolveChannel({ name, ...written }, wattsMetric)
    return {
      ...place,
      text: JSON.stringify([metric, location]),
      shown: `metric ${showValue(metric, path)} and location ${showValue(location, path)}`,
    }
  })
  return repeats(series, SERIES)
}

/** What is allowed and most likely not meant, in complete sentences. */
export function configWarnings(config: Config): string[] {
  return [...httpsWarnings(config), ...loadWarnings(config), ...ageWarnings(config), ...unitWarnings(config)]
}

/** About variables that are not this program's own. */
export function environmentWarnings({ NODE_TLS_REJECT_UNAUTHORIZED: checksCertificates }: Environment): string[] {
  if (checksCertificates !== '0') return []
  return [
    'NODE_TLS_REJECT_UNAUTHORIZED=0 has no effect here: certificates are checked. To trust an authority of your own: store.caFile, or caFile of a device.',
  ]
}

function httpsWarnings({ devices }: Config): string[] {
  return devices
    .filter(({ url }) => url.startsWith('https:'))
    .map(
      ({ name, url }) =>
        `The url of ${name} is ${url}: an IoTaWatt speaks http only. Unless a proxy stands before it: ${url.replace(/^https:/, 'http:')}.`,
    )
}

function loadWarnings({ maxDeviceLoad }: Config): string[] {
  if (maxDeviceLoad <= 0.5) return []
  return [`maxDeviceLoad is ${maxDeviceLoad * 100}%: a device does not measure while it answers; 25% is gentle.`]
}

function ageWarnings({ intervalMs, web }: Config): string[] {
  if (web.maxAgeMs > intervalMs) return []
  const [age, interval] = [formatDuration(web.maxAgeMs), formatDuration(intervalMs)]
  return [
    `web.maxAge (${age}) is not longer than interval (${interval}): /readyz will report stale between sync cycles.`,
  ]
}

function unitWarnings({ devices, metric }: Config): string[] {
  const units = new Map<string, Set<string>>([[metric, new Set(['watts'])]])
  for (const channel of devices.flatMap((device) => device.channels ?? []))
    units.set(channel.metric, (units.get(channel.metric) ?? new Set()).add(channel.unit))
  return [...units]
    .filter(([, kinds]) => kinds.size > 1)
    .map(([name, kinds]) => `The metric ${name} holds ${[...kinds].join(' and ')}: a sum over it means nothing.`)
}
