import { formatWindow, type TimeWindow } from '../../model/time-window.ts'

/** Samples of all channels, and the minutes in which at least one of them lies. */
export interface Counted {
  readonly samples: number
  readonly minutes: number
}

/** What a load has brought into the store, window by window: never more than what was missing there. */
export interface LoadLedger {
  /** What is missing of a window now: what was missing before and is not, has been copied. */
  begin(window: TimeWindow, missing: Counted): void
  /** Some of the window was read back from the store. */
  confirm(window: TimeWindow, copied: Counted): void
  copied(): Counted
}

interface Entry {
  /** When it was first looked at. */
  readonly missing: Counted
  readonly copied: Counted
}

const NOTHING: Counted = { samples: 0, minutes: 0 }

export function createLoadLedger(): LoadLedger {
  const entries = new Map<string, Entry>()
  return {
    begin(window, left) {
      const missing = entries.get(formatWindow(window))?.missing ?? left
      const copied = { samples: missing.samples - left.samples, minutes: missing.minutes - left.minutes }
      entries.set(formatWindow(window), { missing, copied: within(copied, missing) })
    },
    confirm(window, { samples, minutes }) {
      const { missing, copied } = entries.get(formatWindow(window)) ?? { missing: NOTHING, copied: NOTHING }
      const more = { samples: copied.samples + samples, minutes: copied.minutes + minutes }
      entries.set(formatWindow(window), { missing, copied: within(more, missing) })
    },
    copied: () =>
      [...entries.values()].reduce(
        (sum, { copied }) => ({ samples: sum.samples + copied.samples, minutes: sum.minutes + copied.minutes }),
        NOTHING,
      ),
  }
}

function within({ samples, minutes }: Counted, most: Counted): Counted {
  return {
    samples: Math.min(most.samples, Math.max(0, samples)),
    minutes: Math.min(most.minutes, Math.max(0, minutes)),
  }
}

/** For `fillWindow`, which tells what it copies of a window. */
export function noteIn(ledger: LoadLedger | undefined, window: TimeWindow) {
  return {
    onMissing: (missing: Counted) => ledger?.begin(window, missing),
    onConfirmed: (copied: Counted) => ledger?.confirm(window, copied),
  }
}
