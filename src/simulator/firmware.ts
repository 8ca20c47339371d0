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

/** What comes after the release 02_08_04 still calls itself so. */
export const NEWEST_FIRMWARE: Firmware = {
  version: '02_08_04',
  tellsStart: true,
  logList: 'with-ids',
  statusType: 'application/json',
  hasLocalAccess: true,
  hasReactivePower: true,
  hasLimit: true,
  mostQueryBytes: Infinity,
  longestNumber: 19,
  takesSpaceForPlus: true,
  uploaders: 'list',
}

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
