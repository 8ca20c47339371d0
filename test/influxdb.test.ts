import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { askInfluxd, startInfluxd } from '../scripts/influxdb.mjs'
import type { RunningServer } from '../scripts/victoria-metrics.mjs'
import { DEFAULT_LABEL_RULES } from '../src/labels/default-rules.ts'
import { labelsFor } from '../src/labels/labels-for.ts'
import { DEFAULT_TEMPLATES } from '../src/model/point-template.ts'
import { seriesKey } from '../src/model/series.ts'
import { DAY_MS, formatMinute } from '../src/model/time-window.ts'
import { seededRandom } from './doubles/seeded-random.ts'
import { systemClock } from '../src/runtime/clock.ts'
import { silentLog } from '../src/runtime/log.ts'
import { type ServedDevice, serveSimulatedDevice } from './doubles/serve-simulated-device.ts'
import { createSimulatedDevice } from './doubles/simulated-device.ts'
import { openInfluxDb } from '../src/store/influxdb/open-influxdb.ts'
import { type CliHome, openCliHome } from './cli-home.ts'
import { influxdForTests } from './doubles/test-server.ts'
import { differences, expectedSeries } from './expected-series.ts'
import { freePort } from './free-port.ts'
import { randomMoment } from './random-moment.ts'
import type { ExportedSeries } from './real-store.ts'
import { SMALL_CHANNELS, smallUnit, sourceOf } from './small-house.ts'
import { serveCard, UNITS } from './two-units.ts'

const binary = await influxdForTests()
const never = new AbortController().signal
const TODAY_MS = Math.floor(Date.now() / DAY_MS) * DAY_MS
const KILL_COUNT = process.env['LONG'] ? 10 : 2
const seed = Number(process.env['SEED'] ?? 1)

describe.skipIf(binary === undefined)('copying into an InfluxDB', () => {
  let server: RunningServer
  let served: ServedDevice
  let home: CliHome
  beforeAll(async () => {
    server = await startInfluxd({ binary: binary! })
    const source = sourceOf(smallUnit('garage'), { fromMs: TODAY_MS - 2 * DAY_MS })
    served = await serveSimulatedDevice(createSimulatedDevice({ source, clock: systemClock }))
    home = await openCliHome({
      store: {
        type: 'influxdb',
        url: server.url,
        database: 'energy',
        measurement: '{location}',
        tags: { device: '{device}', units: '{unit}' },
      },
      devices: [{ name: 'garage', url: served.url, channels: SMALL_CHANNELS.map((name) => ({ name })) }],
    })
  })
  afterAll(async () => {
    await home.close()
    await served.close()
    await server.stop()
  })

  it('a database that is not there is BAD, with the line that makes it, and ends a sync', async () => {
    const check = await home.run(['check'])
    expect(check.code).toBe(1)
    expect(check.stdout).toMatch(
      /^BAD {3}store: .*database not found: energy\n {2}make it: influx -execute 'CREATE DATABASE "energy"'$/m,
    )
    const sync = await home.run(['sync'])
    expect(sync.code).toBe(1)
    expect(sync.stderr).toMatch(/CREATE DATABASE \\"energy\\"/)
  })

  it('what an uploader wrote is left as it is, the rest is copied once; every command works', async () => {
    await askInfluxd(server.url, 'CREATE DATABASE "energy"')
    const uploaded = `Fridge,device=garage,units=Watts value=1234.5 ${TODAY_MS - DAY_MS}`
    await fetch(`${server.url}/write?db=energy&precision=ms`, { method: 'POST', body: uploaded })
    const before = formatMinute(Date.now())
    const load = await home.run(['load', '--json'])
    expect(load.stderr).not.toMatch(/ERROR/)
    // One of the samples was there.
    const [{ value }] = JSON.parse(load.stdout)
    expect(value).toMatchObject({ complete: true, absentMinutes: 0, sampleCount: 3 * value.copiedMinutes - 1 })
    expect((await home.run(['sync'])).code).toBe(0)
    const check = await home.run(['check'])
    expect(check.stdout).toMatch(/^GOOD {2}store: InfluxDB at http:\/\/127\.0\.0\.1:\d+, database energy answers$/m)
    expect(check.stdout).toMatch(/^GOOD {2}store: it keeps everything$/m)
    expect(check.stdout).toMatch(/the store has 3 of them/)
    expect(check.code).toBe(0)
    const status = await home.run(['status'])
    expect([status.code, status.stdout]).toEqual([0, expect.stringMatching(/^store: InfluxDB at /m)])
    const exported = await home.run(['export', '--format', 'csv'])
    expect(exported.code).toBe(0)
    expect(exported.stdout.split('\n').filter((line) => line.endsWith(',Fridge,power,1234.5'))).toHaveLength(1)
    expect(exported.stdout.trim().split('\n').length).toBeGreaterThan(3 * 2 * 1440)
    // What came meanwhile is not loaded yet.
    const again = await home.run(['load', '--until', before])
    expect(again.stdout).toContain('Nothing is missing.')
  })

  it('a retention policy that drops what is expected is refused before a record is read', async () => {
    await askInfluxd(server.url, 'ALTER RETENTION POLICY "autogen" ON "energy" DURATION 1d SHARD DURATION 1h')
    served.device.resetCounters()
    const load = await home.run(['load'])
    expect(load.code).toBe(1)
    expect(load.stderr).toMatch(/would be dropped silently/)
    expect(load.stderr).toMatch(/ALTER RETENTION POLICY \\"autogen\\" ON \\"energy\\" DURATION INF/)
    expect(served.device.counters().recordReads).toBe(0)
  })
})

