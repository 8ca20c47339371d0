import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { decodeDeviceText } from './device-text.ts'
import { fileBytes, type LogFile, openLogFile } from './log-file.ts'
import { emptyRecord, type LogRecord } from './log-record.ts'

export const CURRENT_INTERVAL_S = 5
export const HISTORY_INTERVAL_S = 60

/** Where the files lie on a card. */
export const CARD_PATHS = {
  config: 'config.txt',
  current: 'iotawatt/iotalog.log',
  history: 'iotawatt/histlog.log',
} as const

/** The SD card of a device, open for reading. */
export interface Card {
  readonly configText: string
  readonly current: LogFile
  readonly history: LogFile
  close(): void
}

/** Reads the logs from the folder as they are asked for; throws when a file is missing. */
export function openCard(folder: string): Card {
  const configText = decodeDeviceText(readFileSync(join(folder, CARD_PATHS.config)))
  const current = openLogFile(fileBytes(join(folder, CARD_PATHS.current)), CURRENT_INTERVAL_S)
  const history = openLogFile(fileBytes(join(folder, CARD_PATHS.history)), HISTORY_INTERVAL_S)
  return {
    configText,
    current,
    history,
    close() {
      current.close()
      history.close()
    },
  }
}

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
