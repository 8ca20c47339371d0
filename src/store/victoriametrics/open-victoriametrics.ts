import type { Store } from '../../model/store.ts'
import { coverByDays, type DayReader } from '../cover-by-days.ts'
import { openConnection } from './connection.ts'
import { digestDays } from './digest-days.ts'
import { firstSamples, listSeries } from './list-series.ts'
import { administer } from './node-admin.ts'
import { askQuestions, type Surroundings } from './questions.ts'
import { readTimes } from './read-times.ts'
import type { VictoriaMetricsOptions } from './victoriametrics-options.ts'
import { writeSamples } from './write-samples.ts'

/** While its own flush carries samples on, which it begins once in 1 to 2 s, they are not seen and a flush that is asked for waits for none. */
const FLUSHING_MS = 2_500

/** VictoriaMetrics, a single node or a cluster, over HTTP. Connects when it is first asked something. */
export function openVictoriaMetrics(options: VictoriaMetricsOptions, surroundings: Surroundings): Store {
  const connection = openConnection(options)
  const questions = askQuestions(connection, surroundings)
  const admin = administer(connection, surroundings)
  const days: DayReader = {
    digestDays: (series, window, signal) => digestDays(questions, { series, days: window }, signal),
    readTimes: (series, { window, onSample, signal }) => readTimes(questions, { series, window, onSample }, signal),
  }
  return {
    name: `VictoriaMetrics at ${connection.address}`,
    settlesWithinMs: FLUSHING_MS,
    status: (signal) => admin.status(signal),
    settle: (signal) => admin.settle(signal),
    listSeries: (query, signal) => listSeries(questions, query, signal),
    coverage: (series, window, signal) => coverByDays(days, { series, window }, signal),
    firstSamples: (series, window, signal) => firstSamples(questions, { series, window }, signal),
    write: async (batch, signal) => {
      signal.throwIfAborted()
      await admin.prepare(signal)
      await writeSamples(connection, { batch, settlesInMs: admin.settlesInMs }, signal)
    },
    persist: (signal) => admin.persist(signal),
    close: () => connection.close(),
  }
}
