export interface Question {
  readonly path: string
  /** The question for a message, e.g. `/query for 2024-05-31T23:00Z to …`. */
  readonly text: string
  readonly timeoutMs: number
  readonly maxBytes: number
  /** How long the device may need, should nobody wait for its answer. */
  readonly expectedMs?: number
  /** A path that the device shows to its administrator only. */
  readonly adminOnly?: boolean
}

/** What was asked, and of whom, for the start of a message. */
export function askedText({ text }: Question, { name, address }: { name: string; address: string }): string {
  return `${name}: GET ${address}${text}`
}
