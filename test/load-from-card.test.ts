import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunningServer } from '../scripts/victoria-metrics.mjs'
import { openCardDevice } from '../src/card/open-card-device.ts'
import { type Card, openCard } from '../src/card/open-card.ts'
import { DEFAULT_LABEL_RULES } from '../src/labels/default-rules.ts'
import { labelsFor } from '../src/labels/labels-for.ts'
import type { Store } from '../src/model/store.ts'
import { DAY_MS, MINUTE_MS, splitWindow } from '../src/model/time-window.ts'
import { type Clock, systemClock } from '../src/runtime/clock.ts'
import { silentLog } from '../src/runtime/log.ts'
import { cardFixtureFolder } from '../src/simulator/fixtures/load-fixtures.ts'
import { generateHouse } from '../src/simulator/generate-house.ts'
import type { ServedDevice } from './doubles/serve-simulated-device.ts'
import { createSimulatedDevice } from './doubles/simulated-device.ts'
import { cardSource } from '../src/simulator/start-simulator.ts'
import { TWO_UNITS } from '../src/simulator/two-unit-house.ts'
import { openEmbedded } from '../src/store/embedded/open-embedded.ts'
import { type CliHome, openCliHome } from './cli-home.ts'
import { writeCard } from './doubles/write-card.ts'
import { exportEmbedded } from './embedded-export.ts'
import { differences, expectedSeries } from './expected-series.ts'
import { freePort } from './free-port.ts'
import { exportAll, openReal, realBinary, startRealStore } from './real-store.ts'
import { minutesOf, settingsFor } from './small-house.ts'
import { contextFor, loadAll, serveCard, UNITS } from './two-units.ts'

const { signal } = new AbortController()

