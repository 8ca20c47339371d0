import { readdirSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { DeviceError } from '../model/device.ts'

/** Where the files of a card lie. At least one of the logs is there. */
export interface CardPlace {
  readonly config: string
  /** Undefined where it is not there. */
  readonly history: string | undefined
  readonly current: string | undefined
}

const HISTORY = 'histlog.log'
const CURRENT = 'iotalog.log'
const CONFIG = 'config.txt'
const LOG_FOLDER = 'iotawatt'

/**
 * Looks from the root of a card, its `iotawatt` folder or one of its logs.
 * @throws DeviceError `rejected` where there is no card, saying what was looked for.
 */
export function findCard(path: string): CardPlace {
  try {
    return lookFrom(resolve(path))
  } catch (cause) {
    if (cause instanceof DeviceError || !(cause instanceof Error)) throw cause
    throw new DeviceError('rejected', `the card cannot be read: ${cause.message}`, { cause })
  }
}

function lookFrom(given: string): CardPlace {
  const folders = isFolder(given) ? [childOf(given, LOG_FOLDER), given] : [dirname(checkLogName(given))]
  for (const folder of folders) {
    const history = folder && fileIn(folder, HISTORY)
    const current = folder && fileIn(folder, CURRENT)
    if (!folder || (!history && !current)) continue
    const config = fileIn(folder, CONFIG) ?? fileIn(dirname(folder), CONFIG)
    if (config !== undefined) return { config, history, current }
    throw new DeviceError('rejected', `${given}: neither ${folder} nor ${dirname(folder)} holds ${CONFIG}`, {
      hint: 'copy it from the root of the card too: it has the names of the channels and the formulas of the outputs',
    })
  }
  throw new DeviceError(
    'rejected',
    `${given} is not the card of an IoTaWatt: neither ${HISTORY} nor ${CURRENT} is in it or in its folder ${LOG_FOLDER}`,
    { hint: `give the folder that holds ${CONFIG} and the folder ${LOG_FOLDER}` },
  )
}

function checkLogName(given: string): string {
  if (isNamed(HISTORY, basename(given)) || isNamed(CURRENT, basename(given))) return given
  throw new DeviceError('rejected', `${given} is neither a folder nor called ${HISTORY} or ${CURRENT}`, {
    hint: `give the folder that holds ${CONFIG} and the folder ${LOG_FOLDER}`,
  })
}

function isFolder(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined) throw new DeviceError('rejected', `there is no file or folder ${path}`)
  return found.isDirectory()
}

/** What is there under that name must be a file: to open a pipe would wait for whoever writes into it. */
function fileIn(folder: string, name: string): string | undefined {
  const path = childOf(folder, name)
  if (path === undefined || statSync(path, { throwIfNoEntry: false })?.isFile() === true) return path
  throw new DeviceError('rejected', `${path} is not a file`, {
    hint: 'copy it from the card again; a card without one of its logs is read without it',
  })
}

/** A card has a FAT file system, whose names some systems show in capitals. */
function childOf(folder: string, name: string): string | undefined {
  const found = readdirSync(folder).find((entry) => isNamed(name, entry))
  return found === undefined ? undefined : join(folder, found)
}

function isNamed(name: string, entry: string): boolean {
  return entry.toLowerCase() === name
}
