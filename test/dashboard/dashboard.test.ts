import axe from 'axe-core'
import { mkdir } from 'node:fs/promises'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Status } from '../../src/dashboard/api/answers.ts'
import { DEVICES, JOB, NOW_MS, STATUS } from './fake-answers.ts'
import { startFakeDaemon, type FakeDaemon } from './fake-daemon.ts'
import { MIN } from './fake-house.ts'
import { CHROMIUM, openBrowser } from './open-browser.ts'

const VIEWS = ['Now', 'Power', 'Energy', 'Coverage', 'Devices']
/** Where the pictures of the documentation are made anew. */
const PICTURES = process.env['PICTURES']

let daemon: FakeDaemon
let browser: Browser
const problems: string[] = []
const fresh = { status: STATUS, jobs: [], broken: new Set<string>() }

if (CHROMIUM === undefined) console.log('THE DASHBOARD WAS NOT LOOKED AT: there is no Chromium here; set CHROMIUM_BIN')

describe.skipIf(CHROMIUM === undefined)('the dashboard', () => {
  beforeAll(async () => {
    daemon = await startFakeDaemon()
    browser = await openBrowser()
    if (PICTURES !== undefined) await mkdir(PICTURES, { recursive: true })
  })
  afterAll(async () => {
    await browser.close()
    await daemon.close()
  })
  afterEach(async () => {
    Object.assign(daemon.state, fresh)
    daemon.posted.length = 0
    for (const context of browser.contexts()) await context.close()
    const found = problems.splice(0)
    if (found.length > 0) throw new Error(found.join('\n'))
  })

  async function open(path: string, options: BrowserContextOptions = {}): Promise<Page> {
    const context = await browser.newContext({
      viewport: { width: 1440, height: 950 },
      timezoneId: 'America/New_York',
      ...options,
    })
    const page = await context.newPage()
    page.on('console', (message) => {
      const isAnswer = message.text().startsWith('Failed to load resource') && daemon.state.broken.size > 0
      if (message.type() === 'error' && !isAnswer) problems.push(message.text())
    })
    page.on('pageerror', (error) => problems.push(error.message))
    page.on('request', (request) => {
      if (!request.url().startsWith(daemon.url) && !request.url().startsWith('data:'))
        problems.push(`asks ${request.url()}`)
    })
    await page.goto(daemon.url + path, { waitUntil: 'load' })
    await page.locator('main h1').waitFor({ state: 'attached' })
    return page
  }

  async function settle(page: Page): Promise<void> {
    await page.waitForLoadState('load')
    await page.waitForFunction('document.querySelector("main > section") && !document.querySelector(".waiting")')
    await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))')
  }

  const sideways = (page: Page) =>
    page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')

  async function violations(page: Page): Promise<readonly string[]> {
    await page.evaluate(axe.source)
    const { violations: found } = await page.evaluate<axe.AxeResults>('axe.run()')
    return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
  }

  const looks: readonly (readonly [number, 'light' | 'dark'])[] = [
    [1440, 'light'],
    [390, 'dark'],
    ...(process.env['LONG'] === undefined && PICTURES === undefined
      ? []
      : ([
          [1440, 'dark'],
          [390, 'light'],
        ] as const)),
  ]
  it.each(looks)(
    'every view at %i px, %s, is whole, does not scroll sideways, and is for everybody',
    async (width, colorScheme) => {
      const page = await open('/now', { viewport: { width, height: 950 }, colorScheme })
      for (const [index, view] of VIEWS.entries()) {
        await page.keyboard.press(String(index + 1))
        await page.locator(`main > section[aria-label^="${view}"]`).waitFor()
        await page.waitForTimeout(200)
        await settle(page)
        expect([view, await sideways(page), await violations(page)]).toEqual([view, 0, []])
        if (PICTURES !== undefined)
          await page.screenshot({
            path: `${PICTURES}/${view.toLowerCase()}-${width}-${colorScheme}.png`,
            fullPage: true,
          })
      }
    },
  )

  it('does not scroll sideways at 320 px', async () => {
    const page = await open('/now', { viewport: { width: 320, height: 700 } })
    for (const [index, view] of VIEWS.entries()) {
      await page.keyboard.press(String(index + 1))
      await page.locator(`main > section[aria-label^="${view}"]`).waitFor()
      await settle(page)
      await expect.poll(() => sideways(page), { message: view }).toBe(0)
    }
  })

  it('is a URL: back, reload and a link give the same picture', async () => {
    const page = await open('/energy?span=day&date=2026-03-08')
    const title = page.locator('.when')
    await expect.poll(() => title.textContent()).toBe('Sun 8 Mar 2026')
    await page.getByRole('button', { name: 'Mon 9 Mar 2026' }).click()
    await expect.poll(() => title.textContent()).toBe('Mon 9 Mar 2026')
    await page.reload()
    await expect.poll(() => title.textContent()).toBe('Mon 9 Mar 2026')
    await page.goBack()
    await expect.poll(() => title.textContent()).toBe('Sun 8 Mar 2026')
    await page.keyboard.press('2')
    await expect.poll(() => page.url()).toMatch(/\/power$/)
  })

  it('adds up as shown', async () => {
    const page = await open('/now')
    await settle(page)
    const figures = await page.locator('.eq .n').allTextContents()
    const [solar, fromGrid, house, toGrid] = figures.map((text) => {
      const [number, unit] = text.split('\u202f')
      return Math.round(Number(number) * (unit === 'kW' ? 1000 : 1))
    })
    expect(solar! + fromGrid!).toBe(house! + toGrid!)
    const cells = await page.locator('.circ tbody td:nth-of-type(2)').allTextContents()
    const sum = cells.reduce((total, text) => total + Number(text.replaceAll(',', '').replace('\u2212', '-')), 0)
    expect(sum).toBe(house)
  })

  it('reads the charts with keys, and zooms', async () => {
    const page = await open('/power')
    await settle(page)
    const chart = page.getByRole('slider').first()
    await chart.focus()
    await page.keyboard.press('Home')
    await expect.poll(() => chart.getAttribute('aria-valuetext')).toMatch(/^13:40, house .*W, solar /)
    await page.keyboard.press('Shift+ArrowRight')
    await expect.poll(() => chart.getAttribute('aria-valuetext')).toMatch(/^13:50, /)
    await page.keyboard.press('+')
    await expect.poll(() => new URL(page.url()).searchParams.get('from')).not.toBeNull()
    await page.keyboard.press('0')
    await expect.poll(() => new URL(page.url()).searchParams.get('to')).toBe('2026-03-27T13:40-04:00')
  })

  it('drags a span, and leaves out what is switched off', async () => {
    const page = await open('/power')
    await settle(page)
    const box = (await page.getByRole('slider').first().boundingBox())!
    await page.mouse.move(box.x + 300, box.y + 60)
    await page.mouse.down()
    await page.mouse.move(box.x + 500, box.y + 60, { steps: 4 })
    await page.mouse.up()
    await expect.poll(() => new URL(page.url()).searchParams.get('from')).toMatch(/^2026-03-26T\d\d:\d\d-04:00$/)
    await page.getByRole('checkbox', { name: 'Garage_1' }).uncheck()
    expect(new URL(page.url()).searchParams.get('ch')).not.toContain('Garage_1,')
    const group = page.getByRole('checkbox', { name: 'Garage', exact: true })
    expect(await group.evaluate((box) => 'indeterminate' in box && box.indeterminate)).toBe(true)
  })

  it('copies a hole, says how far it is, and stops', async () => {
    const page = await open('/coverage')
    await settle(page)
    await page.locator('.holes').getByRole('button', { name: 'Copy 47 min' }).click()
    await page.getByRole('progressbar', { name: 'Repair of 47 minutes' }).waitFor()
    expect(daemon.posted).toEqual([{ kind: 'repair', device: 'iwatt6', fromMs: JOB.fromMs, untilMs: JOB.untilMs }])
    expect(await page.getByText('29 of 47 min').count()).toBe(1)
    await page.locator('.holes').getByRole('button', { name: 'Stop' }).click()
    await expect.poll(() => daemon.posted.at(-1)).toEqual({ stop: '3' })
  })

  it('opens a day from its cell, by keys too', async () => {
    const page = await open('/coverage')
    await settle(page)
    const years = page.getByRole('grid', { name: /by day$/ }).first()
    await years.focus()
    await page.keyboard.press('Enter')
    await expect.poll(() => new URL(page.url()).searchParams.get('date')).toBe('2023-08-11')
    expect(await years.getByRole('gridcell').textContent()).toBe('iwatt5, Fri 11 Aug 2023, 192 min missing')
  })

  const [first, second] = DEVICES
  const mended = { ...second, missingMinutes: 0 }
  const whole = { ...first, history: second.history }
  const states: readonly [string, Partial<Status>, RegExp][] = [
    ['hole found', {}, /^47 minutes of iwatt6 are missing, Fri 27 Mar, 09:12 to 09:59\. and 1 more.*Copy 47 min$/],
    ['demo', { isDemo: true, devices: [whole, mended] }, /^Demo: an invented house/],
    [
      'first load',
      { devices: [first, mended] },
      /^Loading history: iwatt5 at 28 Sep 2025, 93.%\..*109 days to go, done about 14:10\..*Pause$/,
    ],
    [
      'empty store',
      {
        devices: DEVICES.map(({ name }) => ({
          name,
          state: 'starting' as const,
          history: { state: 'waiting' as const, isPaused: false, doneMinutes: 0, totalMinutes: 2_380_000 },
        })),
      },
      /^Nothing is stored yet\. The first pass is running\..*iwatt5 answers and holds 1,653 days/,
    ],
    ['stale', { nowMs: NOW_MS + 30 * MIN }, /^The newest reading is 32 min old \(13:40\)/],
    [
      'device unreachable',
      {
        devices: [
          whole,
          { ...second, state: 'failing', failure: { message: 'connection refused', sinceMs: NOW_MS - 40 * MIN } },
        ],
      },
      /^iwatt6 fails since 13:02: connection refused/,
    ],
    [
      'store unreachable',
      {
        store: {
          ...STATUS.store,
          state: 'failing',
          failure: { message: 'connection refused', sinceMs: NOW_MS - 40 * MIN },
        },
      },
      /^The store does not answer since 13:02: connection refused.*Nothing is lost/,
    ],
  ]
  it.each(states)('says the state: %s', async (name, status, words) => {
    daemon.state.status = { ...STATUS, ...status }
    const page = await open('/now')
    await settle(page)
    expect(await page.locator('main > [role=status]').textContent()).toMatch(words)
    expect(await page.title()).toContain(name === 'demo' ? 'Demo' : 'Now')
    if (PICTURES !== undefined) await page.screenshot({ path: `${PICTURES}/state-${name.replaceAll(' ', '-')}.png` })
  })

  it('switches off what writes while the store does not answer, and says why', async () => {
    daemon.state.status = { ...STATUS, store: { ...STATUS.store, state: 'failing' } }
    const page = await open('/coverage')
    await settle(page)
    const button = page.locator('.holes').getByRole('button', { name: 'Copy 47 min' })
    expect(await button.isDisabled()).toBe(true)
    expect(await page.locator('.holes').getByText('the store does not answer').count()).toBe(2)
  })

  it('a part that cannot be asked says so in its own space, with a button', async () => {
    daemon.state.broken = new Set(['/api/v1/consumers'])
    const page = await open('/energy')
    await page.getByText('the store did not answer: connection refused').waitFor()
    expect(await page.locator('.six .n').first().textContent()).toContain('kWh')
    daemon.state.broken = new Set()
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.locator('.consumers').getByText('Heating and cooling').waitFor()
  })

  it('keeps the chosen colours', async () => {
    const page = await open('/now', { colorScheme: 'light' })
    const dark = () => page.evaluate('getComputedStyle(document.body).backgroundColor')
    await page.getByRole('combobox', { name: 'Colours' }).selectOption('dark')
    await page.reload()
    await expect.poll(dark).toBe('rgb(16, 20, 22)')
  })

  it('names the zone of the house where the person is elsewhere', async () => {
    const page = await open('/now', { timezoneId: 'Europe/Paris' })
    await expect.poll(() => page.locator('.clock').textContent()).toContain('13:42 EDT, New York; 18:42 here')
  })
})
