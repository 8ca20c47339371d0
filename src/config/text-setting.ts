import * as z from 'zod'

interface TextOptions<T> {
  readonly read: (text: string) => Reading<T>
  /** What is expected where there is no text at all. */
  readonly expected: string
  readonly description: string
  readonly default?: string
  readonly examples?: readonly string[]
  readonly pattern?: string
}

/** A setting that is text in the file and becomes something else; a refusal becomes a problem at its place. */
export function textSetting<T>({ read, expected, ...meta }: TextOptions<T>) {
  return z
    .string({ error: expected })
    .meta(meta)
    .transform((text, context) => {
      const reading = read(text)
      if ('value' in reading) return reading.value
      context.issues.push({ code: 'custom', message: reading.expected, params: { found: reading.found }, input: text })
      return z.NEVER
    })
}

/** A text that was understood, or what was expected instead; `found` says what is wrong where the text alone does not. */
export type Reading<T> = { readonly value: T } | Refusal

interface Refusal {
  readonly expected: string
  readonly found?: string
}
