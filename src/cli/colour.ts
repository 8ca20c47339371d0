import type { Writable } from 'node:stream'

interface Stream {
  readonly isTTY?: boolean | undefined
}

/** FORCE_COLOR decides either way, NO_COLOR turns them off, and else terminals get colours that are not dumb. */
export function usesColour({ isTTY }: Stream, env: Readonly<Record<string, string | undefined>>): boolean {
  const forced = env['FORCE_COLOR']
  if (forced !== undefined) return forced !== '0' && forced !== 'false'
  return !env['NO_COLOR'] && env['TERM'] !== 'dumb' && isTTY === true
}

const COLOURS = { GOOD: 32, WARN: 33, BAD: 31 } as const

/** A line of a check, with the verdict that it begins with in its colour. */
export function paintVerdict(line: string): string {
  const [, verdict] = /^(GOOD|WARN|BAD) /.exec(line) ?? []
  if (verdict !== 'GOOD' && verdict !== 'WARN' && verdict !== 'BAD') return line
  return `\u001b[${COLOURS[verdict]}m${verdict}\u001b[0m${line.slice(verdict.length)}`
}

/** What sets a colour or another look, and not what moves the cursor. */
const LOOK = /\u001b\[[\d;]*m/g

/** The same terminal, to which looks are not sent. */
export function withoutColour<T extends Writable>(stream: T): T {
  const write = (text: unknown, ...rest: never[]) =>
    stream.write(typeof text === 'string' ? text.replace(LOOK, '') : text, ...rest)
  return new Proxy(stream, {
    get(target, key) {
      if (key === 'write') return write
      const value: unknown = Reflect.get(target, key)
      return value instanceof Function ? (...args: unknown[]): unknown => Reflect.apply(value, target, args) : value
    },
  })
}
