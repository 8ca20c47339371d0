import type { Store } from '../../model/store.ts'
import { coverByDays, type DayReader } from '../cover-by-days.ts'
import { oldestFirst } from '../oldest-first.ts'
import { storedKey } from '../stored-labels.ts'
import { VICTORIAMETRICS_ADVICE } from './advice.ts'
import { openConnection } from './connection.ts'
import { deleteSeries } from './delete-series.ts'
import { digestDays } from './digest-days.ts'
import { firstSamples, listSeries, totalSamples } from './list-series.ts'
import { administer } from './node-admin.ts'
import { askQuestions, type Deps } from './questions.ts'
import { readSamples } from './read-samples.ts'
import { openSnapshotJournal } from './snapshot-journal.ts'
import type { VictoriaMetricsOptions } from './victoriametrics-options.ts'
import { importWriter } from './write-import.ts'

/** While its own flush carries samples on, which it begins once in 1 to 2 s, they are not seen and a flush that is asked for waits for none. */
const FLUSHING_MS = 2_500

/** VictoriaMetrics, a single node or a cluster, over HTTP. Connects when it is first asked something. */
export function openVictoriaMetrics(options: VictoriaMetricsOptions, deps: Deps): Store {
  const { clock } = deps
  const connection = openConnection(options)
  const questions = askQuestions(connection, deps)
  const { snapshotFolder } = options
  const journal = snapshotFolder === undefined ? undefined : openSnapshotJournal(snapshotFolder, connection.address)
  const admin = administer(connection, { ...deps, ...(journal && { journal }) })
  const days: DayReader = {
    digestDays: (series, window, signal) => digestDays(questions, { series, days: window }, signal),
    readTimes: async (series, { window, onSample, signal }) => {
      const found = await readSamples(questions, { series, window }, signal)
      for (const [key, { timestampsMs }] of found) for (const atMs of timestampsMs) onSample(key, atMs)
    },
  }
  let lastWriteMs = -Infinity

  async function flushThoroughly(signal: AbortSignal): Promise<void> {
    await admin.flush(signal)
    if (clock.nowMs() - lastWriteMs > 2 * FLUSHING_MS) return
    lastWriteMs = -Infinity
    await clock.sleep(FLUSHING_MS, signal)
    await admin.flush(signal)
  }

  return {
    name: `VictoriaMetrics at ${connection.address}`,
    advice: VICTORIAMETRICS_ADVICE,
    visibleWithinMs: FLUSHING_MS,
    status: (signal) => admin.status(signal),
    flush: (signal) => admin.flush(signal),
    listSeries: (query, signal) => listSeries(questions, query, signal),
    coverage: (series, window, signal) => coverByDays(days, { series, window }, signal),
    firstSamples: (series, window, signal) => firstSamples(questions, { series, window }, signal),
    readSamples: async (series, window, signal) => {
      const found = await readSamples(questions, { series, window }, signal)
      return series.map((labels) => ({
        labels,
        ...oldestFirst(found.get(storedKey(labels)) ?? { timestampsMs: [], values: [] }),
      }))
    },
    totals: (series, window, signal) => totalSamples(questions, { series, window }, signal),
    write: importWriter(connection, {
      prepare: admin.prepare,
      mayLandForMs: admin.mayLandForMs,
      onSent: () => {
        lastWriteMs = clock.nowMs()
      },
    }),
    persist: (signal) => admin.persist(signal),
    deleteSeries: (labels, signal) => deleteSeries({ connection, questions, flush: flushThoroughly }, labels, signal),
    close: async () => {
      await admin.close()
      await connection.close()
    },
  }
}
