import axe from 'axe-core'
import { mkdir } from 'node:fs/promises'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Energy, House, HouseNumbers, LiveReadings, Now, Power, Status } from '../../src/dashboard/api/answers.ts'
import { DEVICES, NOW_MS, readings, STATUS } from './fake-answers.ts'
import { startFakeDaemon, type FakeDaemon } from './fake-daemon.ts'
import { MIN } from './fake-house.ts'
import { CHROMIUM, openBrowser, openPage } from './open-browser.ts'
import { untilQuiet } from './until-quiet.ts'

/** Where pictures of all states are made, in all looks. */
const PICTURES = process.env['PICTURES']
const ALL_LOOKS = [390, 768, 1440].flatMap((width) =>
  (['light', 'dark'] as const).map((theme) => [width, theme] as const),
)
const isThorough = PICTURES !== undefined || process.env['LONG'] !== undefined

type Change = (body: never) => unknown
interface State {
  readonly views: readonly string[]
  readonly language?: 'en' | 'de'
  readonly status?: Partial<Status>
  /** What becomes of the answers, by the end of their path. */
  readonly changes?: Readonly<Record<string, Change>>
  /** What the devices read while the page is open. */
  readonly live?: LiveReadings
}

const NOTHING: HouseNumbers = { house: null, solar: null, used: null, fromGrid: null, toGrid: null, unmetered: null }
const FAILURE = { message: 'GET http://192.0.2.7/status: connection refused', sinceMs: NOW_MS - 40 * MIN }
const [first, second] = DEVICES
const well = { ...second, missingMinutes: 0 }
const calm = { devices: [{ ...first, history: second.history }, well] }

const only = (isKept: (channel: House['channels'][number]) => boolean, more: Partial<House> = {}) => ({
  house: (body: House) => {
    const channels = body.channels.filter(isKept)
    const ids = new Set(channels.map(({ id }) => id))
    const groups = body.groups.map(({ name, channels: own }) => ({ name, channels: own.filter((id) => ids.has(id)) }))
    return { ...body, channels, groups: groups.filter((group) => group.channels.length > 0), ...more }
  },
})
const noSolar = <T extends HouseNumbers | Now['today']>(numbers: T): T => ({ ...numbers, solar: null })

const WITHOUT_SOLAR = {
  ...only(({ role }) => role !== 'solar', { hasSolar: false }),
  now: (body: Now) => ({ ...body, watts: noSolar(body.watts), today: { ...body.today, solar: [] } }),
}
const WITHOUT_MAINS = {
  ...only(({ role }) => role === 'circuit', { hasMains: false, hasSolar: false, isConfigured: false }),
  now: (body: Now) => ({ ...body, watts: NOTHING }),
  power: (body: Power) => ({
    ...body,
    house: Object.fromEntries(Object.keys(body.house).map((key) => [key, body.house.house.map(() => null)])),
  }),
  energy: (body: Energy) => ({
    ...body,
    house: Object.fromEntries(Object.keys(body.house).map((key) => [key, body.house.house.map(() => null)])),
    circuits: body.house.house,
    sums: { ...body.sums, wattHours: NOTHING, circuits: 321_000 },
  }),
}
const repeated = (times: number) => ({
  house: (body: House) => ({
    ...body,
    channels: body.channels.flatMap((channel) =>
      channel.role === 'circuit'
        ? Array.from({ length: times }, (_, index) => ({
            ...channel,
            id: index === 0 ? channel.id : `${channel.id}_${index}`,
            location: index === 0 ? channel.location : `${channel.location}_${index}`,
          }))
        : [channel],
    ),
    groups: body.groups.map(({ name, channels }) => ({
      name,
      channels: channels.flatMap((id) =>
        Array.from({ length: times }, (_, index) => (index === 0 ? id : `${id}_${index}`)),
      ),
    })),
  }),
})

