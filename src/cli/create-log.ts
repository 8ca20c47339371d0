import { pino } from 'pino'
import pretty from 'pino-pretty'
import type { Log, LogFields } from '../runtime/log.ts'
import { printableMessage } from '../runtime/printable.ts'
import { usesColour } from './colour.ts'
import { houseTimes, type HouseTimes } from './format-time.ts'

export interface LogOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly format: 'auto' | 'text' | 'json'
  /** Left out: standard error. */
  readonly stream?: NodeJS.WriteStream
  /** In texts, times are those of this zone; left out: of UTC, as in JSON. */
  readonly zone?: string
  /** Takes secrets out, whoever logged them. */
  readonly redact?: (text: string) => string
}

/** Text for people on a terminal, JSON lines elsewhere. */
export function createLog({
  level,
  format,
  stream = process.stderr,
  zone = 'UTC',
  redact = (text) => text,
}: LogOptions): Log {
  const isText = format === 'text' || (format === 'auto' && stream.isTTY)
  const times = isText ? houseTimes(zone) : undefined
  const settings = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  }
  const logger = isText
    ? pino(
        settings,
        pretty({
          destination: stream,
          colorize: usesColour(stream, process.env),
          translateTime: false,
          customPrettifiers: { time: (time) => `[${times?.clock(Date.parse(typeof time === 'string' ? time : ''))}]` },
          hideObject: true,
        }),
      )
    : pino(settings, stream)
  const write =
    (name: 'debug' | 'info' | 'warn' | 'error') =>
    (message: string, fields: LogFields = {}) =>
      logger[name](fields, printableMessage(redact(times ? inZone(message, times) : message)))
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') }
}

const UTC_TIME = /\b\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z/g

/** Messages name times in UTC: for a person they become those of the clocks that also stand before the line. */
function inZone(message: string, { minute, second }: HouseTimes): string {
  return message.replace(UTC_TIME, (text) => (text.length > 17 ? second : minute)(Date.parse(text)))
}
