import { HOUR_MS } from '../model/time-window.ts'
import { timeLeft, type Clock } from '../runtime/clock.ts'
import { type Credentials, digestAuth } from './digest-auth.ts'
import type { Question } from './question.ts'
import { type HttpReply, TransportError } from './transport.ts'

/** Logs in where the device asks for it, and only where that cannot harm the device. */
export interface DeviceLogin {
  header(question: Question): string | undefined
  /** Takes the challenge of a 401; true when the question is worth asking again, with a new header. */
  challenge(question: Question, reply: HttpReply): boolean
  /** Takes what came of a question with a new header; true when the device went down over it. */
  learn(outcome: HttpReply | TransportError): boolean
}

const AFTER_CRASH_MS = HOUR_MS

/**
 * Some firmware crashes at a login as `user` when only its administrator has a password, which nobody but the
 * administrator can ask it. So `user` never logs in for an administrator's page; and when the device drops the
 * connection at its first login, no other is tried for an hour.
 */
export function deviceLogin(credentials: Credentials, clock: Clock): DeviceLogin {
  let digest = digestAuth(credentials)
  let isProven = credentials.username !== 'user'
  let resumesAtMs = 0
  const applies = (question: Question) =>
    timeLeft(clock.nowMs(), resumesAtMs, AFTER_CRASH_MS) === 0 &&
    !(question.adminOnly === true && credentials.username === 'user')
  return {
    header: (question) => (applies(question) ? digest.header(question.path) : undefined),
    challenge(question, { status, headers }) {
      const challenge = headers['www-authenticate']
      return status === 401 && challenge !== undefined && applies(question) && digest.challenge(challenge)
    },
    learn(outcome) {
      const isDropped = outcome instanceof TransportError && outcome.failure === 'unreachable' && outcome.asked
      if (!isDropped || isProven) {
        const isRefused = !(outcome instanceof TransportError) && outcome.status === 401
        isProven ||= !(outcome instanceof TransportError) && !isRefused
        // With what was refused it would be refused again: the next question begins without a login.
        if (isRefused) digest = digestAuth(credentials)
        return false
      }
      digest = digestAuth(credentials)
      resumesAtMs = clock.nowMs() + AFTER_CRASH_MS
      return true
    },
  }
}
