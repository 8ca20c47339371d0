import { DeviceError } from '../model/device.ts'
import { HOUR_MS } from '../model/time-window.ts'
import { timeLeft, type Clock } from '../runtime/clock.ts'
import type { DeviceLoad } from './device-load.ts'
import { type Credentials, digestAuth } from './digest-auth.ts'
import { createMutex } from './mutex.ts'
import { type HttpReply, type Transport, TransportError } from './transport.ts'

export interface Question {
  readonly path: string
  /** The question for a message, e.g. `/query for 2024-05-31T23:00Z to …`; left out: the path. */
  readonly text?: string
  readonly timeoutMs: number
  readonly maxBytes: number
  /** How long the device may need, should nobody wait for its answer. */
  readonly expectedMs?: number
  /** A path that the device shows to its administrator only. */
  readonly adminOnly?: boolean
  /** For somebody who counts, where the path does not tell. */
  readonly kind?: QuestionKind
}

/** What was asked, and of whom, for the start of a message. */
export function askedText({ path, text = path }: Question, { name, address }: { name: string; address: string }) {
  return `${name}: GET ${address}${text}`
}

export interface Reply extends HttpReply {
  /** From the question to the last byte of the answer. */
  readonly tookMs: number
}

/** One question at a time, whoever asks. Throws `DeviceError` for anything but an answer, whatever its status. */
export interface Connection {
  readonly name: string
  readonly address: string
  get(question: Question, signal: AbortSignal): Promise<Reply>
  /** Whether a question would have to wait for another one, or for the device to finish what nobody waits for. */
  isBusy(): boolean
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
type QuestionKind = 'live' | 'status' | 'series' | 'query' | 'config'

const MIN_ABANDONED_MS = 2_000
const MAX_ABANDONED_MS = 300_000

export function openConnection(options: ConnectionOptions): Connection {
  const { name, address, auth, transport, load, clock, onAnswer } = options
  const takeTurn = createMutex()
  const login = auth && deviceLogin(auth, clock)
  let quietUntilMs = 0
  let underWay = 0
  const quietMs = () => timeLeft(clock.nowMs(), quietUntilMs, MAX_ABANDONED_MS)

  async function ask(question: Question, signal: AbortSignal): Promise<Reply> {
    if (quietMs() > 0) await clock.sleep(quietMs(), signal)
    const reply = await exchange(question, signal)
    if (!login?.isChallenged(question, reply)) return reply
    try {
      const second = await exchange(question, signal)
      login.learn(second)
      return second
    } catch (error) {
      if (!(error instanceof TransportError) || !login.isCrash(error)) throw error
      const message = `${askedText(question, options)}: the connection was dropped at the login as user`
      throw new DeviceError('unauthorized', message, { hint: NO_USER_PASSWORD_HINT, cause: error })
    }
  }

  async function exchange(question: Question, signal: AbortSignal): Promise<Reply> {
    const startedMs = clock.nowMs()
    const elapsedMs = () => clock.nowMs() - startedMs
    const authorization = login?.header(question)
    const headers = { accept: '*/*', ...(authorization !== undefined && { authorization }) }
    try {
      const reply = await transport.get(question.path, { ...question, headers, signal })
      load.count(elapsedMs())
      onAnswer?.(question.kind ?? kindOf(question.path), elapsedMs())
      return { ...reply, tookMs: elapsedMs() }
    } catch (error) {
      if (!(error instanceof TransportError) || error.asked) load.count(elapsedMs())
      // The device finishes what nobody waits for, and a second question would queue up behind it.
      quietUntilMs = clock.nowMs() + Math.min(MAX_ABANDONED_MS, abandonedMs(error, question, elapsedMs()))
      throw error
    }
  }

  return {
    name,
    address,
    isBusy: () => underWay > 0 || quietMs() > 0,
    async get(question, signal) {
      underWay++
      try {
        return await takeTurn(() => ask(question, signal), signal)
      } catch (error) {
        signal.throwIfAborted()
        if (!(error instanceof TransportError)) throw error
        throw explainTransport(error, askedText(question, options), address)
      } finally {
        underWay--
      }
    },
  }
}

const NO_USER_PASSWORD_HINT =
  'a device without a user password goes down over this login: set one on the device, or log in as admin'

function kindOf(path: string): QuestionKind {
  if (path.startsWith('/status')) return 'status'
  if (!path.startsWith('/query')) return 'config'
  return path.startsWith('/query?show') ? 'series' : 'query'
}

function abandonedMs(error: unknown, question: Question, elapsedMs: number): number {
  if (!(error instanceof TransportError)) return Math.max(MIN_ABANDONED_MS, elapsedMs, question.expectedMs ?? 0)
  if (error.failure === 'timeout') return question.timeoutMs
  return error.failure === 'too-large' ? Math.max(MIN_ABANDONED_MS, elapsedMs) : 0
}

function explainTransport(error: TransportError, asked: string, address: string): DeviceError {
  const message = `${asked}: ${error.message}`
  if (error.failure === 'timeout')
    return new DeviceError('timeout', message, {
      hint: 'it may be busy, or its Wi-Fi weak; it is asked again later',
      cause: error,
    })
  if (error.failure !== 'unreachable') return new DeviceError('bad-answer', message, { cause: error })
  return new DeviceError('unreachable', message, { hint: whereToLook(address), cause: error })
}

function whereToLook(address: string): string {
  // A proxy before the device may speak https; the device itself does not.
  if (address.startsWith('https:'))
    return `an IoTaWatt speaks http only: ${address.replace(/^https:/, 'http:')}; where a proxy before it speaks https, give the certificate of its authority as caFile`
  if (new URL(address).hostname.endsWith('.local'))
    return 'check that it is on; not every machine can look up names in .local, and no container: if this one cannot, use the IP address'
  return 'check that it is on and that its address is correct'
}

const AFTER_CRASH_MS = HOUR_MS

/**
 * Logs in where the device asks for it, and only where that cannot harm the device. Some firmware crashes at a login as
 * `user` when only its administrator has a password, which nobody but the administrator can ask it. So `user` never logs
 * in for an administrator's page; and when the device drops the connection at its first login, no other is tried for an
 * hour.
 */
function deviceLogin(credentials: Credentials, clock: Clock) {
  let digest = digestAuth(credentials)
  let isProven = credentials.username !== 'user'
  let resumesAtMs = 0
  const applies = ({ adminOnly = false }: Question) =>
    timeLeft(clock.nowMs(), resumesAtMs, AFTER_CRASH_MS) === 0 && !(adminOnly && credentials.username === 'user')
  return {
    header: (question: Question) => (applies(question) ? digest.header(question.path) : undefined),
    /** Takes the challenge of a 401; true when the question is worth asking again, with a new header. */
    isChallenged(question: Question, { status, headers }: HttpReply): boolean {
      const challenge = headers['www-authenticate']
      return status === 401 && challenge !== undefined && applies(question) && digest.challenge(challenge)
    },
    /** Takes the answer to a question with a new header. */
    learn({ status }: HttpReply): void {
      // With what was refused it would be refused again: the next question begins without a login.
      if (status === 401) digest = digestAuth(credentials)
      else isProven = true
    },
    /** Whether the device went down over a question with a new header. */
    isCrash({ failure, asked }: TransportError): boolean {
      if (isProven || failure !== 'unreachable' || !asked) return false
      digest = digestAuth(credentials)
      resumesAtMs = clock.nowMs() + AFTER_CRASH_MS
      return true
    },
  }
}
