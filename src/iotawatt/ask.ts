import { DeviceError, type DeviceErrorReason } from '../model/device.ts'
import type { Clock, Random } from '../runtime/clock.ts'
import type { Log } from '../runtime/log.ts'
import { type Once, type Retried, retry, type RetryOptions, type RetryPolicy } from '../runtime/retry.ts'
import { AnswerProblem, NOT_IOTAWATT, quote } from './answer-problem.ts'
import { askedText, type Connection, type Question, type Reply } from './connection.ts'
import { readChallenge } from './digest-auth.ts'

/** Asks, and reads a 200 with `read`, which throws `AnswerProblem`; everything else is a `DeviceError`. */
export async function ask<T>(
  connection: Connection,
  question: Question,
  { read, signal }: { read: (body: string) => T; signal: AbortSignal },
): Promise<{ readonly value: T; readonly tookMs: number }> {
  const reply = await connection.get(question, signal)
  if (reply.status !== 200) throw refusal(reply, question, connection)
  try {
    return { value: read(reply.body), tookMs: reply.tookMs }
  } catch (error) {
    if (!(error instanceof AnswerProblem)) throw error
    throw new DeviceError(error.reason, `${askedText(question, connection)}: ${error.message}`, {
      ...(error.hint !== undefined && { hint: error.hint }),
      cause: error,
    })
  }
}

/** The error in an answer that is not a 200. */
export function refusal({ status, body, headers }: Reply, question: Question, connection: Connection): DeviceError {
  const reason = /"error":"invalid query\. (.*)"/s.exec(body)?.[1]
  const channel = reason === undefined ? undefined : /^Invalid series: (.*)$/s.exec(reason)?.[1]
  const asked = `${askedText(question, connection)}: ${status}`
  const message = body === '' ? asked : `${asked} ${quote(reason ?? body)}`
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
    return new DeviceError('rejected', `${asked}${redirected(headers)}`, {
      hint: 'give the address of the device itself as its url: an IoTaWatt answers over http, and sends nobody elsewhere',
    })
  if (/remoteAddr|VictoriaMetrics/.test(body))
    return new DeviceError('rejected', `${asked}: this is a VictoriaMetrics, not an IoTaWatt`, {
      hint: 'its address belongs under store.url; give the address of the device as its url',
    })
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

/** How often a question is asked in all; a reason that is not here does not go away by asking again. */
const TRIES: Partial<Readonly<Record<DeviceErrorReason, number>>> = { unreachable: 3, timeout: 2, 'bad-answer': 3 }

const POLICY: RetryPolicy<DeviceError> = {
  isFailure: (error) => error instanceof DeviceError,
  tries: ({ reason }) => TRIES[reason] ?? 1,
  firstPauseMs: 1_000,
}

export interface TriesOptions {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** A question is asked again. */
  readonly onRetry?: (() => void) | undefined
  /** Somebody waits: a device that cannot be reached is given up soon. */
  readonly isBrief?: boolean | undefined
}

/** Asks the device again while its failure may pass. */
export function withTries<T>(
  ask: () => Once<T>,
  { clock, random, log, isBrief, onRetry: onAgain }: TriesOptions,
  signal: AbortSignal,
): Retried<T> {
  const onRetry: RetryOptions<DeviceError>['onRetry'] = ({ message, reason }, { attempt }) => {
    log.debug(`${message}; asking again`, { attempt, reason })
    onAgain?.()
  }
  return retry(ask, { policy: POLICY, clock, random, isBrief, onRetry }, signal)
}
