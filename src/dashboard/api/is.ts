/** A check of what the server answered. Own ones: a schema library would be a third of the page. */
export type Is<T> = (value: unknown) => value is T
export type Of<Check> = Check extends Is<infer T> ? T : never

type Fields = Readonly<Record<string, Is<unknown>>>
type Shape<Wanted extends Fields, Optional extends Fields> = { readonly [Key in keyof Wanted]: Of<Wanted[Key]> } & {
  readonly [Key in keyof Optional]?: Of<Optional[Key]>
}

export const isNumber = (value: unknown): value is number => typeof value === 'number'
export const isText = (value: unknown): value is string => typeof value === 'string'
export const isFlag = (value: unknown): value is boolean => typeof value === 'boolean'

export function isOneOf<const Word extends string>(...words: readonly Word[]): Is<Word> {
  return (value): value is Word => words.some((word) => word === value)
}

export function isNullOr<T>(is: Is<T>): Is<T | null> {
  return (value): value is T | null => value === null || is(value)
}

export function isListOf<T>(is: Is<T>): Is<readonly T[]> {
  return (value): value is readonly T[] => Array.isArray(value) && value.every((item) => is(item))
}

export function isRecordOf<T>(is: Is<T>): Is<Readonly<Record<string, T>>> {
  return (value): value is Readonly<Record<string, T>> =>
    isObject(value) && Object.values(value).every((item) => is(item))
}

export function isShape<Wanted extends Fields, Optional extends Fields = Record<never, never>>(
  expected: Wanted,
  optional?: Optional,
): Is<Shape<Wanted, Optional>> {
  const checks = Object.entries(expected)
  const optionalChecks = Object.entries(optional ?? {})
  return (value): value is Shape<Wanted, Optional> =>
    isObject(value) &&
    checks.every(([key, is]) => is(value[key])) &&
    optionalChecks.every(([key, is]) => value[key] === undefined || is(value[key]))
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
