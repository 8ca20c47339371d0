import { HOUR_MS } from '../model/time-window.ts'
import { timeLeft, type Clock } from '../runtime/clock.ts'
import { refusal } from './ask.ts'
import type { Connection } from './connection.ts'

const MAX_CONFIG_BYTES = 64 * 1024
const AFTER_DENIAL_MS = HOUR_MS

/**
 * Reads the device's own hash of its configuration; undefined where only its administrator may. A device that refused
 * it is left alone for an hour: it keeps something on its small heap for each login that did not come about.
 */
export function fingerprintReader(
  connection: Connection,
  clock: Clock,
  timeoutMs: number,
): (signal: AbortSignal) => Promise<string | undefined> {
  const question = { path: '/config.txt', text: '/config.txt', timeoutMs, maxBytes: MAX_CONFIG_BYTES, adminOnly: true }
  let deniedUntilMs = 0
  return async (signal) => {
    if (timeLeft(clock, deniedUntilMs, AFTER_DENIAL_MS) > 0) return undefined
    const reply = await connection.get(question, signal)
    if (reply.status === 200) return reply.headers['x-configsha256']
    if (![401, 403, 404].includes(reply.status)) throw refusal({ ...reply, body: '' }, question, connection)
    deniedUntilMs = clock.nowMs() + AFTER_DENIAL_MS
    return undefined
  }
}
