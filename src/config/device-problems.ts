import { DEFAULT_LABEL_RULES } from '../labels/default-rules.ts'
import { type Unit, UNIT_NAMES } from '../model/channel.ts'
import { DEFAULT_TEMPLATES, fillTemplate } from '../model/point-template.ts'
import { DEVICE_LIST, resolveChannel } from './device-schema.ts'
import { isList, isMapping, type KeyPath } from './key-path.ts'
import type { LooseFile, LooseStore } from './loose-file.ts'
import type { KeyProblem } from './schema-problems.ts'
import { readMac, readUrl } from './setting-kinds.ts'
import { showValue } from './show-value.ts'
import { bothGiven } from './store-problems.ts'

type LooseDevice = NonNullable<LooseFile['devices']>[number]

/** Without `deviceFiles`, there is a device at least. */
export function missingDevices(tree: unknown): KeyProblem[] {
  const { devices, deviceFiles } = isMapping(tree) ? tree : {}
  if (deviceFiles !== undefined || !isMapping(tree)) return []
  if (devices === undefined) return [{ path: ['devices'], message: `found nothing; expected ${DEVICE_LIST}` }]
  const isEmpty = isList(devices) && devices.length === 0
  return isEmpty ? [{ path: ['devices'], message: 'found a list; expected at least one device' }] : []
}

export interface DeviceProblemOptions {
  readonly wattsMetric: string
  /** The rules of the file; left out: those by default. */
  readonly rules: LooseFile['labels']
  /** What messages call a place. */
  readonly describePlace: (path: KeyPath) => string
}

/** What does not go together in `devices`. */
export function deviceProblems(devices: readonly LooseDevice[], options: DeviceProblemOptions): KeyProblem[] {
  const repeated = (key: string, textOf: (device: LooseDevice) => string | undefined, expected: string) =>
    repeats(
      devices.map((device, index) => ({ path: ['devices', index, key], text: textOf(device) })),
      expected,
      options,
    )
  return [
    ...repeated('name', ({ name }) => name, NAMES),
    ...repeated('url', ({ url }) => sameUrl(url), URLS),
    ...repeated('mac', ({ mac = '' }) => readMac(mac), MACS),
    ...devices.flatMap((device, index) => [
      ...passwordProblems(device, ['devices', index]),
      ...seriesProblems(device, ['devices', index], options),
      ...labelProblems(device, ['devices', index], options.rules),
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

function repeats(
  texts: readonly PlacedText[],
  expected: string,
  { describePlace }: Pick<DeviceProblemOptions, 'describePlace'>,
): KeyProblem[] {
  const firsts = new Map<string, KeyPath>()
  return texts.flatMap(({ path, text, shown = showValue(text, path) }) => {
    if (text === undefined) return []
    const first = firsts.get(text)
    if (first) return [{ path, message: `found ${shown} as in ${describePlace(first)}; ${expected}` }]
    firsts.set(text, path)
    return []
  })
}

function sameUrl(text = ''): string | undefined {
  const reading = readUrl(text)
  return 'value' in reading ? reading.value : undefined
}

function passwordProblems(device: LooseDevice, path: KeyPath): KeyProblem[] {
  const problems = bothGiven(device, 'password', path)
  if (problems.length > 0) return problems
  if (device.username === undefined || (device.password ?? device.passwordFile) !== undefined) return []
  const message = 'found a user without a password; expected password or passwordFile beside it'
  return [{ path: [...path, 'username'], atKey: true, message }]
}

function seriesProblems(
  { channels = [] }: LooseDevice,
  path: KeyPath,
  { wattsMetric, describePlace }: DeviceProblemOptions,
): KeyProblem[] {
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
  return repeats(series, SERIES, { describePlace })
}

/** Of two that set the same label, one would win, and a house is read by those of the rules. */
function labelProblems({ labels = {} }: LooseDevice, path: KeyPath, rules: LooseFile['labels']): KeyProblem[] {
  const setters = rules ?? DEFAULT_LABEL_RULES
  return Object.keys(labels).flatMap((name): KeyProblem[] => {
    const index = setters.findIndex(({ set = {} }) => Object.hasOwn(set, name))
    if (index < 0) return []
    const setter = rules ? `labels[${index}] sets` : 'the rules set that apply without labels: in the configuration'
    const message = `found a label that ${setter}; expected another name`
    return [{ path: [...path, 'labels', name], atKey: true, message }]
  })
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
  const path = ['store', key]
  const firsts = new Map<string, TemplatedChannel>()
  for (const channel of possibleChannels(devices, wattsMetric)) {
    const fill = (text: string) => fillTemplate(text, { ...channel, unit: UNIT_NAMES[channel.unit] })
    const point = JSON.stringify([fill(measurement), texts.map(({ name, text }) => [name, fill(text)]), fill(field)])
    const first = firsts.get(point)
    if (first && !isSame(first, channel)) return [{ path, message: describeShared(first, channel) }]
    firsts.set(point, channel)
  }
  if (![measurement, field, ...texts.map(({ text }) => text)].some((text) => text.includes('{unit}'))) return []
  return sharedMetrics(devices, wattsMetric).map(({ metric, units }) => ({
    path,
    message: `found {unit}, and the metric ${metric} holds ${units.join(' and ')}; expected a metric for each unit`,
  }))
}

/** Of which the schema says what is wrong. */
function hasUnknownWord({ measurement = '', tags = {}, field = '' }: LooseStore): boolean {
  const filled = [measurement, field, ...Object.values(tags).map(String)].map((text) =>
    fillTemplate(text, { metric: '', device: '', location: '', unit: '' }),
  )
  return filled.some((text) => /[{}]/.test(text))
}

/** Every metric and location on every device: channels that are not named come as inputs in watts. */
function possibleChannels(devices: readonly LooseDevice[], wattsMetric: string): TemplatedChannel[] {
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

function namedChannels(devices: readonly LooseDevice[], wattsMetric: string) {
  return devices.flatMap(({ channels = [] }) =>
    channels.flatMap(({ name, ...written }) =>
      name === undefined ? [] : [resolveChannel({ name, ...written }, wattsMetric)],
    ),
  )
}

function sharedMetrics(devices: readonly LooseDevice[], wattsMetric: string) {
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
