import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { decodeDeviceText } from './device-text.ts'
import { fileBytes, type LogFile, memoryBytes, openLogFile } from './log-file.ts'

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

/** The files of a card in memory. */
export interface CardFiles {
  readonly config: Uint8Array
  readonly current: Uint8Array
  readonly history: Uint8Array
}

/** Reads the logs from the folder as they are asked for; throws when a file is missing. */
export function openCard(folder: string): Card {
  const configText = decodeDeviceText(readFileSync(join(folder, CARD_PATHS.config)))
  const current = openLogFile(fileBytes(join(folder, CARD_PATHS.current)), CURRENT_INTERVAL_S)
  const history = openLogFile(fileBytes(join(folder, CARD_PATHS.history)), HISTORY_INTERVAL_S)
  return toCard({ configText, current, history })
}

export function openCardFiles(files: CardFiles): Card {
  const configText = decodeDeviceText(files.config)
  const current = openLogFile(memoryBytes(files.current), CURRENT_INTERVAL_S)
  const history = openLogFile(memoryBytes(files.history), HISTORY_INTERVAL_S)
  return toCard({ configText, current, history })
}

function toCard(parts: Omit<Card, 'close'>): Card {
  return {
    ...parts,
    close() {
      parts.current.close()
      parts.history.close()
    },
  }
}
