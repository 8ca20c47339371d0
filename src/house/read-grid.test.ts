import { expect, test } from 'vitest'
import { houseOf, HOUSE, memoryStore, seriesOf } from '../../test/stored-house.ts'
import { DAY_MS, MINUTE_MS } from '../model/time-window.ts'
import { dayStartMs, openTimeZone } from '../model/time-zone.ts'
import { planHouse } from './house-plan.ts'
import { readGrid } from './read-grid.ts'

const { signal } = new AbortController()
const ROOF = 'iwatt6'
const MAINS = [seriesOf('Mains_1'), seriesOf('Mains_2')]
const [SOLAR, SHED] = [seriesOf('SolarA_1', ROOF), seriesOf('Shed', ROOF)]

/** The roof is off on the second day; on the third it has no solar yet, and is on. Mains have a gap on the fourth. */
test.each(['America/New_York', 'Asia/Kathmandu'])(
  'what a bill is made from is what the Energy view shows, in %s',
  async (timezone) => {
    const zone = openTimeZone(timezone)
    const first = Date.UTC(2026, 2, 6) / DAY_MS
    const edges = Array.from({ length: 6 }, (_, index) => dayStartMs(zone, first + index))
    const [fromMs = 0, untilMs = 0] = [edges[0], edges.at(-1)]
    const all = { fromMs: fromMs - DAY_MS, untilMs: untilMs + DAY_MS }
    const memory = memoryStore()
    const utcDay = (atMs: number) => Math.floor(atMs / DAY_MS) - first
    MAINS.forEach((labels, place) =>
      memory.put(labels, all, (atMs) =>
        utcDay(atMs) === 3 && atMs % DAY_MS < 3_600_000 ? undefined : 200 + (((atMs / MINUTE_MS) * (place + 3)) % 1701),
      ),
    )
    memory.put(SOLAR, all, (atMs) => ([1, 2].includes(utcDay(atMs)) ? undefined : ((atMs / MINUTE_MS) * 11) % 2903))
    memory.put(SHED, all, (atMs) => (utcDay(atMs) === 1 ? undefined : 40))
    const series = [...MAINS, SOLAR, SHED]
    const home = houseOf({ store: memory.store, series, expected: all, nowMs: all.untilMs, house: { timezone } })
    const stop = await home.flush()
    const plan = planHouse({ ...HOUSE, timezone }, series)
    const options = { store: memory.store, plan, zone, nowMs: all.untilMs, firstMs: all.fromMs }
    for (const [index, startMs] of edges.slice(0, -1).entries()) {
      const window = { fromMs: startMs, untilMs: edges[index + 1] ?? 0 }
      const energy = await home.history.energy({ span: 'day', day: first + index }, signal)
      const sums = { fromGrid: 0, toGrid: 0 }
      for await (const block of readGrid({ ...options, window }, signal))
        for (const name of ['fromGrid', 'toGrid'] as const)
          for (const watts of block[name]) if (!Number.isNaN(watts)) sums[name] += watts / 60
      for (const name of ['fromGrid', 'toGrid'] as const)
        expect([index, name, sums[name]]).toEqual([index, name, expect.closeTo(energy.sums.wattHours[name] ?? 0, 1)])
    }
    await stop()
  },
)
