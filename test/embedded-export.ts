import { DuckDBInstance } from '@duckdb/node-api'
import { join } from 'node:path'
import { seriesKey, type Labels } from '../src/model/series.ts'
import type { ExportedSeries } from './real-store.ts'

/** Everything that an embedded store of a state folder has, read without the code under test; series by their key. */
export async function exportEmbedded(stateDir: string): Promise<Map<string, ExportedSeries>> {
  const instance = await DuckDBInstance.create(join(stateDir, 'store', 'store.duckdb'), { access_mode: 'READ_ONLY' })
  const connection = await instance.connect()
  try {
    const reader = await connection.runAndReadAll(
      'SELECT labels, at_ms, value FROM samples JOIN series ON samples.series = series.id ORDER BY at_ms, value',
    )
    const series = new Map<string, { labels: Labels; samples: [number, number][] }>()
    for (const [text, atMs, value] of reader.getRows()) {
      const labels: Labels = JSON.parse(String(text))
      const key = seriesKey(labels)
      const found = series.get(key) ?? { labels, samples: [] }
      found.samples.push([Number(atMs), Number(value)])
      series.set(key, found)
    }
    return series
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}
