import { defaultsSchema } from './device-schema.ts'
import { isList, isMapping, type KeyPath, withValueAt } from './key-path.ts'
import { rivalOf } from './settings.ts'

export interface WithDefaults {
  readonly tree: unknown
  /** Where that was written which a device has at this place. */
  originOf(path: KeyPath): KeyPath
}

/** Each device with the `defaults` that it does not give itself; one with a mistake is named once, and left out here. */
export function withDefaults(tree: unknown): WithDefaults {
  const { defaults, devices } = isMapping(tree) ? tree : {}
  if (!isMapping(defaults) || !isList(devices)) return { tree, originOf: (path) => path }
  const usable = Object.entries(defaults).filter(([key, value]) => isUsable(key, value))
  const inherited = devices.map((device) =>
    isMapping(device) ? Object.fromEntries(usable.filter(([key]) => !says(device, key))) : {},
  )
  const merged = devices.map((device, index) => (isMapping(device) ? { ...inherited[index], ...device } : device))
  return {
    tree: withValueAt(tree, ['devices'], merged),
    originOf(path) {
      const [list, index, key, ...rest] = path
      const isInherited =
        list === 'devices' && typeof index === 'number' && key !== undefined && key in (inherited[index] ?? {})
      return isInherited ? ['defaults', key, ...rest] : path
    },
  }
}

function isUsable(key: string, value: unknown): boolean {
  const { shape } = defaultsSchema
  return Object.hasOwn(shape, key) && defaultsSchema.partial().safeParse({ [key]: value }).success
}

/** In the one way or the other: `password` or `passwordFile`. */
function says(device: Readonly<Record<string, unknown>>, key: string): boolean {
  const rival = rivalOf(['devices', 0, key])?.at(-1)
  return Object.hasOwn(device, key) || (rival !== undefined && Object.hasOwn(device, rival))
}
