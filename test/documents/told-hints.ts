import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

/** What the source makes the program say, and what it then tells people to do; `…` stands for what differs. */
export interface ToldHint {
  readonly file: string
  /** Undefined where the hint goes with a message that is made elsewhere. */
  readonly message: string | undefined
  readonly hint: string
}

const SOURCE = fileURLToPath(new URL('../../src', import.meta.url))
/** The page shows what the API answers; what `init` offers for choice is no error. */
const LEFT_OUT = /^dashboard\/|\.test\.ts$|fixtures\/|^cli\/init\/(ask-|prompts)/
/** Of classes whose second argument is the message, but for those whose first is. */
const FIRST_IS_MESSAGE = ['CardError', 'AnswerProblem']

/** Every hint that the source has, by file and in its order. */
export function toldHints(): readonly ToldHint[] {
  const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !LEFT_OUT.test(file))
    .toSorted()
    .map((file) => ts.createSourceFile(file, readFileSync(join(SOURCE, file), 'utf8'), ts.ScriptTarget.Latest, true))
  const resolve = resolver(files)
  return files.flatMap((file) => {
    const found: ToldHint[] = []
    const visit = (node: ts.Node): void => {
      const given = hintIn(node)
      if (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node))
        for (const text of node.getText().includes(String.raw`\n  `) ? resolve(node, file) : []) {
          const [message, ...hints] = text.split('\n  ')
          found.push({ file: file.fileName, message, hint: hints.join(' ') })
        }
      if (given)
        for (const hint of resolve(given.hint, file))
          for (const message of given.message ? resolve(given.message, file) : [undefined])
            found.push({ file: file.fileName, message, hint })
      ts.forEachChild(node, visit)
    }
    visit(file)
    // What two label sets are is no advice.
    return found.filter(({ hint }) => /\p{L}{3}/u.test(hint) && !hint.startsWith('there:'))
  })
}

interface Given {
  readonly hint: ts.Expression
  readonly message?: ts.Expression | undefined
}

/** What is told in a line of its own below a message, and what is given as `hint`. */
function hintIn(node: ts.Node): Given | undefined {
  if (ts.isNewExpression(node) && node.expression.getText() === 'AnswerProblem') {
    const [message, hint] = node.arguments ?? []
    return hint && { message, hint }
  }
  if (ts.isShorthandPropertyAssignment(node) && node.name.text === 'hint')
    return { hint: node.name, message: messageOf(node) }
  if (ts.isPropertyAssignment(node) && node.name.getText() === 'hint')
    return { hint: node.initializer, message: messageOf(node) }
  if (ts.isPropertyDeclaration(node) && node.name.getText() === 'hint' && node.initializer)
    return { hint: node.initializer }
  return undefined
}

const MESSAGE_KEYS = ['message', 'error', 'said']

/** Of the object that a hint is in, or of the call that the object is an argument of. */
function messageOf(hint: ts.Node): ts.Expression | undefined {
  for (let node = hint.parent; !ts.isStatement(node); node = node.parent) {
    if (ts.isObjectLiteralExpression(node))
      for (const property of node.properties)
        if (ts.isPropertyAssignment(property) && MESSAGE_KEYS.includes(property.name.getText()))
          return property.initializer
    if (ts.isNewExpression(node) || (ts.isCallExpression(node) && node.expression.getText() === 'failed'))
      return node.arguments?.[ts.isNewExpression(node) && FIRST_IS_MESSAGE.includes(node.expression.getText()) ? 0 : 1]
  }
  return undefined
}

type Resolve = (expression: ts.Expression, file: ts.SourceFile) => readonly string[]

