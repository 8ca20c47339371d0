import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { DAY_MS } from '../model/time-window.ts'
import type { Clock } from '../runtime/clock.ts'
import { explain } from '../runtime/errors.ts'
import type { Log } from '../runtime/log.ts'
import { parseJson } from '../runtime/parse-json.ts'
import { saveFile } from '../runtime/save-file.ts'

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

/** Sessions that somebody has logged out of before their time. */
export interface EndedSessions {
  has(session: string): boolean
  /** Resolves when it is kept, also over a restart. */
  add(session: string, untilMs: number): Promise<void>
}

const FILE = 'ended-sessions.json'
const MAX_KEPT = 10_000
const fileSchema = z.array(z.tuple([z.string(), z.number()]))

export async function keepEndedSessions(
  folder: string,
  { clock, log }: { clock: Clock; log: Log },
): Promise<EndedSessions> {
  const path = join(folder, FILE)
  const found = fileSchema.safeParse(parseJson(await readFile(path, 'utf8').catch(() => '')))
  const ended = new Map<string, number>(found.data)
  let saving = Promise.resolve()

  async function save(): Promise<void> {
    await saveFile(path, JSON.stringify([...ended]))
  }

  return {
    has: (session) => ended.has(session),
    add(session, untilMs) {
      forgetOld(ended, clock.nowMs())
      ended.set(session, untilMs)
      saving = saving
        .then(save)
        .catch((error: unknown) =>
          log.warn(`that somebody has logged out is known until the next restart alone: ${explain(error)}`),
        )
      return saving
    },
  }
}

/** A session that is over by itself needs no mark. */
function forgetOld(ended: Map<string, number>, nowMs: number): void {
  for (const [session, untilMs] of ended) if (untilMs <= nowMs || ended.size >= MAX_KEPT) ended.delete(session)
}
