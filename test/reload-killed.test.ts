import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { seededRandom } from './doubles/seeded-random.ts'
import { openCliHome } from './cli-home.ts'
import { differences, expectedSeries } from './expected-series.ts'
import { startMortalStore } from './mortal-store.ts'
import { exportAll, type ExportedSeries, realBinary } from './real-store.ts'
import { serveCard } from './two-units.ts'

const KILL_COUNT = process.env['LONG'] ? 20 : 2
const seed = Number(process.env['SEED'] ?? 1)
const DAMAGED = ['Fridge', 'Washer']
const MAX_DELAY_MS = 12_000
const VICTIMS = ['process', 'both', 'store'] as const

const expected = expectedSeries({ iwatt6: 'iwatt6' })

it.skipIf(!realBinary)(
  `verify --reload-series, killed ${KILL_COUNT} times, with its store or without, loses nothing (seed ${seed})`,
  async () => {
    const random = seededRandom(seed)
    const store = await startMortalStore()
    const device = await serveCard('iwatt6')
    const home = await openCliHome({
      store: { url: store.url },
      maxDeviceLoad: '100%',
      devices: [{ name: 'iwatt6', url: device.url }],
    })
    const reload = ['verify', '--reload-series', '--yes']
    const backups = async () => {
      const names = await readdir(join(home.folder, 'data', 'backup'))
      return names.filter((name) => name.endsWith('Z.ndjson.gz')).length
    }
    try {
      await put(store.url, [...expected.values()])
      for (let kill = 0; kill < KILL_COUNT; kill++) {
        const extra = [...expected.values()].filter(({ labels }) => DAMAGED.includes(labels['location']!)).map(damage)
        await put(store.url, extra)
        const damaged = await exportAll(store.url)
        const run = home.start(reload)
        await run.says(/to be rewritten: Washer .*Fridge/)
        await Promise.race([sleep(random() * MAX_DELAY_MS), run.ended])
        const victim = VICTIMS[Math.floor(random() * VICTIMS.length)]!
        if (victim !== 'store') run.kill('SIGKILL')
        if (victim !== 'process') {
          await store.kill()
          await store.revive()
        }
        await run.ended

        expect(await home.run(['sync'])).toMatchObject({ code: 0 })
        const found = await exportAll(store.url)
        expect([...found.keys()].sort()).toEqual([...expected.keys()].sort())
        const rest = [...found].filter(([key, series]) => !isSame(series, damaged.get(key)))
        expect({ victim, differences: differences(new Map(rest), only(expected, rest)) }).toEqual({
          victim,
          differences: [],
        })

        expect(await home.run(reload)).toMatchObject({ code: 0 })
        expect({ victim, differences: differences(await exportAll(store.url), expected) }).toEqual({
          victim,
          differences: [],
        })
        expect(
          (await readdir(join(home.folder, 'data', 'backup'))).filter((name) => name.includes('unfinished')),
        ).toEqual([])
      }
      expect(await backups()).toBeGreaterThanOrEqual(DAMAGED.length * KILL_COUNT)
    } finally {
      await home.close()
      await store.close()
      await device.close()
    }
  },
)

/** Duplicates, and samples 5 s late. */
function damage({ labels, samples }: ExportedSeries): ExportedSeries {
  const late = samples.slice(900, 960).map(([atMs, value]) => [atMs + 5_000, value] as const)
  return { labels, samples: [...samples.slice(100, 200), ...late] }
}

function isSame({ samples }: ExportedSeries, other: ExportedSeries | undefined): boolean {
  return samples.join(' ') === other?.samples.join(' ')
}

function only(
  series: ReadonlyMap<string, ExportedSeries>,
  entries: readonly (readonly [string, ExportedSeries])[],
): Map<string, ExportedSeries> {
  return new Map([...series].filter(([key]) => entries.some(([each]) => each === key)))
}

/** There to stay. */
async function put(url: string, series: readonly ExportedSeries[]): Promise<void> {
  const lines = series.map(({ labels, samples }) =>
    JSON.stringify({
      metric: labels,
      values: samples.map(([, value]) => value),
      timestamps: samples.map(([atMs]) => atMs),
    }),
  )
  const answer = await fetch(`${url}/api/v1/import`, { method: 'POST', body: lines.join('\n') })
  if (!answer.ok) throw new Error(await answer.text())
  await fetch(`${url}/internal/force_flush`)
  await fetch(`${url}/snapshot/create`)
}
