import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { DAY_MS } from '../model/time-window.ts'
import type { Clock } from '../runtime/clock.ts'

const SESSION_MS = 30 * DAY_MS

/** Who has the token: as `Authorization: Bearer`, or once, for a session that a cookie keeps. */
export interface WebLogin {
  isToken(text: string): boolean
  isBearer(authorization: string | undefined): boolean
  isSession(cookie: string | undefined): boolean
  openSession(): { readonly cookie: string; readonly maxAgeS: number }
}

/** A session is its end and a signature under the token: a restart keeps it, and another token ends it. */
export function webLogin(token: string, clock: Clock): WebLogin {
  const key = createHash('sha256').update(`iotawatt-sync session\n${token}`).digest()
  const sign = (end: string) => createHmac('sha256', key).update(end).digest('base64url')
  const isToken = (text: string) => areEqual(text, token)
  return {
    isToken,
    isBearer: (authorization = '') => {
      const [, text] = /^bearer +(\S+)$/i.exec(authorization) ?? []
      return text !== undefined && isToken(text)
    },
    isSession(cookie = '') {
      const [, end = '', signature = ''] = /^(\d{1,15})\.([\w-]+)$/.exec(cookie) ?? []
      return areEqual(signature, sign(end)) && Number(end) > clock.nowMs()
    },
    openSession() {
      const end = String(clock.nowMs() + SESSION_MS)
      return { cookie: `${end}.${sign(end)}`, maxAgeS: SESSION_MS / 1000 }
    },
  }
}

/** In the same time however much of it is right. */
function areEqual(left: string, right: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(hash(left), hash(right))
}
