import type * as z from 'zod'
import { eventData, toJson } from './openapi.ts'
import { OPERATIONS, type Operation } from './operations.ts'
import { problem } from './values.ts'

type Json = z.core.JSONSchema.JSONSchema

/**
 * As much of a schema as the page checks, in as few bytes: a word is a type or the name of a shape; a list is
 * `[list, of]`, `[record, of]`, `[either, …]` or `[word, …]`; an object has fields, which `?` makes optional.
 */
type Shape = string | readonly Shape[] | { readonly [field: string]: Shape }

/** What the page checks answers and events with. */
export function answerShapes() {
  const json = Object.entries<Operation>(OPERATIONS).filter(([, { mediaType }]) => mediaType === undefined)
  const answers = toJson({ problem, ...Object.fromEntries(json.map(([name, { answer }]) => [name, answer])) })
  const events = toJson(eventData())
  return {
    answers: toShapes(answers.schemas),
    events: toShapes(events.schemas),
    named: toShapes({ ...answers.defs, ...events.defs }),
  }
}

function toShapes(schemas: Readonly<Record<string, Json | boolean>>) {
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, toShape(schema)]))
}

/** @throws Error at a schema of a kind that no answer has yet: the page would have to learn it. */
function toShape(schema: Json | boolean | undefined): Shape {
  if (typeof schema !== 'object') throw new Error(`the page cannot check ${schema}`)
  const { $ref, type, enum: words, anyOf, items, properties, required = [], additionalProperties } = schema
  if ($ref !== undefined) return $ref.replace('#/$defs/', '')
  if (words) return ['word', ...words.map(String)]
  if (anyOf) return ['either', ...anyOf.map(toShape)]
  if (Array.isArray(type)) return ['either', ...type.map((each) => toShape({ type: each }))]
  if (type === 'array' && !Array.isArray(items)) return ['list', toShape(items)]
  if (properties) {
    const fields = Object.entries(properties)
    return Object.fromEntries(fields.map(([key, of]) => [required.includes(key) ? key : `${key}?`, toShape(of)]))
  }
  if (type === 'object') return ['record', toShape(additionalProperties)]
  if (type === 'integer' || type === 'number') return 'number'
  if (type === 'string' || type === 'boolean' || type === 'null') return type
  throw new Error(`the page cannot check ${JSON.stringify(schema)}`)
}
