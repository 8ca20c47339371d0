import fc from 'fast-check'

const text = fc.string({ unit: 'binary', maxLength: 40 })

/** What a neighbour could say in place of what was expected. */
const other: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom<unknown>(null, '', [], {}, -0, -1, 0.5, 2 ** 32, 1e300, '__proto__', 'NaN', '1e999', '\u001b[31m\n'),
  fc.integer(),
  text,
)

type Step = string | number

/** The tree with one of its values another one, taken away or put in twice; the tree itself may be it. */
export function withOneOther(tree: unknown): fc.Arbitrary<unknown> {
  return fc
    .tuple(fc.constantFrom(...pathsIn(tree)), fc.constantFrom('other', 'away', 'twice'), other)
    .map(([path, how, value]) =>
      changed(tree, path, (old) => (how === 'other' ? [value] : how === 'away' ? [] : [old, old])),
    )
}

/** What the text is after an accident: cut off, a stretch lost, repeated or overwritten. */
export function damaged(sound: string): fc.Arbitrary<string> {
  const place = fc.nat(sound.length)
  return fc.oneof(
    place.map((at) => sound.slice(0, at)),
    fc.tuple(place, fc.nat(60), text).map(([at, length, by]) => sound.slice(0, at) + by + sound.slice(at + length)),
    fc.tuple(place, fc.nat(60)).map(([at, length]) => sound.slice(0, at + length) + sound.slice(at)),
  )
}

/** Any body that a server could send in place of this one. */
export function bodiesLike(tree: unknown, print: (tree: unknown) => string = JSON.stringify): fc.Arbitrary<string> {
  return fc.oneof(
    withOneOther(tree).map((changedTree) => print(changedTree) ?? ''),
    damaged(print(tree)),
    fc.json({ maxDepth: 3 }),
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString('utf8')),
    fc.constantFrom('', 'null', '[]', '{}', '<html>', '\ufeff{}', '['.repeat(100_000), `{"data":${nested(100_000)}}`),
  )
}

/** `[[[…]]]` */
export function nested(depth: number): string {
  return '['.repeat(depth) + ']'.repeat(depth)
}

function pathsIn(tree: unknown): Step[][] {
  const children: [Step, unknown][] = Array.isArray(tree)
    ? [...tree.entries()]
    : typeof tree === 'object' && tree !== null
      ? Object.entries(tree)
      : []
  return [[], ...children.flatMap(([step, child]) => pathsIn(child).map((rest) => [step, ...rest]))]
}

function changed(tree: unknown, [step, ...rest]: Step[], change: (old: unknown) => unknown[]): unknown {
  if (step === undefined) return change(tree)[0]
  const pairs = Object.entries(tree as object).flatMap(([key, child]) =>
    key !== String(step)
      ? [[key, child]]
      : rest.length > 0
        ? [[key, changed(child, rest, change)]]
        : change(child).map((value) => [key, value]),
  )
  return Array.isArray(tree) ? pairs.map(([, value]) => value) : Object.fromEntries(pairs)
}
