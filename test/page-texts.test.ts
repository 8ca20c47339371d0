import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { expect, test } from 'vitest'

const FOLDER = fileURLToPath(new URL('../src/dashboard', import.meta.url))
/** Attributes, and properties of components, that a person reads or hears. */
const READ = /^(aria-(label|roledescription|description)|title|alt|placeholder|label|sub|what|whom|unit|corner|word)$/
/** Written alike in every language. */
const NAMES = /\b(iotawatt-sync|kWh|kW|W)\b/g

test('the page has no text outside of its catalogues', () => {
  const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.tsx'))
  expect(files.length).toBeGreaterThan(20)
  expect(files.flatMap((file) => textsOf(file, readFileSync(join(FOLDER, file), 'utf8')))).toEqual([])
})

test.each([
  '<p>Gaps</p>',
  '<p>{isOn ? "on" : "off"}</p>',
  '<p>{`${count} min`}</p>',
  '<svg aria-label="Flow" />',
  '<Part title={`${name}, all`} />',
])('%s is found', (code) => expect(textsOf('a.tsx', `const a = ${code}`)).not.toEqual([]))

test.each(['<p class="dim">{texts.none} – 12</p>', '<p>{query.get("ch")}</p>', '<path d="M0 0" />', '<b>kW</b>'])(
  '%s is not',
  (code) => expect(textsOf('a.tsx', `const a = ${code}`)).toEqual([]),
)

function textsOf(file: string, code: string): string[] {
  const source = ts.createSourceFile(file, code, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX)
  const found: string[] = []
  const visit = (node: ts.Node) => {
    if (isLiteral(node) && /\p{L}/u.test(node.text.replaceAll(NAMES, '')) && isShown(node))
      found.push(`${file}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}: ${node.text.trim()}`)
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

function isLiteral(node: ts.Node): node is ts.LiteralLikeNode {
  return ts.isJsxText(node) || ts.isStringLiteralLike(node) || ts.isTemplateLiteralToken(node)
}

/** Whether it is what an element holds, or the value of an attribute that is read; what is called or compared with it is not. */
function isShown(node: ts.Node): boolean {
  if (ts.isJsxText(node)) return true
  const { parent } = node
  if (ts.isJsxAttribute(parent)) return READ.test(parent.name.getText())
  if (ts.isJsxExpression(parent)) return !ts.isJsxAttribute(parent.parent) || READ.test(parent.parent.name.getText())
  if (ts.isConditionalExpression(parent)) return parent.condition !== node && isShown(parent)
  if (ts.isBinaryExpression(parent)) return isJoin(parent.operatorToken.kind) && isShown(parent)
  const isPart = ts.isTemplateExpression(parent) || ts.isTemplateSpan(parent) || ts.isParenthesizedExpression(parent)
  return isPart && isShown(parent)
}

const isJoin = (kind: ts.SyntaxKind): boolean =>
  [
    ts.SyntaxKind.PlusToken,
    ts.SyntaxKind.AmpersandAmpersandToken,
    ts.SyntaxKind.BarBarToken,
    ts.SyntaxKind.QuestionQuestionToken,
  ].includes(kind)
