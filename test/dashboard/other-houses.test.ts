import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Energy, House, HouseColumns, HouseNumbers, Now, Power } from '../../src/dashboard/api/answers.ts'
import { startFakeDaemon, type FakeDaemon } from './fake-daemon.ts'
import { COUNT, deviceOf, house, MIN, minutes, UNTIL_MS } from './fake-house.ts'
import { CHROMIUM, openBrowser, openPage } from './open-browser.ts'
import { untilQuiet } from './until-quiet.ts'

/** What becomes of the answers, by the end of their path. */
type Changes = Readonly<Record<string, (body: never) => unknown>>

const blank = (columns: HouseColumns): HouseColumns => {
  const nothing = columns.house.map(() => null)
  return { ...columns, house: nothing, used: nothing, fromGrid: nothing, toGrid: nothing, unmetered: nothing }
}
const unknown = (numbers: HouseNumbers): HouseNumbers => ({
  ...numbers,
  house: null,
  used: null,
  fromGrid: null,
  toGrid: null,
  unmetered: null,
})

/** The mains are called `Grid_1` and `Grid_2`, and nobody has told. */
const WITHOUT_MAINS: Changes = {
  house: (body: House) => ({
    ...body,
    hasMains: false,
    channels: body.channels.map((channel) =>
      channel.role === 'mains'
        ? { ...channel, role: 'circuit', location: channel.location.replace('Mains', 'Grid') }
        : channel,
    ),
    groups: [...body.groups, { name: 'Others', channels: ['Mains_1', 'Mains_2'] }],
  }),
  power: (body: Power) => ({ ...body, house: blank(body.house) }),
  energy: (body: Energy) => ({
    ...body,
    house: blank(body.house),
    circuits: body.house.house,
    sums: { ...body.sums, wattHours: unknown(body.sums.wattHours), circuits: 321_000 },
  }),
}

