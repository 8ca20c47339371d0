/** A text that was understood, or what was expected instead; `found` says what is wrong where the text alone does not. */
export type Reading<T> = { readonly value: T } | Refusal

export interface Refusal {
  readonly expected: string
  readonly found?: string
}
