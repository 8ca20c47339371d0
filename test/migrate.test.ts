import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunningServer } from '../scripts/victoria-metrics.mjs'
import { seriesKey } from '../src/model/series.ts'
import type { Store } from '../src/model/store.ts'
import { DAY_MS, MINUTE_MS } from '../src/model/time-window.ts'
import { seededRandom } from './doubles/seeded-random.ts'
import { systemClock } from '../src/runtime/clock.ts'
import { openEmbedded } from '../src/store/embedded/open-embedded.ts'
import { planMigrationWork } from '../src/sync/legacy/migrate/plan-migration.ts'
import { migrationWork } from '../src/sync/legacy/migrate/run-migration.ts'
import { createDirectQueue } from '../src/sync/session/device-work.ts'
import type { SyncContext } from '../src/sync/session/session.ts'
import { type CliHome, openCliHome } from './cli-home.ts'
import { differences } from './expected-series.ts'
import { firstLabels } from './first-version.ts'
import { freePort } from './free-port.ts'
import { type GeneratedPower, generatePower, importSamples } from './generated-power.ts'
import { exportAll, type ExportedSeries, openReal, realBinary, startRealStore } from './real-store.ts'
import { channelsNamed, settingsFor } from './small-house.ts'
import { contextFor, serveCard } from './two-units.ts'

const T0 = Date.UTC(2024, 4, 1)
const DAYS = process.env['LONG'] ? 30 : 3
/** Of what a command is asked to migrate. */
const SOURCE_DAYS = process.env['LONG'] ? 10 : 2
/** Of each of them there is more than one. */
const CHUNK_DAYS = process.env['LONG'] ? 7 : 1
/** While these are migrated, there is time to kill it. */
const KILLED_DAYS = 10
const STEPS_MS = { 'every 5 s': 5_000, 'every minute': MINUTE_MS }
const LOCATIONS = process.env['LONG'] ? Array.from({ length: 14 }, (_, index) => `Circuit_${index}`) : ['Furnace']
/** Nothing listens there: a device is never needed. */
const NO_DEVICE = 'http://127.0.0.1:9'
const KILL_COUNT = process.env['LONG'] ? 20 : 2
const seed = Number(process.env['SEED'] ?? 1)
const { signal } = new AbortController()