describe('load --from-card of both units', () => {
  const cards = new Map(UNITS.map((unit) => [unit, cardFixtureFolder(unit)] as const))
  const folder = (unit: (typeof UNITS)[number]) => cards.get(unit)!.folder
  const cardFlags = UNITS.flatMap((unit) => ['--from-card', `${unit}=${folder(unit)}`])
  let served: ServedDevice[]
  let configured: { name: string; url: string }[]
  const broken = cardFixtureFolder('lab')
  const homes: CliHome[] = []

  beforeAll(async () => {
    await writeFile(join(broken.folder, 'config.txt'), '[1,2,3]')
    served = await Promise.all(UNITS.map((unit) => serveCard(unit)))
    configured = UNITS.map((name, index) => ({ name, url: served[index]!.url }))
  })
  afterAll(async () => {
    for (const home of homes) await home.close()
    for (const device of served) await device.close()
    for (const { remove } of [...cards.values(), broken]) remove()
  })

  async function homeWith(config: object): Promise<CliHome> {
    const home = await openCliHome({ devices: configured, ...config })
    homes.push(home)
    return home
  }

  it('leaves in the embedded store exactly what the firmware answered, and contacts no device', async () => {
    const home = await homeWith({})
    expect(await home.run(['load', ...cardFlags])).toMatchObject({ code: 0 })
    expect(differences(await exportEmbedded(join(home.folder, 'data')), expectedSeries())).toEqual([])
    for (const { device } of served) expect([...device.counters().requestsByPath]).toEqual([])
  })

  it.skipIf(!realBinary)(
    'leaves in VictoriaMetrics exactly what the firmware answered; a second load adds nothing',
    async () => {
      const server = await startRealStore()
      const home = await homeWith({ store: { url: server.url } })
      expect(await home.run(['load', ...cardFlags])).toMatchObject({ code: 0 })
      const again = await home.run(['load', ...cardFlags, '--json'])
      expect(JSON.parse(again.stdout)).toMatchObject([{ value: { sampleCount: 0 } }, { value: { sampleCount: 0 } }])
      expect(differences(await exportAll(server.url), expectedSeries())).toEqual([])
      await server.stop()
    },
  )

  it('is executed by the daemon where one runs', async () => {
    const off = configured.map(({ name }, index) => ({ name, url: `http://127.0.0.1:${index + 1}` }))
    const home = await homeWith({ devices: off, web: { listen: `127.0.0.1:${await freePort()}` } })
    const daemon = home.start(['run'])
    await daemon.says(/copying 2 devices/)
    const load = await home.run(['load', ...cardFlags])
    expect(load).toMatchObject({ code: 0, stdout: expect.stringMatching(/iwatt5 .*4320/) })
    daemon.kill('SIGINT')
    await daemon.ended
    expect(differences(await exportEmbedded(join(home.folder, 'data')), expectedSeries())).toEqual([])
  })

  it('of one device is of that device alone', async () => {
    const home = await homeWith({})
    const { code, stdout } = await home.run(['load', 'iwatt6', '--from-card', folder('iwatt6'), '--json'])
    expect({ code, names: JSON.parse(stdout).map(({ name }: { name: string }) => name) }).toEqual({
      code: 0,
      names: ['iwatt6'],
    })
  })

  it.each<[string, string, RegExp]>([
    [
      'a card of nobody knows which device',
      '--from-card /tmp',
      /the card of which device\? It may be that of iwatt5, iwatt6\n.*--from-card iwatt5=\/tmp/,
    ],
    [
      'a folder without a card',
      '--from-card iwatt5=/var/empty-nowhere',
      /--from-card: there is no file or folder \/var\/empty-nowhere/,
    ],
    [
      'what is no card',
      `--from-card iwatt5=${import.meta.dirname}`,
      /is not the card of an IoTaWatt: neither histlog.log nor iotalog.log/,
    ],
    ['two cards of one device', '--from-card iwatt5=CARD --from-card iwatt5=CARD', /given twice for iwatt5/],
    [
      'the card of another device',
      'iwatt6 --from-card CARD',
      /this card calls itself iwatt5, which is another device [^]*name the device: --from-card iwatt6=/,
    ],
    ['a device without a card', 'iwatt5 iwatt6 --from-card iwatt5=CARD', /no card was given for iwatt6/],
    [
      'the card of a device that is not asked for',
      'iwatt6 --from-card iwatt5=CARD',
      /iwatt5 is not a device of this command/,
    ],
    [
      'the card of a device that is not configured',
      '--from-card iwat5=CARD',
      /no device iwat5 \(did you mean "iwatt5"\?\) in the configuration/,
    ],
    ['the same with one device', 'iwatt5 --from-card iwat5=CARD', /no device iwat5 \(did you mean "iwatt5"\?\)/],
    ['a card that cannot be read', 'iwatt5 --from-card BROKEN', /config.txt: config.txt is not an IoTaWatt config/],
    ['no path', '--from-card ', /--from-card '' names no card; expected \[DEVICE=\]PATH/],
    ['no path of a device', '--from-card iwatt5=', /--from-card 'iwatt5=' names no card/],
  ])('refuses %s', async (_, args, message) => {
    const home = await homeWith({})
    const { code, stderr } = await home.run([
      'load',
      ...args.replace('BROKEN', broken.folder).replaceAll('CARD', folder('iwatt5')).split(' '),
    ])
    expect(stderr).toMatch(message)
    expect(stderr).not.toContain('    at ')
    expect(code).toBe(2)
  })

  it('says of a span before the log where the log begins', async () => {
    const home = await homeWith({})
    const { code, stdout } = await home.run([
      'load',
      '--from-card',
      `iwatt5=${folder('iwatt5')}`,
      '--until',
      '2024-01-01',
    ])
    expect(stdout).toMatch(
      /^iwatt5: its log has nothing there: it begins at 2024-05-29T00:00Z and ends at 2024-06-01T00:00Z$/m,
    )
    expect(stdout).not.toContain('Nothing is missing')
    expect(code).toBe(0)
  })

  it('takes the card of another device where that one is named', async () => {
    const home = await homeWith({})
    const { code, stdout, stderr } = await home.run(['load', '--from-card', `iwatt6=${folder('iwatt5')}`])
    expect(stderr).toContain('the device of this card calls itself iwatt5; it is kept as iwatt6')
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^iwatt6 .* 59150 /m) })
  })
})

