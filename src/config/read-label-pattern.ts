import type { Reading } from './reading.ts'

/** A glob, or a regular expression between slashes that compiles. */
export function readLabelPattern(text: string): Reading<string> {
  if (text === '') return { expected: 'a pattern such as "Mains*" or "/^ev/i"' }
  const [, source, flags] = /^\/(.+)\/([a-z]*)$/s.exec(text) ?? []
  try {
    if (source !== undefined) new RegExp(source, flags)
    return { value: text }
  } catch (error) {
    // Before the reason, the message repeats the pattern.
    const why = error instanceof Error ? error.message.split(': ').at(-1) : String(error)
    return { expected: `a regular expression between slashes that compiles (${why})` }
  }
}
