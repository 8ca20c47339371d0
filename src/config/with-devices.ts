import type { DeviceFile } from './device-files.ts'
import { defaultsSchema } from './device-schema.ts'
import { formatKeyPath, isList, isMapping, type KeyPath, type Mapping, valueAt, withValueAt } from './key-path.ts'
import { rivalOf } from './settings.ts'

/** Where something was written. */
export interface Origin {
  /** Left out: the configuration. */
  readonly file?: DeviceFile
  readonly path: KeyPath
}

export interface WithDevices {
  readonly tree: unknown
  /** Where that was written which stands at this place of the tree. */
  originOf(path: KeyPath): Origin
  /** The same for a message. */
  describePlace(path: KeyPath): string
}

/**
 * A configuration with the devices of its files behind its own, and in each device the `defaults` that it does not give
 * itself. A default with a mistake is left out: it is named where it stands.
 */
export function withDevices(tree: unknown, files: readonly DeviceFile[]): WithDevices {
  const { defaults, devices = [] } = isMapping(tree) ? tree : {}
  const own = isList(devices) ? devices : []
  const listed = isList(devices) ? files.flatMap((file) => file.devices.map((device) => ({ file, ...device }))) : []
  const usable = Object.entries(isMapping(defaults) ? defaults : {}).filter(isUsable)
  const written = [...own, ...listed.map(({ value }) => value)]
  const inherited = written.map((device) => (isMapping(device) ? inheritedOf(device, usable) : {}))
  const complete = written.map((device, index) => (isMapping(device) ? merge(inherited[index] ?? {}, device) : device))
  const originOf = (path: KeyPath): Origin => {
    const [list, index, key, ...rest] = path
    if (list !== 'devices' || typeof index !== 'number') return { path }
    if (key !== undefined && valueAt(inherited[index], [key, ...rest.slice(0, 1)]) !== undefined)
      return { path: ['defaults', key, ...rest] }
    const device = listed[index - own.length]
    return device ? { file: device.file, path: device.pathOf(path.slice(2)) } : { path }
  }
  return {
    tree: written.length > 0 ? withValueAt(tree, ['devices'], complete) : tree,
    originOf,
    describePlace(place) {
      const { file, path } = originOf(place)
      if (!file) return formatKeyPath(path)
      return `${file.shownPath}:${file.source.positionOf(path).line} ${formatKeyPath(path)}`
    },
  }
}

function isUsable([key, value]: readonly [string, unknown]): boolean {
  return Object.hasOwn(defaultsSchema.shape, key) && defaultsSchema.partial().safeParse({ [key]: value }).success
}

/** Of labels, those that the device does not give itself. */
function inheritedOf(device: Mapping, usable: readonly (readonly [string, unknown])[]): Mapping {
  const missing = usable.flatMap(([key, value]): (readonly [string, unknown])[] => {
    const own = device[key]
    if (key === 'labels' && isMapping(own) && isMapping(value))
      return [[key, Object.fromEntries(Object.entries(value).filter(([name]) => !Object.hasOwn(own, name)))]]
    return gives(device, key) ? [] : [[key, value]]
  })
  return Object.fromEntries(missing)
}

function merge(inherited: Mapping, device: Mapping): Mapping {
  const [{ labels: shared }, { labels: own }] = [inherited, device]
  return { ...inherited, ...device, ...(isMapping(shared) && isMapping(own) && { labels: { ...shared, ...own } }) }
}

/** In the one way or the other: `password` or `passwordFile`. */
function gives(device: Mapping, key: string): boolean {
  const rival = rivalOf(['devices', 0, key])?.at(-1)
  return Object.hasOwn(device, key) || (rival !== undefined && Object.hasOwn(device, rival))
}
