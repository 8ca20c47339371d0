import type { Reading } from './reading.ts'

/** A text whose only braces are the words that stand for something of a channel. */
export function readTemplate(expected: string, minLength = 1): (text: string) => Reading<string> {
  return (text) => {
    const rest = text.replace(/\{(location|name|device)\}/g, '')
    const isFine = text.length >= minLength && text.length <= 1_000 && !/[{}\p{Cc}]/u.test(rest)
    return isFine ? { value: text } : { expected }
  }
}
