import { DeviceError } from '../model/device.ts'
import { AnswerProblem, NOT_IOTAWATT, quote } from './answer-problem.ts'
import type { Connection, Reply } from './connection.ts'
import { readChallenge } from './digest-auth.ts'
import { askedText, type Question } from './question.ts'

export interface Answer<T> {
  readonly value: T
  readonly tookMs: number
}

/** Asks, and reads a 200 with `read`, which throws `AnswerProblem`; everything else is a `DeviceError`. */
export async function ask<T>(
  connection: Connection,
  question: Question,
  { read, signal }: { read: (body: string) => T; signal: AbortSignal },
): Promise<Answer<T>> {
  const reply = await connection.get(question, signal)
  if (reply.status !== 200) throw refusal(reply, question, connection)
  return { value: readAnswer(() => read(reply.body), askedText(question, connection)), tookMs: reply.tookMs }
}

/** What `read` returns; its `AnswerProblem` becomes a `DeviceError` that says what was asked. */
function readAnswer<T>(read: () => T, asked: string): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof AnswerProblem)) throw error
    throw new DeviceError(error.reason, `${asked}: ${error.message}`, {
      ...(error.hint !== undefined && { hint: error.hint }),
      cause: error,
    })
  }
}

/** The error in an answer that is not a 200. */
export function refusal({ status, body, headers }: Reply, question: Question, connection: Connection): DeviceError {
  const reason = /"error":"invalid query\. (.*)"/s.exec(body)?.[1]
  const channel = reason === undefined ? undefined : /^Invalid series: (.*)$/s.exec(reason)?.[1]
  const message = `${askedText(question, connection)}: ${status}${body === '' ? '' : ` ${quote(reason ?? body)}`}`
  const hint = `to see what the device has: iotawatt-sync channels ${connection.name}`
  if (status === 400 && reason?.startsWith('Invalid series method: ') === true)
    return new DeviceError('unknown-channel', message, { hint: UNIT_HINT })
  if (status === 400 && channel !== undefined) return new DeviceError('unknown-channel', message, { channel, hint })
  if (status === 401 || status === 403) {
    const challenge = headers['www-authenticate']
    const isOther = challenge !== undefined && readChallenge(challenge) === undefined
    return new DeviceError('unauthorized', message, { hint: isOther ? OTHER_LOGIN_HINT : LOGIN_HINT })
  }
  if (status >= 300 && status < 400)
    return new DeviceError('rejected', `${askedText(question, connection)}: ${status}${redirected(headers)}`, {
      hint: 'give the address of the device itself as its url: an IoTaWatt answers over http, and sends nobody elsewhere',
    })
  if (/remoteAddr|VictoriaMetrics/.test(body))
    return new DeviceError(
      'rejected',
      `${askedText(question, connection)}: ${status}: this is a VictoriaMetrics, not an IoTaWatt`,
      {
        hint: 'its address belongs under store.url; give the address of the device as its url',
      },
    )
  if (status >= 500) return new DeviceError('bad-answer', message)
  return new DeviceError('rejected', message, status === 400 ? {} : { hint: NOT_IOTAWATT })
}

function redirected({ location }: Reply['headers']): string {
  return location === undefined ? '' : `, sent on to ${quote(location)}`
}

const UNIT_HINT = 'its firmware does not know this unit: choose another one, or update the firmware'
const OTHER_LOGIN_HINT =
  'it asks for another login than an IoTaWatt does (digest with MD5), so no password was sent: is this the address of the device itself, and not of a proxy?'
const LOGIN_HINT = 'see the `username` (`admin` or `user`) and `password` of this device in the configuration'
