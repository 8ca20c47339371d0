import { inspect } from 'node:util'

/** A text that shows as `***` wherever it is printed, logged or serialized. */
export interface Secret {
  reveal(): string
  toString(): string
  toJSON(): string
}

const HIDDEN = '***'

export function secret(value: string): Secret {
  const hidden = () => HIDDEN
  const wrapped = { reveal: () => value, toString: hidden, toJSON: hidden, [inspect.custom]: hidden }
  return wrapped
}
