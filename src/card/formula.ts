/** How an operand of a formula is read: the value of a channel (0 to 14). */
export type ReadOperand = (channel: number) => number

type Operator = '+' | '-' | '*' | '/' | '<' | '>'

type Token =
  | { readonly kind: 'operator'; readonly operator: Operator }
  | { readonly kind: 'channel'; readonly channel: number }
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'absolute' | 'open' | 'close' }

/** A formula of an output: `@1+@2`, `@6>#0`, `(@6<#0)|`. */
export type Formula = readonly Token[]

const TOKEN = /@(\d+)|#([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)?|![-+]?[^-+*/<>|()@#!]*|([-+*/<>])|([|()])/g

/** Constants are single precision on the device; integrators (`!name`) are read as 0. */
export function parseFormula(script: string): Formula {
  return Array.from(script.matchAll(TOKEN), ([, channel, constant, operator, mark]): Token => {
    if (channel !== undefined) return { kind: 'channel', channel: Number(channel) }
    if (operator !== undefined) return { kind: 'operator', operator: toOperator(operator) }
    if (mark !== undefined) return { kind: mark === '|' ? 'absolute' : mark === '(' ? 'open' : 'close' }
    return { kind: 'constant', value: Math.fround(Number(constant ?? 0)) }
  })
}

/** Strictly from left to right: no operator binds stronger than another. */
export function evaluateFormula(formula: Formula, read: ReadOperand): number {
  return evaluateFrom(formula, { at: 0, read })
}

function evaluateFrom(formula: Formula, cursor: { at: number; readonly read: ReadOperand }): number {
  let result = 0
  let operator: Operator = '+'
  let operand = 0
  while (cursor.at < formula.length) {
    const token = formula[cursor.at++]
    if (token === undefined || token.kind === 'close') break
    if (token.kind === 'channel') operand = zeroIfNaN(cursor.read(token.channel))
    else if (token.kind === 'constant') operand = token.value
    else if (token.kind === 'absolute') operand = operand < 0 ? -operand : operand
    else if (token.kind === 'open') operand = evaluateFrom(formula, cursor)
    else if (token.kind === 'operator') {
      result = apply(result, operator, operand)
      operator = token.operator
      operand = operator === '*' || operator === '/' ? 1 : 0
    }
  }
  return apply(result, operator, operand)
}

function apply(result: number, operator: Operator, operand: number): number {
  switch (operator) {
    case '+':
      return result + operand
    case '-':
      return result - operand
    case '*':
      return result * operand
    case '/':
      return operand === 0 ? 0 : result / operand
    case '<':
      return result < operand ? result : operand
    case '>':
      return result > operand ? result : operand
  }
}

function toOperator(text: string): Operator {
  switch (text) {
    case '-':
    case '*':
    case '/':
    case '<':
    case '>':
      return text
    default:
      return '+'
  }
}

function zeroIfNaN(value: number): number {
  return Number.isNaN(value) ? 0 : value
}
