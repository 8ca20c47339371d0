import type { Firmware } from '../../src/simulator/firmware.ts'

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
