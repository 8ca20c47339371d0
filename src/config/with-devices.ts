import type { DeviceFile } from './device-files.ts'
import { defaultsSchema } from './device-schema.ts'
import { formatKeyPath, isList, isMapping, type KeyPath, type Mapping, withValueAt } from './key-path.ts'
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
  const inherited = written.map((device) =>
    isMapping(device) ? Object.fromEntries(usable.filter(([key]) => !gives(device, key))) : {},
  )
  const complete = written.map((device, index) => (isMapping(device) ? { ...inherited[index], ...device } : device))
  const originOf = (path: KeyPath): Origin => {
    const [list, index, key, ...rest] = path
    if (list !== 'devices' || typeof index !== 'number') return { path }
    if (key !== undefined && Object.hasOwn(inherited[index] ?? {}, key)) return { path: ['defaults', key, ...rest] }
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

/** In the one way or the other: `password` or `passwordFile`. */
function gives(device: Mapping, key: string): boolean {
  const rival = rivalOf(['devices', 0, key])?.at(-1)
  return Object.hasOwn(device, key) || (rival !== undefined && Object.hasOwn(device, rival))
}
