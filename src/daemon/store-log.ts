import type { Clock } from '../runtime/clock.ts'
import type { Log, LogFields } from '../runtime/log.ts'

/** What nobody has said for so long is over, and is said when it comes again. */
const OVER_AFTER_MS = 600_000
/** What goes on is said again so often. */
const REMIND_MS = 3_600_000
const MAX_KNOWN = 1_000

/** A log in which what many devices say of their store stands once: the first says it, what the others say is for debugging. */
export function sayOnceOfStore(log: Log, { nowMs }: Pick<Clock, 'nowMs'>): Log {
  const known = new Map<string, { readonly saidMs: number; readonly lastMs: number }>()

  function isNew(message: string, { device }: LogFields): boolean {
    const text = (typeof device === 'string' ? message.replace(`${device}: `, '') : message)
      .replace(/^still: /, '')
      .replace(/; attempt \d+ of \d+ begins .*$/, '')
    const before = known.get(text)
    const isSaid =
      before !== undefined && nowMs() - before.lastMs < OVER_AFTER_MS && nowMs() - before.saidMs < REMIND_MS
    if (known.size > MAX_KNOWN) known.clear()
    known.set(text, { saidMs: isSaid ? before.saidMs : nowMs(), lastMs: nowMs() })
    return !isSaid
  }

  const once =
    (level: 'info' | 'warn' | 'error') =>
    (message: string, fields: LogFields = {}) =>
      log[fields['side'] !== 'store' || isNew(message, fields) ? level : 'debug'](message, fields)
  return { debug: log.debug, info: once('info'), warn: once('warn'), error: once('error') }
}
