import { isDeepStrictEqual } from 'node:util'
import {
  type Document,
  isCollection,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  type Pair,
  parseDocument,
  stringify,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml'

/** As the text says it. */
type Tree = Readonly<Record<string, unknown>>

/** The text cannot be changed so that these sections alone say something else. */
export class UneditableError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'UneditableError'
  }
}

/**
 * The text of a configuration, with other values in these sections, or without those that are undefined. What is equal stays as it is written, and so do all
 * other sections, comments, anchors and empty lines. @throws UneditableError
 */
export function editSections(text: string, sections: Tree): string {
  const document = parseDocument(text)
  const { contents } = document
  if (document.errors.length > 0 || !isMap(contents)) throw new UneditableError('it is no mapping of settings')
  const now = treeOf(document)
  const expected = Object.fromEntries(
    Object.entries({ ...now, ...sections }).filter(([, value]) => value !== undefined),
  )
  const after = applySplices(text, createEditor(text).editMap(contents, now, expected))
  if (!isReadAs(after, expected))
    throw new UneditableError('a part of it that has to change is also used elsewhere in it')
  return after
}

function isReadAs(text: string, expected: Tree): boolean {
  try {
    return isDeepStrictEqual(treeOf(parseDocument(text)), expected)
  } catch {
    // The anchor of an alias is gone.
    return false
  }
}

/** The lines of a section, as they are added to a text without it. */
export function writeSection(name: string, value: unknown): string {
  return createEditor('')
    .block(name, value, '')
    .map((line) => `${line}\n`)
    .join('')
}

/** In place of so many characters. */
interface Splice {
  readonly from: number
  readonly until: number
  readonly text: string
}

/** From the last to the first; of several texts for one place the first comes first. */
function applySplices(text: string, splices: readonly Splice[]): string {
  return splices
    .toReversed()
    .toSorted((a, b) => b.from - a.from || b.until - a.until)
    .reduce((rest, splice) => rest.slice(0, splice.from) + splice.text + rest.slice(splice.until), text)
}

const WIDTH = 80

