import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { DAY_MS } from '../model/time-window.ts'
import type { Clock } from '../runtime/clock.ts'
import type { EndedSessions } from './ended-sessions.ts'

const SESSION_MS = 30 * DAY_MS

/** Who has the token: as `Authorization: Bearer`, or once, for a session that a cookie keeps. */
export interface WebLogin {
  isToken(text: string): boolean
  isBearer(authorization: string | undefined): boolean
  isSession(cookie: string): boolean
  openSession(): { readonly cookie: string; readonly maxAgeS: number }
  /** Of whoever has a copy of the cookie, too. */
  endSession(cookie: string): Promise<void>
}

/**
 * A session is its end, a number of its own and a signature of both under the token: a restart keeps it, another token
 * ends it.
 */
export function webLogin(token: string, { clock, ended }: { clock: Clock; ended: EndedSessions }): WebLogin {
  const key = createHash('sha256').update(`iotawatt-sync session\n${token}`).digest()
  const sign = (session: string) => createHmac('sha256', key).update(session).digest('base64url')
  const isToken = (text: string) => areEqual(text, token)

  function readSession(cookie: string) {
    const [, session = '', end = '', signature = ''] = /^((\d{1,15})-[\w-]+)\.([\w-]+)$/.exec(cookie) ?? []
    const isSigned = areEqual(signature, sign(session))
    return isSigned && Number(end) > clock.nowMs() && !ended.has(session)
      ? { session, untilMs: Number(end) }
      : undefined
  }

  return {
    isToken,
    isBearer: (authorization = '') => {
      const [, text] = /^bearer +(\S+)$/i.exec(authorization) ?? []
      return text !== undefined && isToken(text)
    },
    isSession: (cookie) => readSession(cookie) !== undefined,
    openSession() {
      const session = `${clock.nowMs() + SESSION_MS}-${randomBytes(12).toString('base64url')}`
      return { cookie: `${session}.${sign(session)}`, maxAgeS: SESSION_MS / 1000 }
    },
    async endSession(cookie) {
      const found = readSession(cookie)
      if (found) await ended.add(found.session, found.untilMs)
    },
  }
}

/** In the same time however much of it is correct. */
function areEqual(left: string, right: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(hash(left), hash(right))
}