const ALL_VIEWS = ['now', 'power', 'energy', 'bills', 'coverage', 'devices']
const STATES: Readonly<Record<string, State>> = {
  well: { views: ALL_VIEWS, status: calm },
  'in German': { views: ALL_VIEWS, language: 'de' },
  'read live': { views: ['now'], status: calm, live: readings(NOW_MS, 2_400) },
  'without solar': { views: ['now', 'power', 'energy'], status: calm, changes: WITHOUT_SOLAR },
  'without mains, not set up': { views: ['now', 'power', 'energy'], status: calm, changes: WITHOUT_MAINS },
  'one channel': {
    views: ['now', 'power', 'energy'],
    status: calm,
    changes: { ...WITHOUT_SOLAR, ...only(({ id }) => id === 'Mains_1', { hasSolar: false, legs: [] }) },
  },
  'a hundred channels': { views: ['now', 'power'], status: calm, changes: repeated(5) },
  'alerts open': {
    views: ['now', 'devices'],
    status: {
      ...calm,
      alerts: [
        { id: 'a', kind: 'above', name: 'Dryer', sinceMs: NOW_MS - 3 * 60 * MIN, text: 'Dryer is above 100 W' },
        { id: 'b', kind: 'below', name: 'Freezers', sinceMs: NOW_MS - 9 * 60 * MIN, text: 'Freezers is below 5 W' },
      ],
    },
  },
  'nothing stored yet': {
    views: ALL_VIEWS,
    status: {
      devices: DEVICES.map(({ name }) => ({
        name,
        state: 'starting' as const,
        history: { state: 'waiting' as const, isPaused: false, doneMinutes: 0, totalMinutes: 2_380_000 },
      })),
    },
    changes: { now: (body: Now) => ({ ...body, atMs: undefined, watts: NOTHING, channels: {} }) },
  },
  'a device fails': {
    views: ['now', 'power', 'devices'],
    status: {
      devices: [calm.devices[0]!, { ...well, state: 'failing', failure: FAILURE, storedUntilMs: FAILURE.sinceMs }],
    },
  },
  'the device of the mains fails': {
    views: ['now'],
    status: {
      devices: [{ ...calm.devices[0]!, state: 'failing', failure: FAILURE, storedUntilMs: FAILURE.sinceMs }, well],
    },
  },
  'the store fails': {
    views: ['now', 'coverage', 'devices'],
    status: { store: { ...STATUS.store, state: 'failing', failure: FAILURE } },
  },
  'a year with an outage': {
    views: ['energy?span=year', 'power?range=1y'],
    status: calm,
    changes: {
      energy: (body: Energy) => ({
        ...body,
        unmeasured: body.startsMs.map((_, bar) => (bar === 1 ? 9_000 : 0)),
        sums: {
          ...body.sums,
          isWhole: false,
          unmeasuredMinutes: { house: 9_000, solar: 0, used: 0, fromGrid: 9_000, toGrid: 0, unmetered: 9_000 },
        },
      }),
    },
  },
}

describe.skipIf(CHROMIUM === undefined)('the state', () => {
  let daemon: FakeDaemon
  let browser: Browser
  beforeAll(async () => {
    daemon = await startFakeDaemon()
    browser = await openBrowser()
    if (PICTURES !== undefined) await mkdir(PICTURES, { recursive: true })
  })
  afterAll(async () => {
    await browser.close()
    await daemon.close()
  })

  async function open({ language = 'en', status = {}, changes = {} }: State): Promise<Page> {
    daemon.state.status = { ...STATUS, ...status }
    const page = await openPage(browser, { locale: language, timezoneId: 'America/New_York' })
    await page.route(/\/api\/v1\/(?!events|jobs)/, async (route) => {
      const change = changes[new URL(route.request().url()).pathname.split('/').at(-1) ?? ''] as
        ((body: unknown) => unknown) | undefined
      if (!change) return route.continue()
      const response = await route.fetch()
      return route.fulfill({ response, json: change(await response.json()) })
    })
    return page
  }

  it.each(Object.keys(STATES))('%s is for everybody, and nothing is wider than its window', async (name) => {
    const state = STATES[name]!
    const page = await open(state)
    for (const [index, path] of state.views.slice(0, isThorough ? undefined : 2).entries()) {
      const looks = isThorough ? ALL_LOOKS : [ALL_LOOKS[index % 2 === 0 ? 1 : 4]!]
      for (const [width, colorScheme] of looks) {
        await page.setViewportSize({ width, height: width < 500 ? 844 : 900 })
        await page.emulateMedia({ colorScheme })
        if (!page.url().endsWith(`/${path}`)) await page.goto(`${daemon.url}/${path}`, { waitUntil: 'load' })
        await untilQuiet(page)
        if (state.live) daemon.tellLive(state.live)
        await untilQuiet(page)
        if (PICTURES !== undefined)
          await page.screenshot({
            path: `${PICTURES}/${`${name}-${path}`.replaceAll(/\W+/g, '-')}-${width}-${colorScheme}.png`,
            fullPage: true,
          })
        if (await page.evaluate('typeof axe === "undefined"')) await page.evaluate(axe.source)
        const { violations } = await page.evaluate<axe.AxeResults>(`axe.run(document, { resultTypes: ['violations'] })`)
        const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
        const sideways = await page.evaluate(SIDEWAYS)
        expect({ path, width, found, sideways }).toEqual({ path, width, found: [], sideways: 0 })
      }
    }
    await page.unrouteAll({ behavior: 'ignoreErrors' })
    await page.context().close()
  })
})

const SIDEWAYS = 'document.documentElement.scrollWidth - document.documentElement.clientWidth'
