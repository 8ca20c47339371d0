/** Where a value stands in the configuration: keys of mappings, indexes of lists. */
export type KeyPath = readonly (string | number)[]

export type Mapping = Readonly<Record<string, unknown>>

/** `devices[0].channels[2].unit` */
export function formatKeyPath(path: KeyPath): string {
  return path.map((key, index) => (typeof key === 'number' ? `[${key}]` : index === 0 ? key : `.${key}`)).join('')
}

export function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value)
}

export function valueAt(tree: unknown, path: KeyPath): unknown {
  return path.reduce<unknown>((value, key) => {
    if (typeof key === 'number') return isList(value) ? value[key] : undefined
    return isMapping(value) && Object.hasOwn(value, key) ? value[key] : undefined
  }, tree)
}

/** The same tree with one value changed; what is in the way gives way. Undefined removes a key. */
export function withValueAt(tree: unknown, path: KeyPath, value: unknown): unknown {
  const [key, ...rest] = path
  if (key === undefined) return value
  if (typeof key === 'number') {
    const list = isList(tree) ? [...tree] : []
    list[key] = withValueAt(list[key], rest, value)
    return list
  }
  const { [key]: old, ...others } = isMapping(tree) ? tree : {}
  const changed = withValueAt(old, rest, value)
  return changed === undefined ? others : { ...others, [key]: changed }
}
