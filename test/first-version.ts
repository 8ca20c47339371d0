import { splitWindow, type TimeWindow } from '../src/model/time-window.ts'
import type { Labels } from '../src/model/series.ts'

const CHUNK_MS = 7 * 86_400_000
const ROWS_A_PAGE = 5_000

export interface FirstVersionOptions {
  readonly deviceUrl: string
  readonly storeUrl: string
  readonly device: string
  readonly channels: readonly string[]
  readonly nowMs: () => number
}

/** The program that came before this one: what it left in the stores of its users has to be gone on with. */
export interface FirstVersion {
  /** Its loader; a batch whose write fails is logged, and the next one goes on. */
  load(window: TimeWindow, options?: { losesPage?: (page: number) => boolean }): Promise<void>
  /** Its sync: from 5 s after the newest sample up to now, each channel on its own. */
  cycle(): Promise<void>
}

export function firstVersion({ deviceUrl, storeUrl, device, channels, nowMs }: FirstVersionOptions): FirstVersion {
  const newestMs = new Map<string, number>()

  async function fetchBatch(channel: string, { fromMs, untilMs }: TimeWindow) {
    const range = `begin=${Math.floor(fromMs / 1000)}&end=${Math.floor(untilMs / 1000)}`
    const select = `select=[time.utc.unix,${channel}.watts.d2]&${range}&group=1m&format=json`
    const answer = await fetch(`${deviceUrl}/query?${select}&header=yes&missing=skip&limit=${ROWS_A_PAGE}`)
    const { data, limit }: { data: [number, number][]; limit?: number } = JSON.parse(await answer.text())
    return { rows: data, limit }
  }

  async function write(channel: string, rows: readonly (readonly [number, number])[]) {
    if (rows.length === 0) return
    const timestamps = rows.map(([atS]) => atS * 1000)
    const values = rows.map(([, watts]) => watts)
    const body = JSON.stringify({ metric: firstLabels(device, channel), values, timestamps })
    const answer = await fetch(`${storeUrl}/api/v1/import`, { method: 'POST', body })
    if (!answer.ok) throw new Error(await answer.text())
    newestMs.set(channel, Math.max(newestMs.get(channel) ?? 0, ...timestamps))
  }

  async function copy(channel: string, window: TimeWindow, losesPage: (page: number) => boolean) {
    let page = 0
    for (let fromMs: number | undefined = window.fromMs; fromMs !== undefined;) {
      const { rows, limit } = await fetchBatch(channel, { fromMs, untilMs: window.untilMs })
      if (!losesPage(page++)) await write(channel, rows)
      fromMs = limit === undefined ? undefined : limit * 1000
    }
  }

  return {
    async load(window, { losesPage = () => false } = {}) {
      for (const chunk of splitWindow(window, CHUNK_MS))
        for (const channel of channels) await copy(channel, chunk, losesPage)
    },
    async cycle() {
      for (const channel of channels) {
        const lastMs = newestMs.get(channel)
        if (lastMs === undefined) throw new Error(`${channel} has to be loaded first`)
        await copy(channel, { fromMs: lastMs + 5_000, untilMs: nowMs() }, () => false)
      }
    },
  }
}

/** The labels that it gave, by its own table. */
export function firstLabels(device: string, location: string): Labels {
  const common = { __name__: 'power', location, source: 'iotawatt', device }
  if (location.startsWith('Mains')) return { ...common, pair: 'Mains', type: 'Trunk' }
  if (location.startsWith('SolarA')) return { ...common, pair: 'SolarA', type: 'Trunk', solar: 'Both' }
  if (location.startsWith('SolarB')) return { ...common, pair: 'SolarB', type: 'Trunk', solar: 'Both' }
  if (location.startsWith('Garage')) return { ...common, pair: 'Garage', type: 'Trunk' }
  if (location.startsWith('Minisplit')) return { ...common, hvac: 'True', minisplit: 'True', type: 'Circuit' }
  if (location.endsWith('Heat') || location === 'Furnace') return { ...common, hvac: 'True', type: 'Circuit' }
  return { ...common, type: 'Circuit' }
}