describe.skipIf(!realBinary)('what another program left in VictoriaMetrics', () => {
  let server: RunningServer
  beforeAll(async () => {
    server = await startRealStore()
  })
  afterAll(() => server.stop())

  it.each(Object.entries(STEPS_MS))(
    `${DAYS} days of it, ${LOCATIONS.length} series of a point %s, migrate exactly, and a second time nothing is written`,
    async (name, stepMs) => {
      const window = { fromMs: T0, untilMs: T0 + DAYS * DAY_MS }
      const sources = LOCATIONS.map((location, seed) =>
        generatePower({ __name__: `Power_${location}`, host: name }, { window, stepMs, seed }),
      )
      await importSamples(server.url, sources.map(({ samples }) => samples)) // prettier-ignore
      const store = countWrites(openReal(server.url))
      const channels = channelsNamed(...LOCATIONS)
      const settings = settingsFor(name, { channels, chunkMs: CHUNK_DAYS * DAY_MS })
      const context = contextFor(name, NO_DEVICE, store, { settings })
      const report = await migrate(context)
      const minuteCount = sources.reduce((sum, { minutes }) => sum + minutes.length, 0)
      expect(sumOf(report.series, 'writtenMinutes')).toBe(minuteCount)
      expect(sumOf(report.series, 'absentMinutes')).toBeGreaterThan(0)
      const migrated = await exportAll(server.url, name)
      expect(differences(migrated, migratedFrom(name, sources))).toEqual([])
      expect(await totalsOf(server.url, name)).toEqual(sources.map(({ samples: { labels, values } }) => [labels['__name__'], values.length, hundredths(values)])) // prettier-ignore

      const writeCount = store.writeCount()
      expect(writeCount).toBeGreaterThan(0)
      expect(sumOf((await migrate(context)).series, 'writtenMinutes')).toBe(0)
      expect(store.writeCount()).toBe(writeCount)
      expect(await exportAll(server.url, name)).toEqual(migrated)
    },
  )

  it(`killed ${KILL_COUNT} times and run again, it leaves the exact result (seed ${seed})`, async () => {
    const random = seededRandom(seed)
    const chunk = KILL_COUNT > 2 ? '1h' : '6h'
    await inHome('killed', { chunk }, async (home, sources) => {
      for (let kill = 0; kill < KILL_COUNT; kill++) {
        const run = home.start(['migrate'])
        await Promise.race([run.says(/minutes, \d+ %/), run.ended])
        await sleep(150 * random())
        run.kill('SIGKILL')
        const { signal: endedBy } = await run.ended
        if (kill === 0) expect(endedBy).toBe('SIGKILL')
      }
      expect(await home.run(['migrate'])).toMatchObject({ code: 0, stdout: expect.stringMatching(/counted again: \d+ minutes there, none missing/) }) // prettier-ignore
      expect(differences(await exportAll(server.url, 'killed'), migratedFrom('killed', sources))).toEqual([])
    })
  })

  it.concurrent(
    'says in a dry run what there is and what it would write; then writes it, and then has nothing to write',
    async () => {
      await inHome('told', {}, async (home, sources) => {
        const minutes = sources[0]?.minutes.length ?? NaN
        const until = new Date(T0 + SOURCE_DAYS * DAY_MS).toISOString().replace(':00.000', '')
        const dry = await home.run(['migrate', '--dry-run'])
        expect(dry).toMatchObject({ code: 0, stdout: expect.stringContaining('nothing was written') })
        expect(dry.stdout).toMatch(
          new RegExp(
            `^ {2}Furnace +Power_Furnace\\{host="told"\\} +2024-05-01T00:00Z +${until} +\\d+ +0 +${1440 * SOURCE_DAYS}$`,
            'm',
          ),
        )
        expect(dry.stdout).toContain('  Dryer: the store has no Power_Dryer{host="told"}')
        expect(dry.stdout).toMatch(new RegExp(`^told +1 +\\d+ +0 +${minutes} +${1440 * SOURCE_DAYS - minutes} `, 'm'))
        expect((await exportAll(server.url, 'told')).size).toBe(0)
        const first = JSON.parse((await home.run(['migrate', '--json'])).stdout)
        expect(first).toMatchObject([
          { name: 'told', value: { series: [{ location: 'Furnace', writtenMinutes: minutes }], without: ['Dryer'] } },
        ])
        const second = JSON.parse((await home.run(['migrate', '--json'])).stdout)
        expect(second).toMatchObject([{ value: { series: [{ thereMinutes: minutes, writtenMinutes: 0 }] } }])
      })
    },
  )

  it.concurrent('ends with 1 where there is nothing to migrate, and says what it looked for', async () => {
    await inHome('empty', { migrate: { metric: 'Watts_{name}' } }, async (home) => {
      const { code, stderr } = await home.run(['migrate', '--yes'])
      expect(code).toBe(1)
      expect(stderr).toContain('looked for Watts_{name}{} of each channel')
    })
  })

  it.concurrent('ends with 3 where a series could be that of a device that it was not asked about', async () => {
    const other = { name: 'other', url: `${NO_DEVICE}9`, channels: ['Furnace'] }
    await inHome('shared', { migrate: { metric: 'Shared_{location}' } }, async (home, _, config) => {
      const series = { timestampsMs: [T0, T0 + MINUTE_MS], values: [1, 2] }
      await importSamples(
        server.url,
        ['Furnace', 'Dryer'].map((name) => ({ labels: { __name__: `Shared_${name}` }, ...series })),
      )
      await home.configure({ ...config, devices: [...config.devices, other] })
      const { code, stderr } = await home.run(['migrate', 'shared'])
      expect(stderr).toContain('Shared_Furnace{} could be Furnace of shared and Furnace of other')
      expect(code).toBe(3)
      const migrated = await exportAll(server.url, 'shared')
      expect([...migrated.values()].map(({ labels }) => labels['location'])).toEqual(['Dryer'])
    })
  })

  it.concurrent('is executed by the daemon', async () => {
    const served = await serveCard('iwatt5')
    const [source] = await putSources('iwatt5', ['Dryer'])
    const home = await openCliHome({
      store: { url: server.url },
      backfill: false,
      web: { listen: `127.0.0.1:${await freePort()}` },
      migrate: { labels: { host: '{device}' } },
      devices: [{ name: 'iwatt5', url: served.url }],
    })
    try {
      const daemon = home.start(['run'])
      await daemon.says(/iwatt5: \d+ rows/)
      const { code, stdout } = await home.run(['migrate'])
      expect(stdout).toContain(`iwatt5: counted again: ${source?.minutes.length} minutes there`)
      expect(code).toBe(0)
      daemon.kill('SIGTERM')
      expect((await daemon.ended).code).toBe(0)
    } finally {
      await home.close()
      await served.close()
    }
  })

  /** Some days every 5 s. */
  async function putSources(device: string, locations: readonly string[]): Promise<GeneratedPower[]> {
    const days = device === 'killed' ? KILLED_DAYS : SOURCE_DAYS
    const window = { fromMs: T0, untilMs: T0 + days * DAY_MS }
    const sources = locations.map((location, index) =>
      generatePower({ __name__: `Power_${location}`, host: device }, { window, stepMs: 5_000, seed: index }),
    )
    await importSamples(server.url, sources.map(({ samples }) => samples)) // prettier-ignore
    return sources
  }

  async function inHome(
    device: string,
    changes: object,
    act: (home: CliHome, sources: readonly GeneratedPower[], config: { devices: object[] }) => Promise<void>,
  ): Promise<void> {
    const config = {
      store: { url: server.url },
      chunk: `${CHUNK_DAYS}d`,
      migrate: { labels: { host: '{device}' } },
      devices: [{ name: device, url: NO_DEVICE, channels: ['Furnace', 'Dryer'] }],
      ...changes,
    }
    const sources = await putSources(device, ['Furnace'])
    const home = await openCliHome(config)
    try {
      await act(home, sources, config)
    } finally {
      await home.close()
    }
  }
})

