import { formatKeyPath, type KeyPath } from './key-path.ts'
import type { LooseFile } from './loose-file.ts'
import { readUrl } from './read-url.ts'
import { resolveChannel } from './resolve-channel.ts'
import type { KeyProblem } from './schema-problems.ts'
import { readMac } from './setting-kinds.ts'
import { showValue } from './show-value.ts'

type LooseDevice = NonNullable<LooseFile['devices']>[number]

/** What does not go together in `devices`. */
export function deviceProblems(devices: readonly LooseDevice[], wattsMetric: string): KeyProblem[] {
  const placed = devices.map((device, index) => ({ device, path: ['devices', index] }))
  return [
    ...repeats(
      placed.map(({ device, path }) => ({ path: [...path, 'name'], text: device.name })),
      NAMES,
    ),
    ...repeats(
      placed.map(({ device, path }) => ({ path: [...path, 'url'], text: sameUrl(device.url) })),
      URLS,
    ),
    ...repeats(
      placed.map(({ device, path }) => ({ path: [...path, 'mac'], text: readMac(device.mac ?? '') })),
      MACS,
    ),
    ...placed.flatMap(({ device, path }) => [
      ...passwordProblems(device, path),
      ...seriesProblems(device, path, wattsMetric),
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

function sameUrl(text: string | undefined): string | undefined {
  const reading = readUrl(text ?? '')
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