function createEditor(text: string) {
  const eol = text.includes('\r\n') ? '\r\n' : '\n'
  const isJson = /^\uFEFF?\s*\{/.test(text)
  const lineStart = (at: number) => text.lastIndexOf('\n', at - 1) + 1
  const lineEnd = (at: number) => {
    const end = text.indexOf('\n', at)
    return end < 0 ? text.length : end + 1
  }

  /** Changes of a mapping; of one in braces no key is taken away. */
  function editMap(map: YAMLMap, now: Tree, expected: Tree): Splice[] {
    const splices = map.items.flatMap((pair): Splice[] => {
      const key = keyOf(pair)
      const value = Object.hasOwn(expected, key) ? expected[key] : undefined
      if (value === undefined) return [cut(startOf(pair.key), endOf(pair))]
      return isDeepStrictEqual(now[key], value) ? [] : editValue(pair, now[key], value)
    })
    const added = Object.entries(expected).filter(([key]) => !Object.hasOwn(now, key))
    return added.length === 0 ? splices : [...splices, map.flow ? addInBraces(map, added) : addLines(map, added)]
  }

  function editValue(pair: Pair, now: unknown, expected: unknown): Splice[] {
    const { value } = pair
    if (isMap(value) && isTree(now) && isTree(expected) && !isTakenFrom(value, now, expected))
      return editMap(value, now, expected)
    if (isSeq(value) && Array.isArray(now) && Array.isArray(expected)) {
      const splices = value.flow ? editBrackets(value, now, expected) : editSeq(value, now, expected)
      if (splices) return splices
    }
    const key = endOfNode(pair.key)
    const colon = text.indexOf(':', key) + 1
    const isOnLinesBelow = isCollection(value) && !value.flow && text.slice(colon, startOf(value)).trim() === ''
    const from = isOnLinesBelow ? colon : startOf(value)
    const isApart = /\s/.test(text[from - 1] ?? '')
    return [{ from, until: endOf(pair), text: `${isApart ? '' : ' '}${inline(expected)}` }]
  }

  /** Whether a key must go from one in braces, or the one behind the dash of an item, or all of them. */
  function isTakenFrom(map: YAMLMap, now: Tree, expected: Tree): boolean {
    const taken = Object.keys(now).filter((key) => !Object.hasOwn(expected, key))
    if (map.items.length === 0 || taken.length === 0) return map.items.length === 0
    const [first] = map.items
    const isBehindDash = text.slice(lineStart(startOf(map)), startOf(map)).trim() !== ''
    return (
      map.flow === true ||
      taken.length === map.items.length ||
      (isBehindDash && first !== undefined && taken.includes(keyOf(first)))
    )
  }

  /** A mapping that is an item of a list. */
  function editItem(item: unknown, now: unknown, expected: unknown): Splice[] | undefined {
    if (!isMap(item) || !isTree(now) || !isTree(expected)) return undefined
    if (!isTakenFrom(item, now, expected)) return editMap(item, now, expected)
    return [{ from: startOf(item), until: endOfNode(item), text: inline(expected) }]
  }

  /** Undefined where more than mappings of it change. */
  function editBrackets(seq: YAMLSeq, now: readonly unknown[], expected: readonly unknown[]): Splice[] | undefined {
    if (now.length !== expected.length) return undefined
    const all = seq.items.map((item, index) =>
      isDeepStrictEqual(now[index], expected[index]) ? [] : editItem(item, now[index], expected[index]),
    )
    return all.every((splices) => splices !== undefined) ? all.flat() : undefined
  }

  /** Line by line; undefined where an item does not stand on lines of its own, or none stays. */
  function editSeq(seq: YAMLSeq, now: readonly unknown[], expected: readonly unknown[]): Splice[] | undefined {
    const lines = seq.items.map((item) => ({
      from: lineStart(startOf(item)),
      start: startOf(item),
      end: endOfNode(item),
    }))
    const [mark] = lines.map(({ from, start }) => text.slice(from, start))
    if (mark === undefined || lines.some(({ from, start }) => !/^ *- +$/.test(text.slice(from, start))))
      return undefined
    const splices: Splice[] = []
    let next = 0
    let at: number | undefined
    const add = (until: number, place: number) => {
      const items = expected.slice(next, until).flatMap((one) => item(one, mark).map((line) => `${line}${eol}`))
      if (items.length > 0) splices.push(insertLines(place, items.join('')))
    }
    for (const [index, { from, end }] of lines.entries()) {
      const found = expected.findIndex((item, position) => position >= next && isDeepStrictEqual(item, now[index]))
      const isNext = !now
        .slice(index + 1)
        .some((later) => isDeepStrictEqual(later, expected[next]) || isNamedAs(later, expected[next]))
      const edited = found < 0 && isNext ? editItem(seq.items[index], now[index], expected[next]) : undefined
      if (edited) {
        splices.push(...edited)
        next++
        at = lineEnd(end)
      } else if (found < 0) splices.push(cut(from, end))
      else {
        add(found, at ?? from)
        next = found + 1
        at = lineEnd(end)
      }
    }
    if (at === undefined) return undefined
    add(expected.length, at)
    return splices
  }

  /** All lines of it, with the comment behind it. */
  function cut(start: number, end: number): Splice {
    return { from: lineStart(start), until: lineEnd(end), text: '' }
  }

  function insertLines(at: number, lines: string): Splice {
    const isAfterLine = at === 0 || text[at - 1] === '\n'
    return { from: at, until: at, text: isAfterLine ? lines : `${eol}${lines.slice(0, -eol.length)}` }
  }

  function addInBraces(map: YAMLMap, added: readonly (readonly [string, unknown])[]): Splice {
    const first = startOf(map.items[0]?.key)
    const before = text.slice(lineStart(first), first)
    const gap = before.trim() === '' ? `${eol}${before}` : ' '
    const last = map.items.at(-1)
    const at = last ? endOf(last) : startOf(map) + 1
    return {
      from: at,
      until: at,
      text: added.map(([key, value]) => `,${gap}${inline(key)}: ${inline(value)}`).join(''),
    }
  }

  function addLines(map: YAMLMap, added: readonly (readonly [string, unknown])[]): Splice {
    const first = startOf(map.items[0]?.key)
    const indent = text.slice(lineStart(first), first).replaceAll(/[^ ]/g, ' ')
    const last = map.items.at(-1)
    const isRoot = indent === ''
    const at = isRoot ? endOfRoot() : lineEnd(last ? endOf(last) : 0)
    const isApart = !isRoot || /(^|\n)\r?\n$/.test(text.slice(0, at))
    const lines = [...(isApart ? [] : ['']), ...added.flatMap(([key, value]) => block(key, value, indent))]
    return insertLines(at, lines.map((line) => `${line}${eol}`).join(''))
  }

  /** Behind the comments at its end, which may be those of the last section. */
  function endOfRoot(): number {
    const [, end] = parseDocument(text).range
    const marker = text.slice(0, end).search(/^\.\.\.\s*$/m)
    return marker < 0 ? end : marker
  }

  function block(key: string, value: unknown, indent: string): string[] {
    const line = `${indent}${inline(key)}: ${inline(value)}`
    if (isListOfTrees(value) && !isJson && (indent === '' || value.length > 1 || line.length > WIDTH))
      return [`${indent}${inline(key)}:`, ...value.flatMap((one) => item(one, `${indent}  - `))]
    const isBlock = isTree(value) && Object.keys(value).length > 0 && (indent === '' || line.length > WIDTH)
    if (!isBlock) return [line]
    const lines = Object.entries(value).flatMap(([inner, each]) => block(inner, each, `${indent}  `))
    return [`${indent}${inline(key)}:`, ...lines]
  }

  /** Of a list; on lines of its own where there are lists in it. */
  function item(value: unknown, mark: string): string[] {
    if (isJson || !isTree(value) || !Object.values(value).some(isListOfTrees)) return [`${mark}${inline(value)}`]
    const [first = '', ...others] = Object.entries(value).flatMap(([key, each]) =>
      block(key, each, ' '.repeat(mark.length)),
    )
    return [`${mark}${first.slice(mark.length)}`, ...others]
  }

  function inline(value: unknown): string {
    if (isJson) return JSON.stringify(value)
    if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`
    if (!isTree(value))
      return stringify([value], { collectionStyle: 'flow', flowCollectionPadding: false, lineWidth: 0 }).slice(1, -2)
    const pairs = Object.entries(value).map(([key, each]) => `${inline(key)}: ${inline(each)}`)
    return pairs.length === 0 ? '{}' : `{ ${pairs.join(', ')} }`
  }

  function endOf({ key, value }: Pair): number {
    return value === null || value === undefined ? endOfNode(key) : endOfNode(value)
  }

  /** Without what follows it: a block has the comments and empty lines behind it in its range. */
  function endOfNode(node: unknown): number {
    const items = isCollection(node) && !node.flow ? node.items : []
    const last: unknown = items.at(-1)
    if (last !== undefined) return isPair(last) ? endOf(last) : endOfNode(last)
    const [, end] = rangeOf(node)
    return isScalar(node) && text.slice(0, end).endsWith('\n') ? text.slice(0, end).trimEnd().length : end
  }

  return { editMap, block }
}

const startOf = (node: unknown) => rangeOf(node)[0]

function rangeOf(node: unknown): readonly [number, number] {
  const range = isNode(node) ? node.range : undefined
  return range ? [range[0], range[1]] : [0, 0]
}

function keyOf({ key }: Pair): string {
  return String(isScalar(key) ? key.value : key)
}

function treeOf(document: Pick<Document, 'toJS'>): Tree {
  const tree: unknown = document.toJS()
  return isTree(tree) ? tree : {}
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isListOfTrees(value: unknown): value is readonly Tree[] {
  return Array.isArray(value) && value.length > 0 && value.every(isTree)
}

function isNamedAs(one: unknown, other: unknown): boolean {
  return isTree(one) && isTree(other) && one['name'] !== undefined && one['name'] === other['name']
}
