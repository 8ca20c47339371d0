import type { Texts } from './en.ts'
import { texts } from './texts.ts'

export type FailureKind = keyof Texts['failures']

/** A failure for people who do not know what a request is; the message itself is for whoever fixes it. */
export interface FailureWords {
  readonly kind: FailureKind
  /** What is the matter, after a name: `has not answered`; a time may follow. */
  readonly verb: string
  /** The same of what is over: `did not answer`. */
  readonly past: string
  /** More of it, where the message can be read; complete sentences. */
  readonly why: string
  /** What to do; complete sentences. */
  readonly todo: string
}

const KINDS: readonly (readonly [pattern: RegExp, kind: FailureKind])[] = [
  [/log ends at/i, 'logEnds'],
  [/\b401\b|\b403\b|unauthori[sz]ed|wants a login|password|\blog ?in\b/i, 'refused'],
  [/trusted connection|certificate/i, 'untrusted'],
  [/no complete answer|stopped coming|in time\b|timed? ?out/i, 'slow'],
  [
    /refused|no connection|no route|is down|connection was (?:closed|lost)|no such host|no host of this name|looked up|did not answer|does not answer|nobody answers/i,
    'silent',
  ],
  [/read-?only|no space|disk is full/i, 'full'],
  [/\b429\b|\b5\d\d\b|busy|unavailable/i, 'busy'],
]

/** What the server writes is English: beside another language, it is left to the details. */
export const spoken = (text: string): string => (texts.locale === 'en' ? text : '')

/** The first line of a message is what went wrong, those below it are what to do. */
export function failureWords(name: string, message: string): FailureWords {
  const [first = '', ...rest] = message.split('\n').map((line) => line.trim())
  const own = first.startsWith(`${name}: `) ? first.slice(name.length + 2) : first
  const [, kind = 'other'] = KINDS.find(([pattern]) => pattern.test(own)) ?? []
  return {
    kind,
    verb: texts.failures[kind].one,
    past: texts.failures[kind].past,
    why: kind === 'other' && isReadable(own) ? spoken(asSentence(own)) : '',
    todo: spoken(sentences(...rest.filter((line) => line !== '' && isReadable(line)).map(asSentence))),
  }
}

export const sentences = (...parts: readonly string[]): string => parts.filter((part) => part !== '').join(' ')

export const capitalized = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** No address, no request and nothing that looks like JSON. */
const isReadable = (text: string): boolean =>
  !/https?:|\b(?:GET|POST|HEAD) |[[{]|\\|\b[A-Z]{2,}_|\bE[A-Z]{5,}/.test(text)

const asSentence = (text: string): string => `${capitalized(text)}${/[.?!]$/.test(text) ? '' : '.'}`

const INSTANT = /\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?: ?UTC|Z)/g

/** Instants of a message, which are written in UTC there, by another clock. */
export function withTimes(text: string, when: (ms: number) => string): string {
  return text.replace(INSTANT, (found) => {
    const ms = Date.parse(found.replace(/ ?UTC$/, 'Z').replace(' ', 'T'))
    return Number.isFinite(ms) ? when(ms) : found
  })
}
