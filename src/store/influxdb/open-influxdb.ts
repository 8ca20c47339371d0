import type { PointTemplates } from '../../model/point-template.ts'
import { type Store, type StoreAdvice, StoreError } from '../../model/store.ts'
import type { StoreDeps } from '../http/ask-again.ts'
import { sampleBySample } from '../sample-columns.ts'
import { type ConnectionOptions, type InfluxDbTarget, openConnection } from './connection.ts'
import { deleteSeries } from './delete-series.ts'
import { identifier } from './influxql.ts'
import { type ChannelNames, createLayout } from './layout.ts'
import { seriesLister } from './list-series.ts'
import { askQuestions } from './questions.ts'
import { type Reader, seriesReader } from './read-series.ts'
import { statusReader } from './read-status.ts'
import { writeSamples } from './write-samples.ts'

export interface InfluxDbOptions extends ConnectionOptions {
  readonly templates: PointTemplates
  readonly channels: ChannelNames
}

/** InfluxDB 1.x, or 2.x over its endpoints for InfluxQL. Connects when it is first asked something. */
export function openInfluxDb(options: InfluxDbOptions, deps: StoreDeps): Store {
  const { target, templates, channels } = options
  const connection = openConnection(options)
  const questions = askQuestions(connection, deps)
  const layout = createLayout(templates, channels)
  const retentionPolicy = target.version === '1.x' ? target.retentionPolicy : undefined
  const reader: Reader = { questions, layout, retentionPolicy }
  const { firstSamples, totals, ...samples } = seriesReader(reader)
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
    status: statusReader(questions, deps),
    // What it has acknowledged, it shows.
    flush: async (signal) => signal.throwIfAborted(),
    listSeries: seriesLister(reader),
    firstSamples,
    totals,
    ...sampleBySample(samples),
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
    close: connection.close,
  }
}

function adviceFor(target: InfluxDbTarget): StoreAdvice {
  if (target.version === '2.x')
    return { keepLonger: 'let the bucket keep samples for ever: influx bucket update --id ID --retention 0' }
  const policy = identifier(target.retentionPolicy ?? 'autogen')
  return {
    keepLonger: `let its retention policy keep samples for ever: influx -execute 'ALTER RETENTION POLICY ${policy} ON ${identifier(target.database)} DURATION INF'`,
  }
}
