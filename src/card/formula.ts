type Operator = '+' | '-' | '*' | '/' | '<' | '>'

type PlainStep =
  | { readonly kind: 'operator'; readonly operator: Operator }
  | { readonly kind: 'channel'; readonly channel: number }
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'absolute' | 'nothing' }

type Token = PlainStep | { readonly kind: 'open' } | { readonly kind: 'close' } | { readonly kind: 'end' }

type Step = PlainStep | { readonly kind: 'brackets'; readonly steps: readonly Step[] }

/** A formula of an output, `@1+@2`, `@6>#0`, `(@6<#0)|`, in the order in which the firmware works it out. */
export interface Formula {
  readonly steps: readonly Step[]
  /** A bracket that was never opened ends it; where the firmware works it out twice, it then finds nothing the second time. */
  readonly isCut: boolean
}

const WORTHLESS: Formula = { steps: [], isCut: false }

/** One mark of a script; a number is read as C does, after spaces, which are no mark themselves. */
const MARK =
  /@(?:[\t-\r ]*([-+]?\d+))?|#(?:[\t-\r ]*([-+]?(?:0x(?:[\da-f]+\.?[\da-f]*|\.[\da-f]+)(?:p[-+]?\d+)?|(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?|inf(?:inity)?|nan)))?|~(?:[\t-\r ]*[-+]?\d+)?|![-+]?[^-=+*/<>|()]*|[-=+*/<>|()]/iy

/** A script of the firmware's formulas. One with a mark that it does not know is worth 0. */
export function parseFormula(script: string): Formula {
  const tokens: Token[] = []
  MARK.lastIndex = 0
  while (MARK.lastIndex < script.length) {
    const match = MARK.exec(script)
    if (match === null) return WORTHLESS
    tokens.push(toToken(match))
  }
  return arrange(tokens)
}

const OPERATORS: ReadonlyMap<string, Token> = new Map<string, Token>([
  ...(['+', '-', '*', '/', '<', '>'] as const).map((operator) => [operator, { kind: 'operator', operator }] as const),
  ['|', { kind: 'absolute' }],
  ['(', { kind: 'open' }],
  [')', { kind: 'close' }],
  ['=', { kind: 'end' }],
])

/** Constants are single precision on the device; integrators (`!name`) and simulated inputs (`~`) are read as 0. */
function toToken([mark, channel, constant]: RegExpExecArray): Token {
  const operator = OPERATORS.get(mark)
  if (operator !== undefined) return operator
  if (mark.startsWith('@')) return toChannel(Number(channel ?? 0))
  return { kind: 'constant', value: Math.fround(toNumber(constant ?? '0')) }
}

/** The firmware's mark has space for 32. */
function toChannel(channel: number): Token {
  return channel >= 0 && channel < 32 ? { kind: 'channel', channel } : { kind: 'nothing' }
}

function toNumber(text: string): number {
  const [, sign, integer = '', part = '', power = '0'] =
    /^([-+]?)0x([\da-f]*)\.?([\da-f]*)(?:p(.*))?$/i.exec(text) ?? []
  if (sign !== undefined) {
    const size = Number.parseInt(`0${integer}${part}`, 16) * 2 ** (Number(power) - 4 * part.length)
    return sign === '-' ? -size : size
  }
  if (/inf/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity
  return Number(text)
}

/** Past these the firmware has no memory left. */
const MOST_STEPS = 20_000
const DEEPEST = 200

interface Run {
  readonly steps: readonly Step[]
  /** Where the bracket is that ends it. */
  readonly closedAt: number | undefined
}

/**
 * A bracket that is not closed is worth what follows it; then the firmware goes on behind the first mark in it, so that
 * all but this mark counts twice.
 */
function arrange(tokens: readonly Token[]): Formula {
  let stepCount = 0
  const isEnd = (index: number) => tokens[index] === undefined || tokens[index].kind === 'end'

  function runFrom(start: number, depth: number): Run | undefined {
    const steps: Step[] = []
    for (let index = start; ; index++) {
      const token = tokens[index]
      if (token === undefined || token.kind === 'end') return { steps, closedAt: undefined }
      if (token.kind === 'close') return { steps, closedAt: index }
      if (stepCount++ > MOST_STEPS || depth > DEEPEST) return undefined
      if (token.kind === 'open') {
        const inner = runFrom(index + 1, depth + 1)
        if (inner === undefined) return undefined
        if (inner.closedAt === undefined && isEnd(index + 1)) return { steps: [], closedAt: undefined }
        steps.push({ kind: 'brackets', steps: inner.steps })
        index = inner.closedAt ?? index + 1
      } else steps.push(token)
    }
  }

  const script = runFrom(0, 0)
  return script === undefined ? WORTHLESS : { steps: script.steps, isCut: script.closedAt !== undefined }
}

/** Whose values it is worked out from. */
export function channelsOf({ steps }: Pick<Formula, 'steps'>): readonly number[] {
  return steps.flatMap((step) => {
    if (step.kind === 'brackets') return channelsOf(step)
    return step.kind === 'channel' ? [step.channel] : []
  })
}

/** Strictly from left to right: no operator binds stronger than another. */
export function evaluateFormula({ steps }: Pick<Formula, 'steps'>, read: (channel: number) => number): number {
  let result = 0
  let operator: Operator = '+'
  let operand = 0
  for (const step of steps) {
    if (step.kind === 'channel') operand = zeroIfNaN(read(step.channel))
    else if (step.kind === 'constant') operand = zeroIfNaN(step.value)
    else if (step.kind === 'absolute') operand = operand < 0 ? -operand : operand
    else if (step.kind === 'brackets') operand = zeroIfNaN(evaluateFormula(step, read))
    else if (step.kind === 'operator') {
      result = apply(result, operator, operand)
      operator = step.operator
      operand = step.operator === '*' || step.operator === '/' ? 1 : 0
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

function zeroIfNaN(value: number): number {
  return Number.isNaN(value) ? 0 : value
}
