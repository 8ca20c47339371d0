import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Bench, Row } from './rows.ts'

const DEVICE_COUNT = 1000
const INTERVAL_S = 60
/** Seen from `dist/`, where this is bundled to. */
const SCRIPT = fileURLToPath(new URL('../scripts/bench-fleet.mjs', import.meta.url))

/** Title, unit, limit, and the figure of bench/fleet.ts that it is. */
const ROWS: readonly (readonly [title: string, unit: string, atMost: number, figure: string])[] = [
  ['CPU with an interval of 5 min', 'cores', 0.05, 'cores with an interval of 5 min, as reckoned'],
  ['memory', 'MB', 250, 'memory, at most, MB'],
  ['requests to devices, most in a second ÷ mean', '×', 3, 'requests to devices, most in a second ÷ mean'],
  ['requests to the store, most in a second ÷ mean', '×', 3, 'requests to the store, most in a second ÷ mean'],
  ['lag, in intervals', '×', 1, 'lag, intervals'],
  ['longest stall of the event loop', 'ms', 200, 'stall, at most, ms'],
  ['snapshots left in the store', 'snapshots', 0, 'snapshots left'],
]

/** One daemon over a fleet, in processes of their own. */
export const fleet: Bench = async function* ({ rounds }) {
  const all: Record<string, number>[] = []
  for (let round = 0; round < rounds; round++) all.push(await measureFleet())
  for (const [title, unit, atMost, figure] of ROWS) {
    const row: Row = {
      title: `${DEVICE_COUNT} devices: ${title}`,
      unit,
      atMost,
      values: all.map((figures) => figures[figure] ?? NaN),
      raw: {},
    }
    yield row
  }
}

async function measureFleet(): Promise<Record<string, number>> {
  const flags = [`--devices=${DEVICE_COUNT}`, `--interval=${INTERVAL_S}`, '--json']
  const { stdout } = await promisify(execFile)(process.execPath, [SCRIPT, ...flags])
  const figures: Record<string, number> = JSON.parse(stdout.trim().split('\n').at(-1) ?? '')
  return { ...figures, 'lag, intervals': (figures['lag, s'] ?? NaN) / INTERVAL_S }
}
