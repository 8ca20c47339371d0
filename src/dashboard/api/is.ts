import schemas from './answer-schemas.json'
import type { Answers, Events } from '../../api/operations.ts'

/** A check of what the server answered. Against JSON Schema: a schema library would be a third of the page. */
export type Is<T> = (value: unknown) => value is T

export function isAnswer<Name extends keyof Answers & keyof typeof schemas.answers>(name: Name): Is<Answers[Name]> {
  return (value): value is Answers[Name] => matches(schemas.answers[name], value)
}

export function isEvent<Name extends keyof Events>(name: Name): Is<Events[Name]> {
  return (value): value is Events[Name] => matches(schemas.events[name], value)
}

/** As much of JSON Schema as the answers need; what a schema says in other words is refused. */
interface Schema {
  readonly $ref?: string | undefined
  readonly type?: string | readonly string[] | undefined
  readonly enum?: readonly string[] | undefined
  readonly anyOf?: readonly Schema[] | undefined
  readonly items?: Schema | undefined
  readonly properties?: Readonly<Record<string, Schema>> | undefined
  readonly required?: readonly string[] | undefined
  readonly additionalProperties?: Schema | undefined
}

const DEFS = new Map<string, Schema>(Object.entries(schemas.$defs).map(([id, schema]) => [`#/$defs/${id}`, schema]))

function matches({ $ref, type, enum: words, anyOf, ...inner }: Schema, value: unknown): boolean {
  if ($ref !== undefined) return matches(DEFS.get($ref) ?? {}, value)
  if (anyOf) return anyOf.some((schema) => matches(schema, value))
  const isOfType = typeof type === 'string' ? isOf(type, value) : (type?.some((each) => isOf(each, value)) ?? false)
  if (!isOfType || (words && !words.some((word) => word === value))) return false
  const { items, properties = {}, required = [], additionalProperties } = inner
  if (Array.isArray(value)) return !items || value.every((item) => matches(items, item))
  if (!isObject(value)) return true
  return (
    required.every((key) => value[key] !== undefined) &&
    Object.entries(properties).every(([key, schema]) => value[key] === undefined || matches(schema, value[key])) &&
    (!additionalProperties || Object.values(value).every((each) => matches(additionalProperties, each)))
  )
}

function isOf(type: string, value: unknown): boolean {
  if (type === 'object') return isObject(value)
  if (type === 'array') return Array.isArray(value)
  if (type === 'null') return value === null
  return typeof value === (type === 'integer' ? 'number' : type)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
