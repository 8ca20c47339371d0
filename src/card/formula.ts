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

/** What stands between two brackets, as far as it was read. */
interface Level {
  result: number
  operator: Operator
  operand: number
}

/** Strictly from left to right: no operator binds stronger than another. A bracket that is not closed ends with the formula. */
export function evaluateFormula(formula: Formula, read: ReadOperand): number {
  const outer: Level[] = []
  let level: Level = { result: 0, operator: '+', operand: 0 }
  for (const token of formula) {
    if (token.kind === 'channel') level.operand = zeroIfNaN(read(token.channel))
    else if (token.kind === 'constant') level.operand = token.value
    else if (token.kind === 'absolute') level.operand = level.operand < 0 ? -level.operand : level.operand
    else if (token.kind === 'operator') {
      level.result = valueOf(level)
      level.operator = token.operator
      level.operand = token.operator === '*' || token.operator === '/' ? 1 : 0
    } else if (token.kind === 'open') {
      outer.push(level)
      level = { result: 0, operator: '+', operand: 0 }
    } else {
      const around = outer.pop()
      if (around === undefined) return valueOf(level)
      around.operand = valueOf(level)
      level = around
    }
  }
  return outer.reduceRight((operand, { result, operator }) => apply(result, operator, operand), valueOf(level))
}

function valueOf({ result, operator, operand }: Level): number {
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
