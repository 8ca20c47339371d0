import type { DeviceErrorReason } from '../model/device.ts'

/** What is wrong with an answer, in words that go on from "…: ". */
export class AnswerProblem extends Error {
  readonly hint: string | undefined
  /** `bad-answer` may be another one when it is asked for again. */
  readonly reason: DeviceErrorReason

  constructor(message: string, hint?: string, reason: DeviceErrorReason = 'bad-answer') {
    super(message)
    this.name = 'AnswerProblem'
    this.hint = hint
    this.reason = reason
  }
}

/** The JSON in a body; throws `AnswerProblem`. */
export function parseAnswer(body: string): unknown {
  try {
    return parseLenientJson(body)
  } catch (error) {
    if (/^\s*</.test(body)) throw new AnswerProblem('HTML instead of JSON', NOT_IOTAWATT)
    const detail = error instanceof Error ? plainText(error.message, 120) : ''
    throw new AnswerProblem(
      `${body.length} characters that are not complete JSON (${detail}), ending ${quote(body.slice(-40))}`,
    )
  }
}

export const NOT_IOTAWATT = 'see whether the address is that of an IoTaWatt'

/** Foreign text for a message: short, on one line, without control characters. */
export function quote(text: string): string {
  return JSON.stringify(plainText(text, 80))
}

function plainText(text: string, maxLength: number): string {
  const plain = text.replace(/\p{C}+/gu, ' ').trim()
  return plain.length > maxLength ? `${plain.slice(0, maxLength)}…` : plain
}

/** A string, or what firmware prints bare for a number that is none: ArduinoJson 5 `NaN`, printf `inf`, Print `ovf`. */
const STRING_OR_NO_NUMBER = /"[^"\\]*(?:\\[\s\S][^"\\]*)*"|-?\b(?:nan|infinity|inf|ovf)\b/gi

const NO_NUMBER = /^-?(?:nan|infinity|inf|ovf)$/i

/** JSON in which a number may be none, which becomes its text, and a string may hold control characters. */
export function parseLenientJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const repaired = text.replace(STRING_OR_NO_NUMBER, (found) =>
      found.startsWith('"') ? withoutControls(found) : `"${found}"`,
    )
    if (repaired === text) throw error
    return JSON.parse(repaired)
  }
}

/** Whether a value was printed where a number belongs and is none. */
export function isNoNumber(value: unknown): boolean {
  return typeof value === 'string' && NO_NUMBER.test(value)
}

function withoutControls(string: string): string {
  // eslint-disable-next-line no-control-regex
  return string.replace(/[\u0000-\u001f]/g, ' ')
}
