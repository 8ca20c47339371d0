import { DeviceError } from '../model/device.ts'
import { AnswerProblem, NOT_IOTAWATT, quote } from './answer-problem.ts'
import type { Connection, Question, Reply } from './connection.ts'

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
  const asked = `${connection.name}: GET ${connection.address}${question.text}`
  if (reply.status !== 200) throw refusal(reply, asked, connection.name)
  return { value: readAnswer(() => read(reply.body), asked), tookMs: reply.tookMs }
}

/** What `read` returns; its `AnswerProblem` becomes a `DeviceError` that says what was asked. */
function readAnswer<T>(read: () => T, asked: string): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof AnswerProblem)) throw error
    throw new DeviceError('bad-answer', `${asked}: ${error.message}`, {
      ...(error.hint !== undefined && { hint: error.hint }),
      cause: error,
    })
  }
}

function refusal(reply: Reply, asked: string, name: string): DeviceError {
  const { status, body } = reply
  const reason = /"error":"invalid query\. (.*)"/s.exec(body)?.[1]
  const channel = reason === undefined ? undefined : /^Invalid series: (.*)$/s.exec(reason)?.[1]
  const message = `${asked}: ${status}${body === '' ? '' : ` ${quote(reason ?? body)}`}`
  if (status === 400 && channel !== undefined)
    return new DeviceError('unknown-channel', message, {
      channel,
      hint: `to see what the device has: iotawatt-sync channels ${name}`,
    })
  if (status === 401 || status === 403)
    return new DeviceError('unauthorized', message, {
      hint: "set the device's `auth`: user `user` or `admin`, and its password",
    })
  if (status >= 500) return new DeviceError('bad-answer', message)
  return new DeviceError('rejected', message, status === 400 ? {} : { hint: NOT_IOTAWATT })
}
