/** In what the firmware's versions answer differently. */
export interface Firmware {
  /** As it reports it itself. */
  readonly version: string
  /** Whether `/status?stats` has `starttime` and `currenttime`, and `/status?wifi` an answer. */
  readonly tellsStart: boolean
  readonly logList: 'with-ids' | 'without-ids' | 'object'
  readonly statusType: 'application/json' | 'text/json'
  readonly hasLocalAccess: boolean
  /** Whether it computes `var` and `varh`. */
  readonly hasReactivePower: boolean
  readonly hasLimit: boolean
  /** An answer to a query ends within a row after so many bytes, with all signs of being complete. */
  readonly mostQueryBytes: number
  readonly longestNumber: number
  /** Whether a `+` that reached it as a space is a `+` in a time. */
  readonly takesSpaceForPlus: boolean
  readonly uploaders: 'list' | 'four' | 'three'
}

/** Before it, an answer was sent in pieces of 1452 bytes, until 100,000 or more were sent. */
const OLD_PIECE_BYTES = 1452
const OLD_MOST_BYTES = Math.ceil(100_000 / OLD_PIECE_BYTES) * OLD_PIECE_BYTES

/** By the public version history of the firmware; `version` as in `02_05_12`. */
export function firmwareOf(version: string): Firmware {
  const since = (first: string) => version >= first
  return {
    version,
    tellsStart: since('02_05_10'),
    logList: since('02_06_00') ? 'with-ids' : since('02_05_03') ? 'object' : 'without-ids',
    statusType: since('02_06_00') ? 'application/json' : 'text/json',
    hasLocalAccess: since('02_06_05'),
    hasReactivePower: since('02_05_09'),
    hasLimit: since('02_05_12'),
    mostQueryBytes: since('02_05_12') ? Infinity : OLD_MOST_BYTES,
    longestNumber: since('02_08_00') ? 19 : 11,
    takesSpaceForPlus: since('02_08_04'),
    uploaders: since('02_08_05') ? 'list' : since('02_06_00') ? 'four' : 'three',
  }
}

/** What comes after the release 02_08_04 still calls itself so. */
export const NEWEST_FIRMWARE: Firmware = { ...firmwareOf('02_08_05'), version: '02_08_04' }

/** What brings the firmware down: the connection is reset and the device restarts. */
export class FirmwareCrash extends Error {
  constructor(cause: string) {
    super(`the firmware crashes: ${cause}`)
    this.name = 'FirmwareCrash'
  }
}

/** A query that the device refuses with status 400; the message is its reason. */
export class QueryError extends Error {
  constructor(reason = 'unspecified') {
    super(reason)
    this.name = 'QueryError'
  }
}
