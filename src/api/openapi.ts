import * as z from 'zod'
import { alertMessage } from './alerts.ts'
import examples from './examples.json'
import { EVENTS, OPERATIONS, type Operation } from './operations.ts'
import { problem } from './values.ts'

type Json = z.core.JSONSchema.JSONSchema

const ABOUT = `\
What the dashboard asks of the daemon. Every route is behind the guard of the listener (host name, origin, token).

Times are Unix milliseconds, UTC; days, months and years are those of the house's time zone. Spans are half-open.
Numbers come column by column: one value per point, \`null\` where nothing is known; a measured 0 is 0. Watts of
minutes and of Power are integers; watt-hours and means of hours have up to three decimals, so that rounding them to
what is shown is the only rounding. Points lie \`stepMs\` apart from \`fromMs\`, unless \`startsMs\` names them (local
hours, days, months). Which channels there are is known from the configuration, from the devices, and, of a device
that has not answered since the start, from what the store has of it: figures do not depend on which devices are on.
Answers about a span that is over carry an ETag, which changes when a minute of the span is stored.

A run-length list is flat: \`[state, length, state, length, …]\`, from the start of its span to the end. States:
0 not measured by the device, 1 stored, 2 stored by an earlier program (off the minute or duplicate), 3 missing and
available from the device, 4 not loaded yet, 5 not expected (before the log of the device or \`since\`, or in the future).
`

const IF_NONE_MATCH = { name: 'If-None-Match', in: 'header', schema: { type: 'string' } }
const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  in: 'header',
  description: '`id` and `state` of the message: the same when it is sent again.',
  schema: { type: 'string' },
}
const PROBLEM = {
  description:
    '400 the request makes no sense, 401 no token, 404 no such device, channel or job, 409 not possible, or not yet, 502 the store did not answer, 503 too many streams or jobs',
  content: { 'application/json': { schema: { $ref: '#/components/schemas/Problem' } } },
}

/** `docs/openapi.yaml`. */
export function openApiDocument(): unknown {
  const operations = Object.entries<Operation>(OPERATIONS).map(([id, operation]) => describe(id, operation))
  const message = toJson({ message: alertMessage })
  const parts = [toJson({ problem }), ...operations, toJson(eventData()), message]
  const paths: Record<string, Record<string, unknown>> = {}
  for (const { path, method, described } of operations) (paths[path] ??= {})[method] = described
  const document = {
    openapi: '3.1.0',
    info: { title: 'iotawatt-sync', version: '1', description: ABOUT },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }, {}],
    paths,
    webhooks: {
      alert: {
        post: {
          summary: 'What a receiver of type `webhook` in `alerts.to` is sent',
          parameters: [IDEMPOTENCY_KEY],
          requestBody: { content: { 'application/json': { schema: message.schemas['message'] } } },
          responses: { '2XX': { description: 'It was taken; after any other answer, or none, it is sent again' } },
        },
      },
    },
    components: {
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          description: 'The token of web.token; a browser has the cookie of /login.',
        },
      },
      responses: { Problem: PROBLEM },
      schemas: Object.fromEntries(parts.flatMap(({ defs }) => Object.entries(defs).map(withExamples))),
    },
  }
  // Zod refers to schemas where JSON Schema keeps them.
  return JSON.parse(JSON.stringify(document).replaceAll('#/$defs/', '#/components/schemas/'))
}

function describe(operationId: string, operation: Operation) {
  const { method = 'get', path, summary, description, params, query, body, bodyExamples = {} } = operation
  const { gives, status = 200, mediaType = 'application/json', answer, hasTag = false } = operation
  const { schemas, defs } = toJson({
    answer,
    ...(params && { params }),
    ...(query && { query }),
    ...(body && { body }),
  })
  const parameters = [
    ...describeParameters('path', schemas['params']),
    ...describeParameters('query', schemas['query']),
    ...(hasTag ? [IF_NONE_MATCH] : []),
  ]
  const described = {
    operationId,
    ...(summary !== undefined && { summary }),
    ...(description !== undefined && { description }),
    ...(parameters.length > 0 && { parameters }),
    ...(body && {
      requestBody: {
        required: true,
        content: {
          'application/json': {
            schema: schemas['body'],
            examples: Object.fromEntries(Object.entries(bodyExamples).map(([name, value]) => [name, { value }])),
          },
        },
      },
    }),
    responses: {
      [status]: {
        description: gives,
        ...(hasTag && { headers: { ETag: { schema: { type: 'string' } } } }),
        content: { [mediaType]: withExample(schemas['answer']) },
      },
      ...(hasTag && { 304: { description: 'The span has not changed' } }),
      default: { $ref: '#/components/responses/Problem' },
    },
  }
  return { path, method, described, defs }
}

function describeParameters(where: 'path' | 'query', schema: Json | boolean = {}) {
  const { properties = {}, required = [] } = typeof schema === 'boolean' ? {} : schema
  return Object.entries(properties).map(([name, property]) => {
    const { description, ...rest } = typeof property === 'boolean' ? {} : property
    return {
      name,
      in: where,
      ...(required.includes(name) && { required: true }),
      ...(description !== undefined && { description }),
      ...withExample(rest),
    }
  })
}

const EXAMPLES = new Map<string, unknown>(Object.entries(examples))

function withExamples([id, def]: [string, Json]): [string, Json] {
  return [id, { ...def, ...(EXAMPLES.has(id) && { examples: [EXAMPLES.get(id)] }) }]
}

/** Of a text, which no schema describes, OpenAPI wants the example beside the schema. */
function withExample(schema: Json | boolean = {}) {
  const { example, ...rest } = typeof schema === 'boolean' ? {} : schema
  return { schema: rest, ...(example !== undefined && { example }) }
}

function eventData() {
  return Object.fromEntries(Object.entries(EVENTS).map(([name, { data }]) => [name, data]))
}

/** JSON Schemas by name; those that have an id stand in `defs`, by their id. */
function toJson(schemas: Readonly<Record<string, z.ZodType>>) {
  const { properties = {}, $defs: defs = {} } = z.toJSONSchema(z.object(schemas), {
    io: 'input',
    override: ({ jsonSchema: json }) => {
      // Of every record and every integer, and no limit of ours.
      delete json.propertyNames
      if (json.minimum === Number.MIN_SAFE_INTEGER) delete json.minimum
      if (json.maximum === Number.MAX_SAFE_INTEGER) delete json.maximum
    },
  })
  return { schemas: properties, defs }
}

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
