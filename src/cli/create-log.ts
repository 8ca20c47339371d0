import { pino } from 'pino'
import pretty from 'pino-pretty'
import type { Log, LogFields } from '../runtime/log.ts'
import { printableMessage } from '../runtime/printable.ts'

export interface LogOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly format: 'auto' | 'text' | 'json'
  /** 1: standard output, 2: standard error. */
  readonly fileDescriptor?: 1 | 2
  /** Takes secrets out, whoever said them. */
  readonly redact?: (text: string) => string
}

/** Text for people on a terminal, JSON lines elsewhere. */
export function createLog({ level, format, fileDescriptor = 2, redact = (text) => text }: LogOptions): Log {
  const stream = fileDescriptor === 1 ? process.stdout : process.stderr
  const isText = format === 'text' || (format === 'auto' && stream.isTTY)
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
          sync: true,
          destination: fileDescriptor,
          colorize: stream.isTTY,
          translateTime: 'SYS:HH:MM:ss',
          hideObject: true,
        }),
      )
    : pino(settings, pino.destination({ dest: fileDescriptor, sync: true }))
  const write =
    (name: 'debug' | 'info' | 'warn' | 'error') =>
    (message: string, fields: LogFields = {}) =>
      logger[name](fields, printableMessage(redact(message)))
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') }
}
