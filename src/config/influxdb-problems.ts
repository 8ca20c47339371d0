import { type Unit, UNIT_NAMES } from '../model/channel.ts'
import { DEFAULT_TEMPLATES, fillTemplate } from '../model/point-template.ts'
import { INFLUXDB_KEYS } from './influxdb-schema.ts'
import type { LooseFile, LooseStore } from './loose-file.ts'
import { resolveChannel } from './device-schema.ts'
import type { KeyProblem } from './schema-problems.ts'

const VICTORIAMETRICS_KEYS = ['writeUrl', 'readUrl', 'cacheResetUrls', 'headers', 'allowDuplicates']

/** What does not go together in a `store` of this type. */
export function influxDbProblems(store: LooseStore): KeyProblem[] {
  const foreign = given(store, VICTORIAMETRICS_KEYS).map((key) =>
    at(key, 'found beside type: influxdb; expected it with type: victoriametrics alone', true),
  )
  const address =
    store.url === undefined
      ? [at('url', 'found nothing; expected the address of InfluxDB such as http://influxdb:8086')]
      : []
  return [...foreign, ...address, ...targetProblems(store)]
}

/** Keys that another store does not have. */
export function notOfInfluxDb(store: LooseStore, expected: string): KeyProblem[] {
  return given(store, INFLUXDB_KEYS).map((key) => at(key, `found a key of InfluxDB; expected ${expected}`, true))
}

function targetProblems(store: LooseStore): KeyProblem[] {
  const [ofFirst, ofSecond] = [given(store, ['database', 'retentionPolicy']), given(store, ['organization', 'bucket'])]
  const [first] = ofFirst
  if (first !== undefined && ofSecond.length > 0)
    return [
      at(
        first,
        `found beside ${ofSecond.join(' and ')}; expected database for InfluxDB 1.x, or organization and bucket for 2.x`,
        true,
      ),
    ]
  if (ofSecond.length > 0) return secondProblems(store)
  const token = given(store, ['token', 'tokenFile']).map((key) =>
    at(key, 'found a token; expected username and password for InfluxDB 1.x, or organization and bucket for 2.x', true),
  )
  if (store.database !== undefined) return token
  return [at('database', 'found nothing; expected the database of InfluxDB 1.x, or organization and bucket of 2.x')]
}

function secondProblems(store: LooseStore): KeyProblem[] {
  const missing = (['organization', 'bucket'] as const).filter((key) => store[key] === undefined)
  const problems = missing.map((key) => at(key, `found nothing; expected the ${key} of InfluxDB 2.x`))
  if (
    given(store, ['username', 'password', 'passwordFile']).length === 0 &&
    (store.token ?? store.tokenFile) === undefined
  )
    problems.push(at('token', 'found nothing; expected a token of InfluxDB 2.x, or tokenFile'))
  for (const key of given(store, ['username', 'password', 'passwordFile']))
    problems.push(at(key, 'found a login of InfluxDB 1.x; expected token or tokenFile for 2.x', true))
  return problems
}

interface TemplatedChannel {
  readonly device: string
  readonly location: string
  readonly metric: string
  readonly unit: Unit
}

/** Channels that the templates would make one series of. */
export function templateProblems({ store, devices = [] }: LooseFile, wattsMetric: string): KeyProblem[] {
  if (store?.type !== 'influxdb' || hasUnknownWord(store)) return []
  const { measurement = DEFAULT_TEMPLATES.measurement, tags, field = DEFAULT_TEMPLATES.field } = store
  const texts = Object.entries(tags ?? { device: '{device}', location: '{location}' }).flatMap(([name, text]) =>
    typeof text === 'string' ? [{ name, text }] : [],
  )
  const key = store.measurement !== undefined ? 'measurement' : store.field !== undefined ? 'field' : 'tags'
  const firsts = new Map<string, TemplatedChannel>()
  for (const channel of possibleChannels(devices, wattsMetric)) {
    const fill = (text: string) => fillTemplate(text, { ...channel, unit: UNIT_NAMES[channel.unit] })
    const point = JSON.stringify([fill(measurement), texts.map(({ name, text }) => [name, fill(text)]), fill(field)])
    const first = firsts.get(point)
    if (first && !isSame(first, channel)) return [at(key, describeShared(first, channel))]
    firsts.set(point, channel)
  }
  if (![measurement, field, ...texts.map(({ text }) => text)].some((text) => text.includes('{unit}'))) return []
  return sharedMetrics(devices, wattsMetric).map(({ metric, units }) =>
    at(key, `found {unit}, and the metric ${metric} holds ${units.join(' and ')}; expected a metric for each unit`),
  )
}

/** Of which the schema says what is wrong. */
function hasUnknownWord({ measurement = '', tags = {}, field = '' }: LooseStore): boolean {
  const filled = [measurement, field, ...Object.values(tags).map(String)].map((text) =>
    fillTemplate(text, { metric: '', device: '', location: '', unit: '' }),
  )
  return filled.some((text) => /[{}]/.test(text))
}

type LooseDevices = NonNullable<LooseFile['devices']>

/** Every metric and location on every device: channels that are not named come as inputs in watts. */
function possibleChannels(devices: LooseDevices, wattsMetric: string): TemplatedChannel[] {
  const named = namedChannels(devices, wattsMetric)
  const metrics = new Map<string, Unit>([
    [wattsMetric, 'watts'],
    ...named.map(({ metric, unit }) => [metric, unit] as const),
  ])
  const locations = new Set([...named.map(({ location }) => location), 'Input_1', 'Input_2'])
  return devices.flatMap(({ name: device = '' }) =>
    [...metrics].flatMap(([metric, unit]) => [...locations].map((location) => ({ device, location, metric, unit }))),
  )
}

function namedChannels(devices: LooseDevices, wattsMetric: string) {
  return devices.flatMap(({ channels = [] }) =>
    channels.flatMap(({ name, ...written }) =>
      name === undefined ? [] : [resolveChannel({ name, ...written }, wattsMetric)],
    ),
  )
}

function sharedMetrics(devices: LooseDevices, wattsMetric: string) {
  const units = new Map<string, Set<Unit>>()
  for (const { metric, unit } of namedChannels(devices, wattsMetric))
    units.set(metric, (units.get(metric) ?? new Set()).add(unit))
  return [...units].filter(([, all]) => all.size > 1).map(([metric, all]) => ({ metric, units: [...all] }))
}

function isSame(a: TemplatedChannel, b: TemplatedChannel): boolean {
  return a.device === b.device && a.location === b.location && a.metric === b.metric
}

function describeShared(first: TemplatedChannel, other: TemplatedChannel): string {
  const words = [
    ...(first.device === other.device ? [] : ['{device}']),
    ...(first.location === other.location ? [] : ['{location}']),
    ...(first.metric === other.metric ? [] : ['{metric}']),
  ]
  const describe = ({ metric, location, device }: TemplatedChannel) => `${metric} of ${location} on ${device}`
  return `found templates that make one series of ${describe(first)} and ${describe(other)}; expected ${words.join(' and ')} in measurement, tags or field`
}

function given(store: LooseStore, keys: readonly string[]): string[] {
  return keys.filter((key) => store[key] !== undefined)
}

function at(key: string, message: string, isThere = false): KeyProblem {
  return { path: ['store', key], message, ...(isThere && { atKey: true }) }
}
