import { expect, it } from 'vitest'
import { seededRandom } from './doubles/seeded-random.ts'
import type { ServedDevice } from './doubles/serve-simulated-device.ts'
import { type CliHome, openCliHome } from './cli-home.ts'
import { exportEmbedded } from './embedded-export.ts'
import { differences, expectedSeries } from './expected-series.ts'
import { randomMoment } from './random-moment.ts'
import { exportAll, type ExportedSeries, realBinary, startRealStore } from './real-store.ts'
import { serveCard, UNITS } from './two-units.ts'

const KILL_COUNT = process.env['LONG'] ? 20 : 2
const seed = Number(process.env['SEED'] ?? 1)
const READ_COST_MS = 0.3
const LOADED_UNTIL = '2024-05-31'

interface TestedStore {
  readonly config: object
  readAll(): Promise<Map<string, ExportedSeries>>
  close(): Promise<void>
}

const stores: [string, boolean, (home: CliHome) => Promise<TestedStore>][] = [
  ['VictoriaMetrics', realBinary !== undefined, openVictoria],
  ['the embedded store', true, openEmbedded],
]

for (const [name, isThere, open] of stores)
  it.skipIf(!isThere).concurrent(
    `load and sync into ${name}, killed ${KILL_COUNT} times and run again, leave the exact result (seed ${seed})`,
    async () => {
      const random = seededRandom(seed)
      let killsLeft = KILL_COUNT
      while (killsLeft > 0) killsLeft -= await copyWithKills({ open, random, maxKills: killsLeft })
    },
  )

/** From an empty store to a complete copy; how often it was killed on the way. */
async function copyWithKills({
  open,
  random,
  maxKills,
}: {
  open: (home: CliHome) => Promise<TestedStore>
  random: () => number
  maxKills: number
}): Promise<number> {
  const home = await openCliHome()
  const store = await open(home)
  const devices = await Promise.all(UNITS.map((unit) => serveCard(unit, READ_COST_MS)))
  let kills = 0
  try {
    await home.configure({ ...store.config, maxDeviceLoad: '100%', devices: devices.map(deviceConfig) })
    const order = random() < 0.5 ? 'newest-first' : 'oldest-first'
    for (const args of [['load', '--until', LOADED_UNTIL, '--order', order], ['sync']])
      for (let isDone = false; !isDone;) {
        const run = home.start(args)
        if (kills < maxKills) {
          await randomMoment(run, { devices, random })
          run.kill('SIGKILL')
        }
        const { code, signal, stderr } = await run.ended
        if (signal === 'SIGKILL') kills++
        else expect({ code, stderr }).toMatchObject({ code: 0 })
        isDone = code === 0
      }
    expect(differences(await store.readAll(), expectedSeries())).toEqual([])
    return kills
  } finally {
    await home.close()
    await store.close()
    for (const served of devices) await served.close()
  }
}

function deviceConfig({ url }: ServedDevice, index: number) {
  return { name: UNITS[index], url }
}

async function openVictoria(): Promise<TestedStore> {
  const server = await startRealStore()
  return { config: { store: { url: server.url } }, readAll: () => exportAll(server.url), close: () => server.stop() }
}

function openEmbedded(home: CliHome): Promise<TestedStore> {
  const readAll = () => exportEmbedded(`${home.folder}/data`)
  return Promise.resolve({ config: {}, readAll, close: () => Promise.resolve() })
}
