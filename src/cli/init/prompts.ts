import type { Readable, Writable } from 'node:stream'
import * as clack from '@clack/prompts'
import { secret, type Secret } from '../../config/config.ts'
import { at } from '../../model/at.ts'
import { printable } from '../../runtime/printable.ts'
import { readAddress } from './setup.ts'

export interface Choice<T> {
  readonly value: T
  readonly label: string
  readonly hint?: string
  readonly isDisabled?: boolean
}

interface TextQuestion {
  readonly initial?: string
  readonly placeholder?: string
  /** What is wrong with the answer; undefined when nothing is. */
  readonly problem?: (text: string) => string | undefined
}

/** Questions on a terminal. Every answer that is not given, as by Ctrl-C, throws `CancelledError`. */
export interface Prompts {
  open(title: string): void
  close(message: string): void
  say(message: string): void
  warn(message: string): void
  text(message: string, question?: TextQuestion): Promise<string>
  password(message: string): Promise<Secret>
  yesOrNo(message: string): Promise<boolean>
  choose<T>(message: string, choices: readonly Choice<T>[]): Promise<T>
  chooseSome<T>(message: string, choices: readonly Choice<T>[], options: SomeOptions<T>): Promise<T[]>
}

interface SomeOptions<T> {
  readonly chosen: (value: T) => boolean
  readonly mayBeNone: boolean
}

export class CancelledError extends Error {}

interface Terminal {
  readonly input: Readable
  readonly output: Writable
  readonly signal: AbortSignal
}

export function openPrompts(terminal: Terminal): Prompts {
  const { output } = terminal
  // Every question leaves a listener at its signal.
  const ownSignal = () => ({ ...terminal, signal: AbortSignal.any([terminal.signal]) })
  const optionsOf = <T>(choices: readonly Choice<T>[]) =>
    choices.map(({ label, hint, isDisabled = false }, value) => ({
      value,
      label: printable(label),
      ...(hint !== undefined && { hint: printable(hint) }),
      disabled: isDisabled,
    }))
  return {
    open: (title) => clack.intro(title, { output }),
    close: (message) => clack.outro(message, { output }),
    say: (message) => clack.log.step(printable(message), { output }),
    warn: (message) => clack.log.warn(printable(message), { output }),
    async text(message, { initial, placeholder, problem } = {}) {
      const answer = await clack.text({
        ...ownSignal(),
        message,
        ...(initial !== undefined && { initialValue: initial }),
        ...(placeholder !== undefined && { placeholder }),
        validate: (text = '') => problem?.(text.trim()),
      })
      return (given(answer) ?? '').trim()
    },
    async password(message) {
      const validate = (text = '') => (text === '' ? 'expected a password' : undefined)
      return secret(given(await clack.password({ ...ownSignal(), message, validate })))
    },
    yesOrNo: async (message) => given(await clack.confirm({ ...ownSignal(), message, initialValue: false })),
    async choose(message, choices) {
      return at(choices, given(await clack.select({ ...ownSignal(), message, options: optionsOf(choices) }))).value
    },
    async chooseSome(message, choices, { chosen, mayBeNone }) {
      const initialValues = choices.flatMap(({ value }, index) => (chosen(value) ? [index] : []))
      const options = optionsOf(choices)
      const answer = await clack.multiselect({ ...ownSignal(), message, options, initialValues, required: !mayBeNone })
      return given(answer)
        .sort((a, b) => a - b)
        .map((index) => at(choices, index).value)
    },
  }
}

function given<T>(answer: T | typeof clack.CANCEL_SYMBOL): T {
  if (clack.isCancel(answer)) throw new CancelledError('cancelled')
  return answer
}

/** An address as it was typed; `problem`: of one that is well-formed. */
export function askAddress(prompts: Prompts, message: string, question: TextQuestion): Promise<string> {
  return prompts.text(message, {
    ...question,
    problem(text) {
      const reading = readAddress(text, question.placeholder)
      return 'value' in reading ? question.problem?.(reading.value) : `expected ${reading.expected}`
    },
  })
}
