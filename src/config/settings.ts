import * as z from 'zod'
import { fileSchema } from './file-schema.ts'
import type { KeyPath } from './key-path.ts'

/** A value of the configuration as an environment variable gives it: as it stands, as true or false, or as YAML. */
export type SettingKind = 'text' | 'boolean' | 'yaml'

export interface Setting {
  readonly path: KeyPath
  readonly kind: SettingKind
}

/** All settings outside of the devices, and `devices` in one. */
export function listSettings(): Setting[] {
  return settingsOf(fileSchema, [])
}

/** The settings of one device. */
export function listDeviceSettings(index: number): Setting[] {
  return settingsOf(fileSchema.shape.devices.element, ['devices', index])
}

/** The keys that a mapping at this place may have. */
export function knownKeys(path: KeyPath): string[] {
  const schema = path.reduce<unknown>((outer, key) => childOf(outer, key), fileSchema)
  const mapping = mappingIn(schema)
  return mapping ? Object.keys(mapping.shape) : []
}

function settingsOf(schema: unknown, path: KeyPath): Setting[] {
  const inner = unwrapped(schema)
  if (inner instanceof z.ZodObject)
    return Object.entries(inner.shape).flatMap(([key, child]) => settingsOf(child, [...path, key]))
  if (inner instanceof z.ZodArray || inner instanceof z.ZodRecord) return [{ path, kind: 'yaml' }]
  return [{ path, kind: inner instanceof z.ZodBoolean ? 'boolean' : 'text' }]
}

function childOf(schema: unknown, key: string | number): unknown {
  const inner = unwrapped(schema)
  if (typeof key === 'number') return inner instanceof z.ZodArray ? inner.element : undefined
  const mapping = mappingIn(inner)
  return mapping && Object.hasOwn(mapping.shape, key) ? mapping.shape[key] : undefined
}

function mappingIn(schema: unknown): z.ZodObject | undefined {
  const inner = unwrapped(schema)
  if (inner instanceof z.ZodUnion) return inner.options.map(mappingIn).find((option) => option !== undefined)
  return inner instanceof z.ZodObject ? inner : undefined
}

function unwrapped(schema: unknown): unknown {
  return schema instanceof z.ZodOptional ? unwrapped(schema.unwrap()) : schema
}
