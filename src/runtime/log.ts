export type LogFields = Readonly<Record<string, unknown>>

/** Events that somebody may act on. The message is a complete sentence; the fields are for machines. */
export interface Log {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
}

export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} }
