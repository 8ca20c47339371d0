import { DeviceError } from '../model/device.ts'
import { timeLeft, type Clock } from '../runtime/clock.ts'
import type { DeviceLoad } from './device-load.ts'
import { type DeviceLogin, deviceLogin } from './device-login.ts'
import type { Credentials } from './digest-auth.ts'
import { askedText, type Question } from './question.ts'
import { createMutex } from './mutex.ts'
import { type HttpReply, type Transport, TransportError } from './transport.ts'

export interface Reply extends HttpReply {
  /** From the question to the last byte of the answer. */
  readonly tookMs: number
}

/** One question at a time, whoever asks. Throws `DeviceError` for anything but an answer, whatever its status. */
export interface Connection {
  readonly name: string
  readonly address: string
  get(question: Question, signal: AbortSignal): Promise<Reply>
}

export interface ConnectionOptions {
  readonly name: string
  readonly address: string
  readonly auth?: Credentials | undefined
  readonly transport: Transport
  readonly load: DeviceLoad
  readonly clock: Clock
  readonly onAnswer?: OnAnswer | undefined
}

export type OnAnswer = (kind: QuestionKind, durationMs: number) => void
type QuestionKind = 'status' | 'series' | 'query' | 'config'

const MIN_ABANDONED_MS = 2_000
const MAX_ABANDONED_MS = 300_000

export function openConnection({
  name,
  address,
  auth,
  transport,
  load,
  clock,
  onAnswer,
}: ConnectionOptions): Connection {
  const takeTurn = createMutex()
  const login = auth && deviceLogin(auth, clock)
  let quietUntilMs = 0

  async function exchange(question: Question, authorization: string | undefined, signal: AbortSignal): Promise<Reply> {
    const startedMs = clock.nowMs()
    const elapsedMs = () => clock.nowMs() - startedMs
    try {
      const headers = { accept: '*/*', ...(authorization !== undefined && { authorization }) }
      const reply = await transport.get(question.path, { ...question, headers, signal })
      load.count(elapsedMs())
      onAnswer?.(kindOf(question.path), elapsedMs())
      return { ...reply, tookMs: elapsedMs() }
    } catch (error) {
      if (!(error instanceof TransportError) || error.asked) load.count(elapsedMs())
      // The device finishes what nobody waits for, and a second question would queue up behind it.
      quietUntilMs = clock.nowMs() + Math.min(MAX_ABANDONED_MS, abandonedMs(error, question, elapsedMs()))
      throw error
    }
  }

  async function ask(question: Question, signal: AbortSignal): Promise<Reply> {
    const quietMs = timeLeft(clock.nowMs(), quietUntilMs, MAX_ABANDONED_MS)
    if (quietMs > 0) await clock.sleep(quietMs, signal)
    const reply = await exchange(question, login?.header(question), signal)
    return login?.challenge(question, reply) === true ? logIn(question, login, signal) : reply
  }

  async function logIn(question: Question, user: DeviceLogin, signal: AbortSignal): Promise<Reply> {
    try {
      const reply = await exchange(question, user.header(question), signal)
      user.learn(reply)
      return reply
    } catch (error) {
      if (!(error instanceof TransportError) || !user.learn(error)) throw error
      const message = `${askedText(question, { name, address })}: the connection was dropped at the login as user`
      throw new DeviceError('unauthorized', message, { hint: NO_USER_PASSWORD_HINT, cause: error })
    }
  }

  return {
    name,
    address,
    async get(question, signal) {
      try {
        return await takeTurn(() => ask(question, signal), signal)
      } catch (error) {
        signal.throwIfAborted()
        if (!(error instanceof TransportError)) throw error
        throw transportError(error, askedText(question, { name, address }), address)
      }
    },
  }
}

function kindOf(path: string): QuestionKind {
  if (path.startsWith('/status')) return 'status'
  if (!path.startsWith('/query')) return 'config'
  return path.startsWith('/query?show') ? 'series' : 'query'
}

const NO_USER_PASSWORD_HINT =
  'a device without a user password goes down over this login: set one on the device, or log in as admin'

function httpsHint(address: string): string {
  const plain = address.replace(/^https:/, 'http:')
  return `an IoTaWatt speaks http only: ${plain}; where a proxy before it speaks https, give the certificate of its authority as caFile`
}

function abandonedMs(error: unknown, question: Question, elapsedMs: number): number {
  if (!(error instanceof TransportError)) return Math.max(MIN_ABANDONED_MS, elapsedMs, question.expectedMs ?? 0)
  if (error.failure === 'timeout') return question.timeoutMs
  return error.failure === 'too-large' ? Math.max(MIN_ABANDONED_MS, elapsedMs) : 0
}

function transportError(error: TransportError, asked: string, address: string): DeviceError {
  const message = `${asked}: ${error.message}`
  // A proxy before the device may speak it; the device itself does not.
  if (error.failure === 'unreachable' && address.startsWith('https:'))
    return new DeviceError('unreachable', message, { hint: httpsHint(address), cause: error })
  switch (error.failure) {
    case 'unreachable':
      return new DeviceError('unreachable', message, {
        hint: 'check that it is on and that its address is correct',
        cause: error,
      })
    case 'timeout':
      return new DeviceError('timeout', message, {
        hint: 'it may be busy, or its Wi-Fi weak; it is asked again later',
        cause: error,
      })
    case 'broken':
    case 'too-large':
      return new DeviceError('bad-answer', message, { cause: error })
  }
}
