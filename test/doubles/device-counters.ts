/** What a simulated device was asked, for tests and for the curious. */
export interface DeviceCounters {
  readonly requests: number
  readonly requestsByPath: ReadonlyMap<string, number>
  readonly recordReads: number
  /** The most requests that were under way or waiting at once. */
  readonly mostAtOnce: number
  readonly longestMs: number
  readonly blockedMs: number
  /** The share of the time since counting began. */
  readonly blockedShare: number
}

/** Counts; `begin` and `end` enclose a request from its arrival until its answer is sent. */
export function createCounters(nowMs: () => number) {
  let sinceMs = nowMs()
  let requestsByPath = new Map<string, number>()
  let totals = { requests: 0, recordReads: 0, mostAtOnce: 0, longestMs: 0, blockedMs: 0 }
  const underWay = new Set<object>()

  return {
    begin(request: object): void {
      underWay.add(request)
      totals.mostAtOnce = Math.max(totals.mostAtOnce, underWay.size)
    },
    end(request: object): void {
      underWay.delete(request)
    },
    count(path: string, { recordReads, costMs }: { recordReads: number; costMs: number }): void {
      requestsByPath.set(path, (requestsByPath.get(path) ?? 0) + 1)
      totals.requests++
      totals.recordReads += recordReads
      totals.blockedMs += costMs
      totals.longestMs = Math.max(totals.longestMs, costMs)
    },
    read(): DeviceCounters {
      const spanMs = nowMs() - sinceMs
      return {
        ...totals,
        requestsByPath: new Map(requestsByPath),
        blockedShare: spanMs > 0 ? totals.blockedMs / spanMs : 0,
      }
    },
    reset(): void {
      sinceMs = nowMs()
      requestsByPath = new Map()
      totals = { requests: 0, recordReads: 0, mostAtOnce: underWay.size, longestMs: 0, blockedMs: 0 }
    },
  }
}
