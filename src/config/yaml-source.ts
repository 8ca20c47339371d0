import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type Document,
  type Node,
  type Pair,
} from 'yaml'
import type { KeyPath } from './key-path.ts'

export interface Position {
  readonly line: number
  readonly column: number
}

interface YamlProblem {
  readonly path: KeyPath
  readonly position: Position
  readonly message: string
}

/** A YAML text as plain data that remembers where everything stood. */
export interface YamlSource {
  /** Undefined when the text is not YAML at all. */
  readonly tree: unknown
  readonly problems: readonly YamlProblem[]
  /** Of the value, or of what holds it where there is none. */
  positionOf(path: KeyPath): Position
  positionOfKey(path: KeyPath): Position
}

export function readYaml(text: string): YamlSource {
  try {
    return readDocument(text)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    const position = { line: 1, column: 1 }
    const problems = [{ path: [], position, message: TOO_DEEP }]
    return { tree: undefined, problems, positionOf: () => position, positionOfKey: () => position }
  }
}

/** Throws `RangeError` where the stack does not hold what is nested. */
function readDocument(text: string): YamlSource {
  const lines = new LineCounter()
  // Below this level, the library prints keys as warnings of Node.
  const options = { prettyErrors: false, uniqueKeys: false, logLevel: 'error' } as const
  const document = parseDocument(text, { lineCounter: lines, ...options })
  const positionAt = (offset: number): Position => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(1, line), column: Math.max(1, col) }
  }
  const found = [...document.errors, ...document.warnings]
  const syntax = causesOf(found, document).map(({ code, message, startsAt }) => ({
    path: [],
    position: positionAt(startsAt),
    message: syntaxWords(code, message),
  }))
  const keys = findWrongKeys(document.contents, []).map(({ path, offset, firstOffset }) => ({
    path,
    position: positionAt(offset),
    message:
      firstOffset === undefined
        ? 'found a key that no mapping can have; expected another name'
        : `found this key a second time; expected it once (the first is in line ${positionAt(firstOffset).line})`,
  }))
  const offsetOf = (path: KeyPath, part: 'key' | 'value') => findOffset(document, { path, part })
  const { tree, alias } = syntax.length > 0 ? {} : readTree(document)
  const aliases = alias === undefined ? [] : [{ path: [], position: positionAt(0), message: alias }]
  return {
    tree,
    problems: [...syntax, ...aliases, ...keys],
    positionOf: (path) => positionAt(offsetOf(path, 'value')),
    positionOfKey: (path) => positionAt(offsetOf(path, 'key')),
  }
}

type SyntaxError = Document['errors'][number] | Document['warnings'][number]

interface SyntaxCause extends Pick<SyntaxError, 'code' | 'message'> {
  readonly startsAt: number
}

const OPEN_QUOTE = /^Missing closing ['"]quote/

/** Of an error that makes others, that one alone. A quote that is not closed begins where somebody left it open. */
function causesOf(found: readonly SyntaxError[], document: Document): readonly SyntaxCause[] {
  const open = found.find(({ message }) => OPEN_QUOTE.test(message))
  const tooDeep = found.find(({ code }) => code === 'RESOURCE_EXHAUSTION')
  const first = tooDeep ?? open
  return (first ? [first] : found).map(({ code, message, pos }) => ({
    code,
    message,
    startsAt: (OPEN_QUOTE.test(message) ? quoteBefore(document, pos[0]) : undefined) ?? pos[0],
  }))
}

/** Where the quoted text begins that ends there. */
function quoteBefore(document: Document, endsAt: number): number | undefined {
  let startsAt: number | undefined
  visit(document, {
    Scalar(_, { range, type }) {
      if (range?.[1] === endsAt && (type === 'QUOTE_DOUBLE' || type === 'QUOTE_SINGLE')) startsAt = range[0]
    },
  })
  return startsAt
}

/** Behind the colon the text itself is repeated, which may hold a secret. */
function syntaxWords(code: string, message: string): string {
  if (OPEN_QUOTE.test(message))
    return 'found a quote that is opened here and not closed; expected the same sign at its end'
  return SYNTAX_WORDS[code] ?? `not YAML: ${message.split(':')[0]}`
}

const TOO_DEEP = 'found lists or mappings that are nested too deeply; expected settings, a few levels deep'
const SYNTAX_WORDS: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'found a tab; expected spaces, which alone indent YAML',
  TAG_RESOLVE_FAILED: 'found a text that begins with !; expected quotes around it',
  BAD_ALIAS: 'found a text that begins with * or &; expected quotes around it',
  BAD_DIRECTIVE: 'found a line that begins with %; expected quotes around a text that does',
  BAD_DQ_ESCAPE: 'found \\ before a letter that it gives no meaning; expected \\\\, or single quotes around the text',
  RESOURCE_EXHAUSTION: TOO_DEEP,
  MULTIPLE_DOCS: 'found a second document (---); expected one',
}

/** Aliases are resolved only now: one without an anchor, or too many of them, are found here. */
function readTree(document: Document): { readonly tree?: unknown; readonly alias?: string } {
  try {
    const tree: unknown = document.toJS({ maxAliasCount: 100 })
    return { tree }
  } catch (error) {
    if (error instanceof RangeError) throw error
    return { alias: 'found an alias (*) that cannot be followed; expected its anchor (&) before it, or quotes' }
  }
}

interface WrongKey {
  readonly path: KeyPath
  readonly offset: number
  /** Of the one that it repeats. */
  readonly firstOffset: number | undefined
}

/** Repeated ones, and the one that an object of JavaScript takes for its prototype. */
function findWrongKeys(node: unknown, path: KeyPath): WrongKey[] {
  if (isSeq(node)) return node.items.flatMap((item, index) => findWrongKeys(item, [...path, index]))
  if (!isMap(node)) return []
  const firsts = new Map<string, number>()
  return node.items.flatMap((pair) => {
    const key = keyText(pair)
    const offset = startOf(pair.key) ?? 0
    const firstOffset = firsts.get(key)
    if (firstOffset === undefined) firsts.set(key, offset)
    const isWrong = firstOffset !== undefined || key === '__proto__'
    return [
      ...(isWrong ? [{ path: [...path, key], offset, firstOffset }] : []),
      ...findWrongKeys(pair.value, [...path, key]),
    ]
  })
}

function findOffset(document: Document, { path, part }: { path: KeyPath; part: 'key' | 'value' }): number {
  let node: unknown = document.contents
  let offset = startOf(node) ?? 0
  for (const [depth, key] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document)
    const pair = isMap(node) ? node.items.findLast((item) => keyText(item) === String(key)) : undefined
    const value: unknown = isSeq(node) && typeof key === 'number' ? node.items[key] : pair?.value
    if (pair === undefined && value === undefined) return offset
    const expected = part === 'key' && depth === path.length - 1 ? pair?.key : value
    offset = startOf(expected) ?? startOf(pair?.key) ?? offset
    node = value
  }
  return offset
}

function keyText(pair: Pair): string {
  return String(isScalar(pair.key) ? pair.key.value : pair.key)
}

function startOf(node: unknown): number | undefined {
  const hasRange = (value: unknown): value is Node => typeof value === 'object' && value !== null && 'range' in value
  const range = hasRange(node) ? node.range : undefined
  return range && range[1] > range[0] ? range[0] : undefined
}
