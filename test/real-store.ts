import { startVictoriaMetrics, type RunningServer } from '../scripts/victoria-metrics.mjs'
import type { Labels } from '../src/model/series.ts'
import { seriesKey } from '../src/model/series.ts'
import { silentLog } from '../src/runtime/log.ts'
import { systemClock } from '../src/runtime/clock.ts'
import { binaryForTests, KEEP_ALL } from './doubles/test-server.ts'
import { openVictoriaMetrics } from '../src/store/victoriametrics/open-victoriametrics.ts'
import type { Store } from '../src/model/store.ts'
import { isClaim } from '../src/sync/session/claim-device.ts'

/** Undefined where there is none; a failure with CI=true. */
export const realBinary = await binaryForTests()

export function startRealStore(args: readonly string[] = [KEEP_ALL], folder?: string): Promise<RunningServer> {
  if (realBinary === undefined) throw new Error('there is no VictoriaMetrics to test with')
  return startVictoriaMetrics({ binary: realBinary, args, ...(folder !== undefined && { folder }) })
}

export function openReal(url: string): Store {
  return openVictoriaMetrics({ url }, { clock: systemClock, log: silentLog, random: Math.random })
}

export interface ExportedSeries {
  readonly labels: Labels
  /** Oldest first, duplicates included. */
  readonly samples: readonly (readonly [atMs: number, value: number])[]
}

/** Every measurement that a server has (of a device), asked without the code under test; series by their key. */
export async function exportAll(url: string, device?: string): Promise<Map<string, ExportedSeries>> {
  await fetch(`${url}/internal/force_flush`)
  const nonce = Math.random().toString(36)
  const ofDevice = device === undefined ? '' : `,device=${JSON.stringify(device)}`
  const match = encodeURIComponent(`{__name__!="",nonce!="${nonce}"${ofDevice}}`)
  const answer = await fetch(`${url}/api/v1/export?match[]=${match}&start=0&end=4000000000`)
  if (!answer.ok) throw new Error(await answer.text())
  const bySeries = new Map<string, { labels: Labels; samples: [number, number][] }>()
  for (const line of (await answer.text()).split('\n').filter(Boolean)) {
    const { metric, values, timestamps }: { metric: Labels; values: number[]; timestamps: number[] } = JSON.parse(line)
    if (isClaim(metric)) continue
    const key = seriesKey(metric)
    const series = bySeries.get(key) ?? { labels: metric, samples: [] }
    timestamps.forEach((atMs, index) => series.samples.push([atMs, values[index] ?? NaN]))
    bySeries.set(key, series)
  }
  for (const { samples } of bySeries.values()) samples.sort(([a, x], [b, y]) => a - b || x - y)
  return bySeries
}
