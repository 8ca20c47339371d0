import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { seededRandom } from './doubles/seeded-random.ts'
import { openCliHome } from './cli-home.ts'
import { differences, expectedSeries } from './expected-series.ts'
import { startMortalStore } from './mortal-store.ts'
import { randomMoment } from './random-moment.ts'
import { exportAll, realBinary } from './real-store.ts'
import { serveCard, UNITS } from './two-units.ts'

const KILL_COUNT = process.env['LONG'] ? 20 : 2
const seed = Number(process.env['SEED'] ?? 1)
const READ_COST_MS = 0.3
const MAX_DEAD_MS = 3_000

it.skipIf(!realBinary)(
  `load into a VictoriaMetrics that is killed ${KILL_COUNT} times, and started again, leaves the exact result (seed ${seed})`,
  async () => {
    const random = seededRandom(seed)
    for (let killsLeft = KILL_COUNT; killsLeft > 0;) killsLeft -= await loadWithKills(random, killsLeft)
  },
)

/** From an empty store to a complete copy; how often the store was killed on the way. */
async function loadWithKills(random: () => number, maxKills: number): Promise<number> {
  const order = random() < 0.5 ? 'newest-first' : 'oldest-first'
  const store = await startMortalStore()
  const devices = await Promise.all(UNITS.map((unit) => serveCard(unit, READ_COST_MS)))
  const home = await openCliHome({
    store: { url: store.url },
    maxDeviceLoad: '100%',
    chunk: '12h',
    devices: devices.map(({ url }, index) => ({ name: UNITS[index], url })),
  })
  let kills = 0
  try {
    for (let isDone = false; !isDone;) {
      const run = home.start(['load', '--order', order])
      while (kills < maxKills && !run.hasEnded()) {
        await randomMoment(run, { devices, random })
        if (run.hasEnded()) break
        await store.kill()
        kills++
        await sleep(random() < 0.5 ? 0 : random() * MAX_DEAD_MS)
        await store.revive()
      }
      // It may give up on a store that dies again and again; running it again goes on.
      isDone = (await run.ended).code === 0
    }
    expect(differences(await exportAll(store.url), expectedSeries())).toEqual([])
    return kills
  } finally {
    await home.close()
    await store.close()
    for (const served of devices) await served.close()
  }
}
