import type { HonoRequest } from 'hono'
import type * as z from 'zod'

/** A request that makes no sense: what was found, and what was expected. */
export class BadRequestError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'BadRequestError'
  }
}

/** Also the parts of a path. @throws BadRequestError */
export function readQuery<T>(schema: z.ZodType<T>, query: Readonly<Record<string, string>>): T {
  return readWith(schema, query)
}

/** @throws BadRequestError */
export async function readBody<T>(schema: z.ZodType<T>, request: HonoRequest): Promise<T> {
  const text = await request.text()
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    throw new BadRequestError('the body is no JSON')
  }
  return readWith(schema, body)
}

function readWith<T>(schema: z.ZodType<T>, found: unknown): T {
  const read = schema.safeParse(found)
  if (read.success) return read.data
  const words = read.error.issues.map(({ path, message }) => {
    const value = path.reduce<unknown>((inner, key) => (isObject(inner) ? inner[String(key)] : undefined), found)
    const shown = value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 80)
    return `${path.join('.') || 'the body'}: found ${shown}; expected ${message}`
  })
  throw new BadRequestError(words.join('; '))
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