/** Reads what an expression may be as texts: constants, both sides of a choice, and what a function returns. */
function resolver(files: readonly ts.SourceFile[]): Resolve {
  const named = new Map<string, ts.Expression[]>()
  const add = (name: string, value: ts.Expression) =>
    [name, `${value.getSourceFile().fileName} ${name}`].forEach((key) =>
      named.set(key, [...(named.get(key) ?? []), value]),
    )
  const collect = (node: ts.Node): void => {
    if (ts.isVariableDeclaration(node) && node.initializer) add(node.name.getText(), node.initializer)
    if (ts.isPropertyAssignment(node) && !['hint', 'message'].includes(node.name.getText()))
      add(`.${node.name.getText()}`, node.initializer)
    if (ts.isReturnStatement(node) && node.expression) {
      const owner = ts.findAncestor(node, ts.isFunctionDeclaration)
      if (owner?.name) add(`${owner.name.text}()`, node.expression)
    }
    ts.forEachChild(node, collect)
  }
  files.forEach(collect)

  const texts = (expression: ts.Expression, depth: number): readonly string[] => {
    if (depth > 4) return ['…']
    const inner = (child: ts.Expression) => texts(child, depth + 1)
    const ofIdentifier = ({ text }: ts.Identifier) => {
      if (/^[A-Z_]+$/.test(text)) return ofName(text)
      // A variable holds what differs each time, but for those of these names.
      const values = ['message', 'hint', 'login'].includes(text)
        ? named.get(`${expression.getSourceFile().fileName} ${text}`)
        : undefined
      const seen = values?.filter((value) => isSeenFrom(expression, value)) ?? []
      return seen.length === 0 ? ['…'] : seen.flatMap(inner)
    }
    const ofName = (name: string) => {
      const values = named.get(`${expression.getSourceFile().fileName} ${name}`) ?? named.get(name) ?? []
      // A name that many use is that of a value, not of a text.
      return values.length === 0 || values.length > 6 ? ['…'] : values.flatMap(inner)
    }
    if (ts.isStringLiteralLike(expression)) return [expression.text]
    if (ts.isTemplateExpression(expression))
      return expression.templateSpans.reduce<readonly string[]>(
        (starts, { expression: value, literal }) =>
          starts.flatMap((start) => shortTexts(inner(value)).map((text) => start + text + literal.text)),
        [expression.head.text],
      )
    if (ts.isConditionalExpression(expression)) return [...inner(expression.whenTrue), ...inner(expression.whenFalse)]
    if (ts.isBinaryExpression(expression)) return [...inner(expression.left), ...inner(expression.right)]
    if (ts.isParenthesizedExpression(expression)) return inner(expression.expression)
    if (ts.isIdentifier(expression)) return ofIdentifier(expression)
    if (ts.isElementAccessExpression(expression)) return inner(expression.expression)
    if (ts.isObjectLiteralExpression(expression))
      return expression.properties.flatMap((property) =>
        ts.isPropertyAssignment(property) ? inner(property.initializer) : [],
      )
    if (ts.isAsExpression(expression) || ts.isSatisfiesExpression(expression)) return inner(expression.expression)
    if (ts.isArrowFunction(expression) && !ts.isBlock(expression.body)) return inner(expression.body)
    if (ts.isCallExpression(expression)) return ofName(`${expression.expression.getText()}()`)
    if (ts.isPropertyAccessExpression(expression)) {
      if (expression.expression.getText().startsWith('adviceOf(')) return ofName(`.${expression.name.text}`)
      if (/^[A-Z_]+$/.test(expression.expression.getText())) return inner(expression.expression)
    }
    return ['…']
  }
  return (expression) => [
    ...new Set(
      texts(expression, 0)
        .map((text) => text.replaceAll("'…'", '…'))
        .filter(Boolean),
    ),
  ]
}

/** Whether it is in the block in which a variable has this value: others of the same name are in other functions. */
function isSeenFrom(node: ts.Node, value: ts.Expression): boolean {
  const block = ts.findAncestor(value, (each) => ts.isBlock(each) || ts.isSourceFile(each))
  return block !== undefined && block.pos <= node.pos && node.end <= block.end
}

/** Of a part of a text with many forms, none is shown. */
function shortTexts(found: readonly string[]): readonly string[] {
  return found.length > 2 ? ['…'] : found
}
