import type { Store, StoreAdvice } from '../../model/store.ts'
import type { StoreDeps } from '../http/ask-again.ts'
import { sampleBySample } from '../sample-columns.ts'
import { openConnection, type VictoriaMetricsOptions } from './connection.ts'
import { seriesDeleter } from './delete-series.ts'
import { dayDigester } from './digest-days.ts'
import { seriesReader } from './list-series.ts'
import { administer } from './node-admin.ts'
import { askQuestions } from './questions.ts'
import { sampleReader } from './read-samples.ts'
import { openSnapshotJournal } from './snapshot-journal.ts'
import { importWriter } from './write-import.ts'

/** While its own flush carries samples on, which it begins once in 1 to 2 s, they are not seen and a flush that is asked for waits for none. */
const FLUSHING_MS = 2_500

/** VictoriaMetrics, a single node or a cluster, over HTTP. Connects when it is first asked something. */
export function openVictoriaMetrics(options: VictoriaMetricsOptions, deps: StoreDeps): Store {
  const { clock } = deps
  const { snapshotFolder } = options
  const connection = openConnection(options)
  const ask = askQuestions(connection, deps)
  const journal = snapshotFolder === undefined ? undefined : openSnapshotJournal(snapshotFolder, connection.address)
  const admin = administer(connection, { ...deps, ...(journal && { journal }) })
  let lastWriteMs = -Infinity

  async function flushThoroughly(signal: AbortSignal): Promise<void> {
    await admin.flush(signal)
    if (admin.flushWaits() || clock.nowMs() - lastWriteMs > 2 * FLUSHING_MS) return
    lastWriteMs = -Infinity
    await clock.sleep(FLUSHING_MS, signal)
    await admin.flush(signal)
  }

  function onSent(): void {
    lastWriteMs = clock.nowMs()
  }

  return {
    name: `VictoriaMetrics at ${connection.address}`,
    advice: VICTORIAMETRICS_ADVICE,
    visibleWithinMs: FLUSHING_MS,
    isUntouched: admin.isUntouched,
    status: admin.status,
    flush: admin.flush,
    flushWaits: admin.flushWaits,
    ...seriesReader(ask),
    ...sampleBySample({ digestDays: dayDigester(ask), readByKey: sampleReader(ask) }),
    write: importWriter(connection, { prepare: admin.prepare, mayLandForMs: admin.mayLandForMs, onSent }),
    persist: admin.persist,
    deleteSeries: seriesDeleter({ connection, ask, flush: flushThoroughly }),
    close: async () => {
      await admin.close()
      await connection.close()
    },
  }
}

/** The flags and addresses of VictoriaMetrics that lead to what is needed. */
export const VICTORIAMETRICS_ADVICE: Required<StoreAdvice> = {
  keepLonger: 'start VictoriaMetrics with -retentionPeriod=100y',
  keepsByDefault: 'its default is one month',
  freeSpace: 'is its disk full? (-storage.minFreeDiskSpaceBytes)',
  keepEveryMinute: 'start it with a -dedup.minScrapeInterval of 1ms to 60s',
  deduplicate:
    'start the store with -dedup.minScrapeInterval=1ms (of a cluster, both vmselect and vmstorage) and set store.allowDuplicates: true',
  avoidQueue: 'give the address of a single VictoriaMetrics itself',
  seeAllNodes: (awayCount) =>
    `its vmselect runs with -replicationFactor=${awayCount + 1}: while a storage node is away it answers without what that node alone has, so minutes look missing and are written again; give this program a vmselect without that flag as store.readUrl`,
}