it.skipIf(binary === undefined)(
  `load into an InfluxDB that is killed ${KILL_COUNT} times, and started again, leaves the exact result (seed ${seed})`,
  async () => {
    const random = seededRandom(seed)
    const folder = await mkdtemp(join(tmpdir(), 'mortal-influxd-'))
    const port = await freePort()
    const start = () => startInfluxd({ binary: binary!, folder, port })
    let server = await start()
    await askInfluxd(server.url, 'CREATE DATABASE "energy"')
    const devices = await Promise.all(UNITS.map((unit) => serveCard(unit, 0.3)))
    const home = await openCliHome({
      store: { type: 'influxdb', url: server.url, database: 'energy' },
      maxDeviceLoad: '100%',
      chunk: '12h',
      devices: devices.map(({ url }, index) => ({ name: UNITS[index], url })),
    })
    try {
      let kills = 0
      for (let isDone = false; !isDone;) {
        const run = home.start(['load'])
        while (kills < KILL_COUNT && !run.hasEnded()) {
          await randomMoment(run, { devices, random })
          if (run.hasEnded()) break
          await server.kill()
          kills++
          await sleep(random() * 2_000)
          server = await start()
        }
        isDone = (await run.ended).code === 0
      }
      expect(kills).toBeGreaterThan(0)
      expect(differences(await readAll(server.url), expectedSeries())).toEqual([])
    } finally {
      await home.close()
      for (const served of devices) await served.close()
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    }
  },
)

/** Everything under the metric of the channels. */
async function readAll(url: string): Promise<Map<string, ExportedSeries>> {
  const store = openInfluxDb(
    {
      url,
      target: { version: '1.x', database: 'energy' },
      templates: DEFAULT_TEMPLATES,
      channels: {
        devices: [...UNITS],
        units: new Map([['power', 'Watts']]),
        labelsOf: ({ device, ...channel }) => labelsFor(channel, { device, rules: DEFAULT_LABEL_RULES }),
      },
    },
    { clock: systemClock, log: silentLog, random: Math.random },
  )
  const window = { fromMs: 0, untilMs: TODAY_MS + DAY_MS }
  const listed = await store.listSeries({ metrics: ['power'], window }, never)
  const expected = [...expectedSeries().values()].flatMap(({ samples }) => samples.map(([atMs]) => atMs))
  const span = { fromMs: Math.min(...expected) - DAY_MS, untilMs: Math.max(...expected) + DAY_MS }
  const read = await store.readSamples(
    listed.map(({ labels }) => labels),
    { fromMs: Math.floor(span.fromMs / DAY_MS) * DAY_MS, untilMs: Math.ceil(span.untilMs / DAY_MS) * DAY_MS },
    never,
  )
  await store.close()
  return new Map(
    read.map(({ labels, timestampsMs, values }) => [
      seriesKey(labels),
      { labels, samples: timestampsMs.map((atMs, index): [number, number] => [atMs, values[index] ?? NaN]) },
    ]),
  )
}
