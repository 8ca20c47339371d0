import * as z from 'zod'
import { fileSchema } from './file-schema.ts'
import { isList, isMapping, type KeyPath, valueAt } from './key-path.ts'
import { isSecretKey } from './show-value.ts'

export interface Setting {
  readonly path: KeyPath
  /** How an environment variable gives it: as it stands, as true or false, or as YAML. */
  readonly kind: 'text' | 'boolean' | 'yaml'
}

/** All settings outside of the devices, and `devices` in one. */
export function listSettings(): Setting[] {
  return settingsOf(fileSchema, [])
}

/** The settings of one device. */
export function listDeviceSettings(index: number): Setting[] {
  return settingsOf(schemaAt(['devices', index]), ['devices', index])
}

/** Each text that stands under a key for a secret. */
export function secretsIn(tree: unknown): string[] {
  return pathsIn(tree, isSecretKey)
    .map((path) => valueAt(tree, path))
    .flatMap((value): readonly unknown[] => (isMapping(value) ? Object.values(value) : [value]))
    .filter((value) => typeof value === 'string')
}

/** Each file that a tree names, and where. */
export function referencesIn(tree: unknown): { readonly path: KeyPath; readonly name: string }[] {
  return pathsIn(tree, (key) => key.endsWith('File')).flatMap((path) => {
    const name = valueAt(tree, path)
    return typeof name === 'string' && name !== '' ? [{ path, name }] : []
  })
}

/** Where the same is said in the other way: `token` for `tokenFile`, and the reverse; undefined where there is none. */
export function rivalOf(path: KeyPath): KeyPath | undefined {
  const key = String(path.at(-1))
  const rival = [...path.slice(0, -1), key.endsWith('File') ? key.slice(0, -'File'.length) : `${key}File`]
  return schemaAt(rival) === undefined ? undefined : rival
}

/** What a text at this place should have been; undefined where it is right. */
export function problemOfText(path: KeyPath, text: string): string | undefined {
  const schema = schemaAt(path)
  return schema instanceof z.ZodType ? schema.safeParse(text).error?.issues[0]?.message : undefined
}

/** The keys that a mapping at this place may have. */
export function knownKeys(path: KeyPath): string[] {
  const mapping = mappingIn(schemaAt(path))
  return mapping ? Object.keys(mapping.shape) : []
}

/** What stands in these lists has settings with such keys too. */
const LISTS: readonly KeyPath[] = [['devices'], ['alerts', 'to']]

/** Where settings with such a key may stand: of the file, and of each place of its lists. */
function pathsIn(tree: unknown, isSearched: (key: string) => boolean): KeyPath[] {
  const searched = (settings: readonly Setting[]) =>
    settings.map(({ path }) => path).filter((path) => isSearched(String(path.at(-1))))
  const inLists = LISTS.flatMap((list) => {
    const listed = valueAt(tree, list)
    const places = isList(listed) ? [...listed.keys()] : []
    return places.flatMap((index) => searched(settingsOf(schemaAt([...list, index]), [...list, index])))
  })
  return [...searched(listSettings()), ...inLists]
}

function settingsOf(schema: unknown, path: KeyPath): Setting[] {
  const inner = unwrapped(schema)
  if (inner instanceof z.ZodObject)
    return Object.entries(inner.shape).flatMap(([key, child]) => settingsOf(child, [...path, key]))
  if (
    inner instanceof z.ZodArray ||
    inner instanceof z.ZodRecord ||
    inner instanceof z.ZodUnion ||
    inner instanceof z.ZodNumber
  )
    return [{ path, kind: 'yaml' }]
  return [{ path, kind: inner instanceof z.ZodBoolean ? 'boolean' : 'text' }]
}

export function schemaAt(path: KeyPath): unknown {
  return path.reduce<unknown>((outer, key) => childOf(outer, key), fileSchema)
}

function childOf(schema: unknown, key: string | number): unknown {
  const inner = unwrapped(schema)
  if (typeof key === 'number') return listIn(inner)?.element
  const mapping = mappingIn(inner)
  return mapping && Object.hasOwn(mapping.shape, key) ? mapping.shape[key] : undefined
}

function listIn(schema: unknown): z.ZodArray | undefined {
  if (schema instanceof z.ZodUnion) return schema.options.map(listIn).find((option) => option !== undefined)
  return schema instanceof z.ZodArray ? schema : undefined
}

function mappingIn(schema: unknown): z.ZodObject | undefined {
  const inner = unwrapped(schema)
  if (inner instanceof z.ZodUnion) return inner.options.map(mappingIn).find((option) => option !== undefined)
  return inner instanceof z.ZodObject ? inner : undefined
}

export function unwrapped(schema: unknown): unknown {
  return schema instanceof z.ZodOptional || schema instanceof z.ZodPrefault ? unwrapped(schema.unwrap()) : schema
}
