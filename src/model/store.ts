import type {
  Labels,
  NewSamples,
  Sample,
  SeriesCoverage,
  SeriesSamples,
  SeriesTimes,
  SeriesTotal,
  StoredSeries,
} from './series.ts'
import type { TimeWindow } from './time-window.ts'

/** Which series to look for. */
export interface SeriesQuery {
  readonly metrics: readonly string[]
  /** The value of the `device` label, or those that it may have; left out: whatever it is. */
  readonly device?: string | readonly string[]
  /** Samples outside are not looked at. */
  readonly window: TimeWindow
}

/** Whether the series of a device are asked for. */
export function isAskedFor({ device: asked }: Pick<SeriesQuery, 'device'>, { device = '' }: Labels): boolean {
  return asked === undefined || (typeof asked === 'string' ? device === asked : asked.includes(device))
}

/** What can be known of a store without asking for data; a key is left out where the store does not tell. */
export interface StoreStatus {
  /**
   * When its process started: a change means that acknowledged samples may be gone. Left out wherever a restart of any
   * part of it could go unseen.
   */
  readonly startedAtMs?: number
  /** Older samples are dropped without a word. */
  readonly retainsFromMs?: number
  /** The store's clock. */
  readonly clockMs?: number
  /** Whether a sample that is written twice is kept once. */
  readonly deduplicates?: boolean
  /** Of the samples of a series that lie in so long a span, it keeps one. */
  readonly keepsOneInMs?: number
  /** Whether writes pass a queue (cluster, agent, proxy) in which an acknowledged sample can wait. */
  readonly buffers: boolean
  /** What would tell more, and is not let through to us (by a key, or a proxy). Left out: nothing, or nobody was asked. */
  readonly refusedPaths?: readonly string[]
  /** So many storage nodes may be away before its answers count as partial: what only they have then looks missing. */
  readonly ignoresAwayNodes?: number
  readonly readOnly?: boolean
  /** The first write makes it; what only reads finds nothing in it. */
  readonly isYetToBeMade?: boolean
  /** Writes wait for their turn, and for so long at most; one may be of a process that has ended. Left out: none does. */
  readonly queueMs?: number
}

/**
 * Whether nothing has to be waited for before something is written: what is on its way may be written once more, as it is
 * kept once. Where that cannot be seen, the word of the user counts. Of a store that is flushed at once it is not needed.
 */
export function mayLookAtOnce(
  { flushWaits }: Pick<Store, 'flushWaits'>,
  { buffers, deduplicates }: StoreStatus,
  { allowDuplicates }: { readonly allowDuplicates: boolean },
): boolean {
  return (buffers || flushWaits?.() === true) && (deduplicates ?? allowDuplicates)
}

/**
 * What to do, in the store's own words, where it does not do what is needed: each is a part of a sentence. Left out:
 * what holds of any store.
 */
export interface StoreAdvice {
  /** Follows "to keep them,". */
  readonly keepLonger?: string
  /** How long it keeps samples where nobody has told it. */
  readonly keepsByDefault?: string
  /** Where it takes no writes. */
  readonly freeSpace?: string
  /** Where it keeps fewer samples than one a minute. */
  readonly keepEveryMinute?: string
  /** Where writes pass a queue. */
  readonly deduplicate?: string
  /** How writes would pass none. */
  readonly avoidQueue?: string
  /** Where its answers leave out what is on nodes that are away, as long as no more than so many are. */
  readonly seeAllNodes?: (awayCount: number) => string
}

/** `durable`: what was written survives the store's sudden death. `later`: only after some 20 s, to be counted again. */
export type Durability = 'durable' | 'later'

/**
 * Where series are kept. Every method throws `StoreError`, or the reason of an aborted signal;
 * a question that failed or was answered in part never looks like an empty answer.
 */
/** No series has more: VictoriaMetrics drops or cuts off what has, unless it was told otherwise. */
export const MAX_LABELS = 30