it('a series in the embedded store migrates as well', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'migrate-'))
  const store = await openEmbedded({ folder }, { clock: systemClock })
  try {
    const window = { fromMs: T0, untilMs: T0 + DAY_MS }
    const { samples, minutes } = generatePower({ __name__: 'Power_Dryer', host: 'd' }, { window, stepMs: 5_000, seed })
    await store.write([samples], signal)
    const settings = settingsFor('d', { channels: channelsNamed('Dryer') })
    await migrate(contextFor('d', NO_DEVICE, store, { settings }))
    const [migrated] = await store.readSamples([firstLabels('d', 'Dryer')], window, signal)
    expect(migrated?.timestampsMs.map((atMs, index) => [atMs, migrated.values[index]])).toEqual(minutes)
  } finally {
    await store.close()
    await rm(folder, { recursive: true })
  }
})

/** Plans and runs, as the command does. */
async function migrate(context: SyncContext) {
  const queue = createDirectQueue(context)
  const template = { metric: 'Power_{location}', labels: { host: '{device}' } }
  const plan = await queue.run((c) => planMigrationWork(c, { signal, template }), signal)
  return queue.run((c) => migrationWork(c, plan, { signal, isDryRun: false }), signal)
}

function countWrites(store: Store): Store & { writeCount(): number } {
  let writeCount = 0
  return {
    ...store,
    write(batch, ...rest) {
      writeCount++
      return store.write(batch, ...rest)
    },
    writeCount: () => writeCount,
  }
}

/** What the sources make. */
function migratedFrom(device: string, sources: readonly GeneratedPower[]): Map<string, ExportedSeries> {
  return new Map(
    sources.map(({ samples, minutes }) => {
      const labels = firstLabels(device, samples.labels['__name__']?.replace('Power_', '') ?? '')
      return [seriesKey(labels), { labels, samples: minutes }]
    }),
  )
}

/** `[metric, samples, their sum in hundredths][]`, asked without the code under test. */
async function totalsOf(url: string, host: string): Promise<[string, number, number][]> {
  const ask = async (rollup: string) => {
    const query = `${rollup}({host=${JSON.stringify(host)},nonce!="${Math.random()}"}[60d]) keep_metric_names`
    const form = new URLSearchParams({ query, time: `${(T0 + 40 * DAY_MS) / 1000}`, nocache: '1' })
    const answer = await fetch(`${url}/api/v1/query?${form.toString()}`)
    const { data }: { data: { result: { metric: { __name__: string }; value: [number, string] }[] } } = JSON.parse(
      await answer.text(),
    )
    return new Map(data.result.map(({ metric, value }) => [metric.__name__, Number(value[1])]))
  }
  const sums = await ask('sum_over_time')
  const counts = [...(await ask('count_over_time'))]
  const totals = counts.map(([name, count]): [string, number, number] => [
    name,
    count,
    Math.round(100 * (sums.get(name) ?? NaN)),
  ])
  return totals.sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
}

function hundredths(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + Math.round(100 * value), 0)
}

function sumOf<K extends string>(series: readonly Readonly<Record<K, number>>[], key: K): number {
  return series.reduce((sum, one) => sum + one[key], 0)
}
