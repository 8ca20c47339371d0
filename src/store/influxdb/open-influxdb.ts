import { type Store, StoreError } from '../../model/store.ts'
import { coverByDays, type DayReader } from '../cover-by-days.ts'
import { oldestFirst } from '../oldest-first.ts'
import { storedKey } from '../stored-labels.ts'
import { adviceFor } from './advice.ts'
import { openConnection } from './connection.ts'
import { deleteSeries } from './delete-series.ts'
import type { InfluxDbOptions } from './influxdb-options.ts'
import { createLayout } from './layout.ts'
import { listSeries } from './list-series.ts'
import { askQuestions, type Deps } from './questions.ts'
import { digestDays, firstSamples, readSamples, totalSamples } from './read-series.ts'
import { statusReader } from './read-status.ts'
import type { Reader } from './select-series.ts'
import { writeSamples } from './write-samples.ts'

/** InfluxDB 1.x, or 2.x over its endpoints for InfluxQL. Connects when it is first asked something. */
export function openInfluxDb(options: InfluxDbOptions, deps: Deps): Store {
  const { target, templates, channels } = options
  const connection = openConnection(options)
  const questions = askQuestions(connection, deps)
  const layout = createLayout(templates, channels)
  const retentionPolicy = target.version === '1.x' ? target.retentionPolicy : undefined
  const reader: Reader = { questions, layout, retentionPolicy }
  const status = statusReader(questions, deps)
  const days: DayReader = {
    digestDays: (series, window, signal) => digestDays(reader, { series, window }, signal),
    readTimes: async (series, { window, onSample, signal }) => {
      const found = await readSamples(reader, { series, window }, signal)
      for (const [key, { timestampsMs }] of found) for (const atMs of timestampsMs) onSample(key, atMs)
    },
  }
  const place =
    target.version === '1.x' ? `database ${target.database}` : `bucket ${target.bucket} of ${target.organization}`

  const cannotDelete =
    target.version === '2.x'
      ? 'this program deletes nothing of an InfluxDB 2.x; to delete a series: influx delete'
      : undefined

  return {
    name: `InfluxDB at ${connection.address}, ${place}`,
    advice: adviceFor(target),
    ...(cannotDelete !== undefined && { cannotDelete }),
    status,
    // What it has acknowledged, it shows.
    flush: async (signal) => signal.throwIfAborted(),
    listSeries: (query, signal) => listSeries(reader, query, signal),
    coverage: (series, window, signal) => coverByDays(days, { series, window }, signal),
    firstSamples: (series, window, signal) => firstSamples(reader, { series, window }, signal),
    readSamples: async (series, window, signal) => {
      const found = await readSamples(reader, { series, window }, signal)
      return series.map((labels) => ({
        labels,
        ...oldestFirst(found.get(storedKey(labels)) ?? { timestampsMs: [], values: [] }),
      }))
    },
    totals: (series, window, signal) => totalSamples(reader, { series, window }, signal),
    write: async (batch, signal) => {
      signal.throwIfAborted()
      await writeSamples(connection, { batch, layout }, signal)
    },
    persist: async (signal) => {
      signal.throwIfAborted()
      return 'durable'
    },
    deleteSeries: async (labels, signal) => {
      signal.throwIfAborted()
      if (cannotDelete !== undefined) throw new StoreError('rejected', cannotDelete)
      await deleteSeries(reader, labels, signal)
    },
    close: () => connection.close(),
  }
}