export interface Store {
  /** For people: kind and address, without secrets. */
  readonly name: string
  readonly advice?: StoreAdvice
  /** Why it deletes nothing; left out: it deletes series. */
  readonly cannotDelete?: string
  status(signal: AbortSignal): Promise<StoreStatus>
  /** How long an acknowledged write may escape a first flush; left out: not at all. */
  readonly visibleWithinMs?: number
  /** Whether nobody had written into it since it started, when this was asked: so nothing escapes a flush. Left out: it does not tell. */
  isUntouched?(signal: AbortSignal): Promise<boolean>
  /** After it, everything that was written before is visible to every look-up. */
  flush(signal: AbortSignal): Promise<void>
  /** Whether a flush is known to do no more than wait for so long as it may take; who knows what to look for may look instead. Left out: it never waits. */
  flushWaits?(): boolean
  /** Every label set that has a sample in the window, with its newest sample there. */
  listSeries(query: SeriesQuery, signal: AbortSignal): Promise<readonly StoredSeries[]>
  /**
   * Every label set that has a sample in the window, with the times of all its samples there, by one question: for a
   * short window of a few devices. An answer that broke off may look complete: what it leaves out may be there. Left out:
   * the store has no such question.
   */
  listTimes?(query: SeriesQuery, signal: AbortSignal): Promise<readonly SeriesTimes[]>
  /** Exactly these series, in their order, any window; a series that the store does not know is all missing. */
  coverage(series: readonly Labels[], window: TimeWindow, signal: AbortSignal): Promise<readonly SeriesCoverage[]>
  /** The oldest sample of each series inside the window, in their order. */
  firstSamples(
    series: readonly Labels[],
    window: TimeWindow,
    signal: AbortSignal,
  ): Promise<readonly (Sample | undefined)[]>
  /**
   * Every sample of these series in the window, in their order, each series oldest first, duplicates included.
   * All of it is held in memory: the caller chooses a window that bounds it.
   */
  readSamples(series: readonly Labels[], window: TimeWindow, signal: AbortSignal): Promise<readonly SeriesSamples[]>
  /** How many samples each series has in the window, and their sum, in the order of the series. */
  totals(series: readonly Labels[], window: TimeWindow, signal: AbortSignal): Promise<readonly SeriesTotal[]>
  /**
   * Adds the samples; the caller knows that they are not there. Never retried inside: after any error the
   * caller plans again from what the store then has.
   */
  write(batch: readonly NewSamples[], signal: AbortSignal): Promise<void>
  persist(signal: AbortSignal): Promise<Durability>
  /**
   * Deletes all samples of a series; one that is not there is no error. Like a write, it survives the store's sudden
   * death only after `persist`, which must so come before the series is written again.
   * @throws StoreError `rejected` when the labels would select another series too, or the store does not allow it.
   */
  deleteSeries(labels: Labels, signal: AbortSignal): Promise<void>
  close(): Promise<void>
}

export type StoreErrorReason =
  | 'unreachable'
  | 'timeout'
  | 'unauthorized'
  /** The store refused what was sent or asked (4xx): wrong address or a bug; asking again will not help. */
  | 'rejected'
  /** Busy or failing (429, 5xx). */
  | 'unavailable'
  | 'read-only'
  /** A cluster answered without some of its nodes. */
  | 'partial'
  | 'bad-answer'
  /** Another process has the embedded store open. */
  | 'locked'
  /** The embedded store's library is not there for this platform, or its file is damaged. */
  | 'unusable'

/**
 * A store that did not do what was asked. `ambiguous`: a write that the store may still execute, now or within
 * `mayLandForMs`. `hint` is what to do next, in one sentence.
 */
export class StoreError extends Error {
  readonly reason: StoreErrorReason
  readonly ambiguous: boolean
  readonly mayLandForMs: number
  readonly hint: string | undefined

  constructor(
    reason: StoreErrorReason,
    message: string,
    options: { ambiguous?: boolean; mayLandForMs?: number; hint?: string; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause })
    this.name = 'StoreError'
    this.reason = reason
    this.ambiguous = options.ambiguous ?? false
    this.mayLandForMs = options.mayLandForMs ?? 0
    this.hint = options.hint
  }
}