describe.skipIf(CHROMIUM === undefined)('the page of another house', () => {
  let daemon: FakeDaemon
  let browser: Browser
  beforeAll(async () => {
    daemon = await startFakeDaemon()
    browser = await openBrowser()
  })
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close()
  })
  afterAll(async () => {
    await browser.close()
    await daemon.close()
  })

  async function open(path: string, changes: Changes = {}): Promise<Page> {
    const page = await openPage(browser, { timezoneId: 'America/New_York' })
    await page.route(/\/api\/v1\/(?!events|jobs)/, async (route) => {
      const change = changes[new URL(route.request().url()).pathname.split('/').at(-1) ?? ''] as
        ((body: unknown) => unknown) | undefined
      if (!change) return route.continue()
      const response = await route.fetch()
      return route.fulfill({ response, json: change(await response.json()) })
    })
    await page.goto(daemon.url + path, { waitUntil: 'load' })
    await untilQuiet(page)
    return page
  }
  const textOf = (page: Page, selector: string) => page.locator(selector).allTextContents()
  const toNumber = (text = '') => Number(text.replaceAll(',', '').replace('\u2212', '-'))

  describe('whose mains nobody has named', () => {
    it('has its circuits under Energy, together and as bars', async () => {
      const page = await open('/energy', WITHOUT_MAINS)
      expect(await textOf(page, '.six .l')).toEqual(['Circuits', 'Solar'])
      expect((await textOf(page, '.six .n'))[0]).toMatch(/321/)
      expect(await page.locator('.bars rect[fill="var(--rest)"]').count()).toBeGreaterThan(20)
    })
  })

  it('an outage is seen in Energy: under its bar, in words, and in the hour that it has cut', async () => {
    const page = await open('/energy', {
      energy: (body: Energy) => ({
        ...body,
        unmeasured: body.startsMs.map((_, bar) => (bar === 9 ? 59 : 0)),
        sums: { ...body.sums, isWhole: false, unmeasuredMinutes: { ...noMinutes, house: 59, fromGrid: 59 } },
      }),
      hours: (body: { days: { watts: number[] }[] }) => ({
        ...body,
        days: body.days.map((day, index) =>
          index === 9
            ? {
                ...day,
                minutes: day.watts.map((_, hour) => (hour === 10 ? 1 : 60)),
                unmeasured: day.watts.map((_, hour) => (hour === 10 ? 59 : 0)),
              }
            : day,
        ),
      }),
    })
    expect(await page.locator('.bars .off').count()).toBe(1)
    expect(await textOf(page, '.sub.part')).toEqual([expect.stringContaining('59 min were not measured')])
    const tones = await page
      .locator('.cells svg path')
      .evaluateAll((paths) => paths.map((path) => path.getAttribute('d') ?? ''))
    const widths = tones.flatMap((tone) => [...tone.matchAll(/h([\d.]+)v/g)].map(([, width]) => Number(width)))
    expect(widths.length).toBeGreaterThan(100)
    expect(widths.filter((width) => width < 2)).toHaveLength(1)
    expect(await page.locator('.cells line.off').count()).toBe(1)
  })

  it('a device that is off is named in Power, and takes its own lanes alone', async () => {
    const page = await open('/power', {
      power: (body: Power) => {
        const from = body.house.house.length - 5 * 60
        const cut = (column: readonly (number | null)[]) => column.map((watts, index) => (index >= from ? null : watts))
        return {
          ...body,
          unmeasured: { iwatt6: body.house.house.map((_, index) => (index >= from ? 1 : 0)) },
          house: { ...body.house, unmetered: cut(body.house.unmetered) },
          channels: Object.fromEntries(
            Object.entries(body.channels).map(([id, column]) => [id, deviceOf(id) === 'iwatt6' ? cut(column) : column]),
          ),
        }
      },
    })
    expect(await textOf(page, '.remarks')).toEqual([
      'iwatt6 has nothing since 08:40. Without iwatt6, its 14 circuits and what is unmetered are not known.',
    ])
    expect(await page.locator('.power-charts line.off').count()).toBe(1)
    expect(await textOf(page, '.power-charts text.halo tspan')).toEqual(['iwatt6: 300 min not measured'])
    const rows = await page.locator('.readout tr').allTextContents()
    const at = (name: string) => rows.find((text) => text.includes(name))
    expect(at('Dryer')).toMatch(/\d$/)
    expect(at('Fridge')).toMatch(/–$/)
  })

  it('more than 10 kW adds up to the watt in its table', async () => {
    const last = COUNT - 1
    const circuits = house.channels.filter(({ role }) => role === 'circuit').map(({ id }) => id)
    const page = await open('/now', {
      now: (body: Now) => ({
        ...body,
        watts: { ...body.watts, house: 13_663.7, fromGrid: 13_663.7, solar: 0, used: 0, toGrid: 0 },
        channels: {
          ...body.channels,
          ...Object.fromEntries(circuits.map((id) => [id, (minutes.get(id)?.[last] ?? 0) + 0.4])),
          Dryer: 9_000.4,
        },
      }),
    })
    const cells = (await textOf(page, '.circ tbody td:nth-of-type(2)')).map(toNumber)
    const [total] = await textOf(page, '.circ tfoot td:nth-of-type(2)')
    expect(total).toBe('13,664')
    expect(cells.reduce((sum, watts) => sum + watts, 0)).toBe(13_664)
  })

  it('solar that is only ever below zero is reported', async () => {
    const page = await open('/now', { house: (body: House) => ({ ...body, reversedSolar: ['SolarA_1'] }) })
    expect(await textOf(page, '.remarks')).toEqual([expect.stringMatching(/^SolarA_1 was only below zero.*reverse/)])
  })

  it('events are told by the clock of the house, in words, and few at first', async () => {
    const text = 'iwatt6: GET http://192.0.2.7/query?select=[time.utc.unix]: connection refused\n  see whether it is on'
    const page = await open('/devices', {
      'recent-events': () => ({
        events: Array.from({ length: 60 }, (_, index) => ({
          id: 60 - index,
          atMs: UNTIL_MS - index * MIN,
          of: 'iwatt6',
          level: index === 1 ? 'error' : 'info',
          text: index === 1 ? text : 'It restarted at 2026-03-27T17:30:03.000Z',
        })),
      }),
    })
    const rows = await textOf(page, '.log tbody tr')
    expect(rows).toHaveLength(20)
    expect(rows[0]).toMatch(/13:40.*It restarted at 13:30/)
    expect(rows[1]).toMatch(/It did not answer\. See whether it is on\./)
    await page.getByRole('button', { name: 'Show all 60' }).click()
    await expect.poll(() => page.locator('.log tbody tr').count()).toBe(60)
  })
})

const noMinutes = { house: 0, solar: 0, used: 0, fromGrid: 0, toGrid: 0, unmetered: 0 }
