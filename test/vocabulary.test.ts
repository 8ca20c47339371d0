import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { expect, test } from 'vitest'

/** What the project does not say, and what it says instead. */
const WORDS: readonly (readonly [RegExp, string])[] = [
  [/\black(s|ed|ing)?\b/i, 'missing'],
  [/\bholes?\b/i, 'gap'],
  [/\bwhole\b(?! numbers?\b)/i, 'complete; full minutes'],
  [/\bdoubled (minute|sample|series)/i, 'duplicate'],
  [/\blegacy (minute|sample)/i, 'off-grid'],
  [/\b(an?|the|one|each|every|next|last|first|long|two|between|per) pass(es)?\b/i, 'cycle'],
  [/\bpasses\b(?! (an?|by|it|on|the|what)\b)/i, 'cycles'],
  [/\bsettl(e|es|ed|ing)\b/i, 'flush'],
  [/\bintroduc/i, 'seed'],
  [/\bbr(ings?|ought|inging) about\b/i, 'reconcile'],
  [/\bsurround/i, 'deps'],
  [/\bnews\b/i, 'events'],
  [/\bdeeds?\b/i, 'action'],
  [/\bstand-?ins?\b/i, 'placeholder'],
  [/\b(take|takes|taking) turns\b|\bhide texts\b/i, 'mutex; redact'],
  [/\bcarr(y|ies|ied|ying) out\b/i, 'execute'],
  [/\bkept (days|sums)\b/i, 'rollups'],
  [/\bpages? of (rows|minutes)\b/i, 'batch'],
  [/\brooms?\b/, 'module; space'],
  [/\btapes\b|\bthe tape\b/i, 'timeline'],
  [/\bwanted\b/i, 'expected; required'],
  [/\brights\b/i, 'permissions'],
  [/\bit is said\b|\bsays so\b|\bis said to\b|\bafraid of\b/i, 'it logs; it reports; threat model'],
  [/\bcollector\b/, 'daemon'],
  [
    /\ban? (sample|row|file|series|line|day|year|minute|device|target|value|column|record|chunk) an? \w/i,
    'one … per …',
  ],
]

/** What stays, with the reason. Other programs rely on a name on the wire. */
const EXCEPTIONS: readonly (readonly [RegExp, string])[] = [
  [
    /\b(holes|holesLeftOut|holeMinutes|wantedMinutes|lacking|lackingMinutes|isWhole|wholeFromMs)\b/,
    'fields of the API',
  ],
  [/\b(lastPass|nextPassMs)\b/, 'fields of the API'],
  [/['/](Hole|LackingMinutes)'|^ *(Hole|LackingMinutes):$/, 'schemas of the API'],
  [/\bGF_NEWS\w+/, 'a setting of Grafana'],
  [/holes_minutes|passes_total|\bIotawattHoles\b/, 'metrics, and an alert'],
  [/\bcollector\b/, 'a dashboard of Grafana, whose file and uid stay'],
  [/\ballSettled\b/, 'of JavaScript'],
  [/\bWantedBy\b/, 'of systemd'],
  [/room: Kitchen/, 'a label of a kitchen'],
]

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const ITSELF = join('test', 'vocabulary.test.ts')

interface Text {
  readonly line: number
  readonly text: string
}

test.each(['src', 'test', 'scripts', 'bench', 'grafana'])(
  'the identifiers, comments and strings of %s use the words of the glossary',
  (folder) => {
    const files = filesIn(folder).filter((file) => /\.(tsx?|mjs)$/.test(file) && file !== ITSELF)
    expect(files.length).toBeGreaterThan(2)
    expect(files.flatMap((file) => findingsIn(file, textsOfCode(file, read(file))))).toEqual([])
  },
)

test('the documents use the words of the glossary', () => {
  const files = [...readdirSync(ROOT), ...filesIn('docs'), ...filesIn('deploy'), ...filesIn('examples')].filter(
    (file) => /\.(md|ya?ml)$/.test(file),
  )
  expect(files.length).toBeGreaterThan(20)
  expect(files.flatMap((file) => findingsIn(file, textsOfDocument(read(file))))).toEqual([])
})

test.each(['a hole', 'it lacksMinutes', 'every pass', 'a row a sample', 'it is carried out'])('"%s" is found', (text) =>
  expect(findingsIn('a.md', [{ line: 1, text }])).toHaveLength(1),
)

test.each(['a whole number', 'what it passes on', '`holeMinutes`', 'holesLeftOut'])('"%s" is not', (text) =>
  expect(findingsIn('a.md', textsOfDocument(text))).toEqual([]),
)

function filesIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path))
}

function read(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8')
}

function findingsIn(file: string, texts: readonly Text[]): string[] {
  return texts.flatMap(({ line, text }) =>
    findingsOf(text).map(([found, instead]) => `${file}:${line}: "${found}" in: ${text.trim()}; write: ${instead}`),
  )
}

/** Most identifiers are there many times. */
const known = new Map<string, readonly (readonly [found: string, instead: string])[]>()
const allowed = EXCEPTIONS.map(([{ source, flags }]) => new RegExp(source, `${flags}g`))

function findingsOf(text: string): readonly (readonly [found: string, instead: string])[] {
  const before = known.get(text)
  if (before) return before
  const rest = allowed.reduce((left, exception) => left.replaceAll(exception, ''), text)
  const spaced = `${rest}\n${wordsOf(rest)}`
  const findings = WORDS.flatMap(([word, instead]) => {
    const [found] = word.exec(spaced) ?? []
    return found === undefined ? [] : [[found, instead] as const]
  })
  known.set(text, findings)
  return findings
}

/** `holeMinutes` and `HOLE_MINUTES` are `hole minutes`. */
function wordsOf(text: string): string {
  return text.replaceAll(/([a-z\d])([A-Z])/g, '$1 $2').replaceAll('_', ' ')
}

/** Line by line; the words in backquotes are names. A released version stays as it was described. */
function textsOfDocument(text: string): Text[] {
  const [current = ''] = text.split(/^## 0\.1\.0$/m)
  return current
    .split('\n')
    .map((line, index) => ({ line: index + 1, text: line.replaceAll(/`[^`]*`|\]\([^)]*\)/g, '') }))
}

function textsOfCode(file: string, code: string): Text[] {
  const source = ts.createSourceFile(file, code, ts.ScriptTarget.Latest, true)
  const texts: Text[] = []
  const seen = new Set<number>()
  const add = (at: number, text: string) => {
    const { line } = source.getLineAndCharacterOfPosition(at)
    for (const [index, each] of text.split('\n').entries()) texts.push({ line: line + index + 1, text: each })
  }
  const addComments = (ranges: readonly ts.CommentRange[] = []) => {
    for (const { pos, end } of ranges) {
      if (!seen.has(pos)) add(pos, code.slice(pos, end))
      seen.add(pos)
    }
  }
  const visit = (node: ts.Node) => {
    addComments(ts.getLeadingCommentRanges(code, node.getFullStart()))
    addComments(ts.getTrailingCommentRanges(code, node.getEnd()))
    if (isText(node)) add(node.getStart(), node.getText())
    ts.forEachChild(node, visit)
  }
  visit(source)
  addComments(ts.getLeadingCommentRanges(code, source.endOfFileToken.getFullStart()))
  return texts
}

function isText(node: ts.Node): boolean {
  return (
    ts.isIdentifier(node) ||
    ts.isPrivateIdentifier(node) ||
    ts.isStringLiteralLike(node) ||
    ts.isTemplateLiteralToken(node) ||
    ts.isRegularExpressionLiteral(node) ||
    ts.isJsxText(node)
  )
}
