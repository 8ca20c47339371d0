import type { LogFile } from './log-file.ts'
import { emptyRecord, type LogRecord } from './log-record.ts'

/** The two logs of a device; one that is undefined is not open yet. */
export interface DeviceLogs {
  /** 5 s records of the last months, with gaps. */
  readonly current: LogFile | undefined
  /** 60 s records of years, without gaps. */
  readonly history: LogFile | undefined
}

/** The record that the device takes for a time. */
export function readLogs(logs: DeviceLogs, keyS: number): LogRecord {
  return chooseLog(logs, keyS)?.read(keyS) ?? emptyRecord(keyS)
}

type LogRange = Pick<LogFile, 'intervalS' | 'firstKeyS' | 'lastKeyS'>

/** The device decides by the key which of its logs to read. */
export function chooseLog<Log extends LogRange>(
  { current, history }: { readonly current: Log | undefined; readonly history: Log | undefined },
  keyS: number,
): Log | undefined {
  if (current === undefined || history === undefined) return current
  if (keyS < current.firstKeyS) return history
  return keyS % history.intervalS !== 0 || keyS > history.lastKeyS ? current : history
}
