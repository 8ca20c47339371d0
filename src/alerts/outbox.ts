import type { AlertMessage } from '../api/alerts.ts'
import type { QuietHours } from '../model/alerts.ts'
import { DAY_MS, MINUTE_MS } from '../model/time-window.ts'
import type { TimeZone } from '../model/time-zone.ts'

/** A message that a receiver has not taken yet. */
export interface Letter {
  /** The id of the receiver. */
  readonly to: string
  readonly message: AlertMessage
  /** It was sent, and may have arrived. */
  readonly isTried: boolean
}

/** A receiver that takes nothing for weeks gets the newest. */
export const MAX_LETTERS = 500

/** Of an alert that ended before anybody was told that it began, the end alone is told. */
export function addMessages(
  outbox: readonly Letter[],
  messages: readonly AlertMessage[],
  receivers: readonly string[],
): readonly Letter[] {
  let letters = outbox
  for (const message of messages) {
    if (message.state === 'ended')
      letters = letters.filter((letter) => letter.isTried || letter.message.id !== message.id)
    letters = [...letters, ...receivers.map((to) => ({ to, message, isTried: false }))]
  }
  return letters.slice(-MAX_LETTERS)
}

export function isQuiet(hours: QuietHours | undefined, zone: TimeZone, nowMs: number): boolean {
  if (!hours) return false
  const { fromMinute, untilMinute } = hours
  const localMs = zone.localMs(nowMs)
  const minute = Math.floor((localMs - Math.floor(localMs / DAY_MS) * DAY_MS) / MINUTE_MS)
  return fromMinute < untilMinute
    ? minute >= fromMinute && minute < untilMinute
    : minute >= fromMinute || minute < untilMinute
}
