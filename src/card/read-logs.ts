import type { LogFile } from './log-file.ts'
import { emptyRecord, type LogRecord } from './log-record.ts'

/** The two logs of a device; one that is undefined is not open yet. */
export interface DeviceLogs {
  /** 5 s records of the last months, with holes. */
  readonly current: LogFile | undefined
  /** 60 s records of years, without holes. */
  readonly history: LogFile | undefined
}

/** The record that the device takes for a time: it decides by the key which of its logs to read. */
export function readLogs({ current, history }: DeviceLogs, keyS: number): LogRecord {
  if (current === undefined) return emptyRecord(keyS)
  if (history === undefined) return current.read(keyS)
  if (keyS < current.firstKeyS) return history.read(keyS)
  if (keyS % history.intervalS !== 0 || keyS > history.lastKeyS) return current.read(keyS)
  return history.read(keyS)
}