const LONG = process.env['LONG'] !== undefined
const DAYS = LONG ? 3 * 365 : 8
const [complete] = TWO_UNITS
/** The voltage, one input of both directions, and the last three circuits. */
const few = [...complete!.channels.slice(0, 2), ...complete!.channels.slice(-3)]
const UNIT = LONG ? complete! : { ...complete!, channels: few }
const UNTIL_MS = Date.UTC(2024, 5, 1)
const FROM_MS = UNTIL_MS - DAYS * DAY_MS

describe(`a card of ${DAYS} days is copied as the simulator answers that serves it`, () => {
  let folder: string
  let card: Card
  let server: RunningServer | undefined
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'long-card-'))
    const outage = (daysBefore: number, minutes: number) => {
      const fromMs = UNTIL_MS - daysBefore * DAY_MS + 7 * 3_600_000
      return { fromMs, untilMs: fromMs + minutes * MINUTE_MS + 25_000 }
    }
    // In the 5 s log one that is filled with repeats and one that leaves a gap.
    const near = [outage(1, 5), outage(2, 200)]
    const outages = Array.from({ length: Math.max(1, Math.floor(DAYS / 10)) }, (_, index) =>
      outage(10 * index + 7, 3 + 40 * index),
    )
    const house = { fromMs: FROM_MS, untilMs: UNTIL_MS, units: [UNIT], outages: { [UNIT.name]: [...outages, ...near] } }
    await writeCard(folder, generateHouse(house).get(UNIT.name)!, UNTIL_MS)
    card = openCard(folder)
    if (realBinary) server = await startRealStore()
  })
  afterAll(async () => {
    card.close()
    await server?.stop()
    await rm(folder, { recursive: true })
  })

  it.skipIf(!realBinary)('into VictoriaMetrics', () => expectExactCopy(openReal(server!.url)), 600_000)

  it('into the embedded store, for which nothing is waited for', async () => {
    let sleptMs = 0
    const clock: Clock = { ...systemClock, sleep: async (durationMs) => void (sleptMs += durationMs) }
    await expectExactCopy(await openEmbedded({ folder: join(folder, 'store') }, { clock }), clock)
    expect(sleptMs).toBe(0)
  })

  async function expectExactCopy(store: Store, clock = systemClock): Promise<void> {
    const deps = { clock, log: silentLog }
    const device = await openCardDevice({ name: UNIT.name, path: folder }, deps)
    const settings = settingsFor(UNIT.name, { chunkMs: 98 * DAY_MS })
    await loadAll(contextFor(UNIT.name, 'http://192.0.2.7', store, { device, settings, clock }))
    const names = UNIT.channels.filter(({ type }) => type === 'CT').map(({ name }) => name)
    const rules = DEFAULT_LABEL_RULES
    const series = names.map((location) => labelsFor({ metric: 'power', location }, { device: UNIT.name, rules }))
    const simulated = createSimulatedDevice({ source: cardSource(card), clock: { nowMs: () => UNTIL_MS + 3_000 } })
    let count = 0
    for (const window of splitWindow({ fromMs: FROM_MS, untilMs: UNTIL_MS }, 7 * DAY_MS)) {
      const answered = minutesOf(simulated, names, window)
      const stored = await store.readSamples(series, window, signal)
      for (const [index, name] of names.entries()) {
        const { timestampsMs, values } = stored[index]!
        const expected = [...answered.get(name)!]
        expect(timestampsMs).toEqual(expected.map(([atMs]) => atMs))
        expect(values).toEqual(expected.map(([, value]) => value))
        count += values.length
      }
    }
    expect(count).toBeGreaterThan(0.8 * DAYS * 1440 * names.length)
    await device.close()
    await store.close()
  }
})
