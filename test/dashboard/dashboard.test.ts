import axe from 'axe-core'
import { mkdir } from 'node:fs/promises'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Status } from '../../src/dashboard/api/answers.ts'
import { COVERAGE, DEVICES, energy, JOB, NOW_MS, readings, STATUS } from './fake-answers.ts'
import { startFakeDaemon, type FakeDaemon, type FakeState } from './fake-daemon.ts'
import { MIN } from './fake-house.ts'
import { CHROMIUM, openBrowser, openPage } from './open-browser.ts'
import { untilQuiet } from './until-quiet.ts'

const VIEWS = ['Now', 'Power', 'Energy', 'Bills', 'Coverage', 'Devices']
/** Where the pictures of the documentation are made again. */
const PICTURES = process.env['PICTURES']
const ALL_LOOKS = [
  [1440, 'light'],
  [390, 'dark'],
  [1440, 'dark'],
  [390, 'light'],
] as const
const LOOKS = process.env['LONG'] === undefined && PICTURES === undefined ? ALL_LOOKS.slice(0, 2) : ALL_LOOKS
const PAGE_BYTES = 120_000

let daemon: FakeDaemon
let browser: Browser
/** Most tests share one tab, which is quicker than a browser's profile each. */
let shared: Page
const problems: string[] = []
const fresh = { status: STATUS, jobs: [], broken: new Set<string>(), held: Promise.resolve(), patches: {} }

if (CHROMIUM === undefined) console.log('THE DASHBOARD WAS NOT LOOKED AT: there is no Chromium here; set CHROMIUM_BIN')

describe.skipIf(CHROMIUM === undefined)('the dashboard', () => {
  beforeAll(async () => {
    daemon = await startFakeDaemon()
    browser = await openBrowser()
    shared = await newPage()
    if (PICTURES !== undefined) await mkdir(PICTURES, { recursive: true })
  })
  afterAll(async () => {
    await browser.close()
    await daemon.close()
  })
  afterEach(async () => {
    Object.assign(daemon.state, fresh)
    daemon.posted.length = 0
    daemon.state.asked.length = 0
    for (const context of browser.contexts()) if (context !== shared.context()) await context.close()
    const found = problems.splice(0)
    if (found.length > 0) throw new Error(found.join('\n'))
  })

  async function newPage(options: BrowserContextOptions = {}): Promise<Page> {
    const page = await openPage(browser, { timezoneId: 'America/New_York', ...options })
    page.on('console', (message) => {
      const isAnswer = message.text().startsWith('Failed to load resource') && daemon.state.broken.size > 0
      if (message.type() === 'error' && !isAnswer) problems.push(message.text())
    })
    page.on('pageerror', (error) => problems.push(error.message))
    page.on('request', (request) => {
      if (!request.url().startsWith(daemon.url) && !request.url().startsWith('data:'))
        problems.push(`asks ${request.url()}`)
    })
    return page
  }

  async function open(path: string, [width, colorScheme]: (typeof ALL_LOOKS)[number] = [1440, 'light']): Promise<Page> {
    await shared.setViewportSize({ width, height: 950 })
    await shared.emulateMedia({ colorScheme })
    await goTo(shared, path)
    return shared
  }

  async function goTo(page: Page, path: string): Promise<void> {
    await page.goto(daemon.url + path, { waitUntil: 'load' })
    await untilQuiet(page)
  }

  async function resize(page: Page, width: number, height = 950): Promise<void> {
    await page.setViewportSize({ width, height })
    await untilQuiet(page)
  }

  const sideways = (page: Page) =>
    page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')

  /** Nothing to scroll to, and no drawing that is wider than the window. */
  async function expectWithinWindow(page: Page, message: string): Promise<void> {
    await expect.poll(() => sideways(page), { message }).toBe(0)
    await expect.poll(() => page.evaluate(WIDE_DRAWINGS), { message }).toEqual([])
  }

  async function violations(page: Page, within = 'document'): Promise<readonly string[]> {
    if (await page.evaluate('typeof axe === "undefined"')) await page.evaluate(axe.source)
    const run = `axe.run(${within}, { resultTypes: ['violations'] })`
    const { violations: found } = await page.evaluate<axe.AxeResults>(run)
    return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
  }

  async function picture(page: Page, name: string, fullPage = true): Promise<void> {
    if (PICTURES !== undefined) await page.screenshot({ path: `${PICTURES}/${name}.png`, fullPage })
  }

  /** Time goes on for the page when a test lets it; before it has stopped, it goes as it does. */
  async function stopClock(page: Page): Promise<void> {
    await page.clock.install({ time: NOW_MS - 60 * MIN })
    await page.clock.pauseAt(NOW_MS)
  }

  async function choose(page: Page, index: number): Promise<void> {
    await page.keyboard.press(String(index + 1))
    await page.locator(`main > section[aria-label^="${VIEWS[index]}"]`).waitFor()
    await untilQuiet(page)
  }

  describe('every view', () => {
    it.each(LOOKS)('at %i px, %s, is complete and for everybody, and does not scroll sideways', async (...look) => {
      const page = await open('/now', look)
      for (const [index, view] of VIEWS.entries()) {
        await choose(page, index)
        await expectWithinWindow(page, view)
        expect([view, await violations(page)]).toEqual([view, []])
        await picture(page, `${view.toLowerCase()}-${look.join('-')}`)
      }
    })

    it.each([
      ['at 320 px', { width: 320, height: 700 }],
      ['at twice its size', { width: 720, height: 475 }],
    ])('%s does not scroll sideways', async (_, viewport) => {
      const page = await open('/now')
      await page.setViewportSize(viewport)
      for (const [index, view] of VIEWS.entries()) {
        await choose(page, index)
        await expectWithinWindow(page, view)
      }
    })

    it('is no wider than its window while its drawings still have their old width', async () => {
      const page = await newPage()
      await page.addInitScript('window.ResizeObserver = class { observe() {} disconnect() {} }')
      await goTo(page, '/now')
      for (const [index, view] of VIEWS.entries()) {
        await page.setViewportSize({ width: 1440, height: 950 })
        await choose(page, index)
        for (const width of [1000, 390]) {
          await page.setViewportSize({ width, height: 950 })
          expect([view, width, await sideways(page)]).toEqual([view, width, 0])
        }
      }
    })

    it('gives fingers 40 px', async () => {
      const page = await newPage({ viewport: { width: 390, height: 950 }, hasTouch: true })
      await goTo(page, '/now')
      for (const [index, view] of VIEWS.entries()) {
        await choose(page, index)
        await expect.poll(() => page.evaluate<string[]>(SMALL_TARGETS), { message: view }).toEqual([])
      }
    })

    it('shows where the keyboard is', async () => {
      const page = await open('/energy')
      const rings = new Set<unknown>()
      for (let stop = 0; stop < 30; stop++) {
        await page.keyboard.press('Tab')
        rings.add(await page.evaluate('getComputedStyle(document.activeElement).outline.replace(/rgb.*?\\) /, "")'))
      }
      expect([...rings]).toEqual(['solid 2px'])
    })

    it(`weighs at most ${PAGE_BYTES / 1000} kB`, async () => {
      const page = await (await fetch(daemon.url)).text()
      const assets = page.match(/\.\/assets\/[^"]+/g) ?? []
      expect(assets.length).toBeGreaterThanOrEqual(3)
      const sizes = await Promise.all(
        ['./', ...assets].map(async (path) => {
          const answer = await fetch(new URL(path, daemon.url), { headers: { 'accept-encoding': 'gzip' } })
          await answer.arrayBuffer()
          expect(answer.status).toBe(200)
          return Number(answer.headers.get('content-length'))
        }),
      )
      expect(Math.min(...sizes)).toBeGreaterThan(0)
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(PAGE_BYTES)
    })
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
    const figures = await page.locator('.eq .n').allTextContents()
    expect(figures).not.toContain('–')
    const [house, solar, fromGrid, toGrid] = figures.map((text) => {
      const [number, unit] = text.split('\u202f')
      return Math.round(Number(number) * (unit === 'kW' ? 1000 : 1))
    })
    expect(house).toBe(solar! + fromGrid! - toGrid!)
    const cells = await page.locator('.circ tbody td:nth-of-type(2)').allTextContents()
    const sum = cells.reduce((total, text) => total + Number(text.replaceAll(',', '').replace('\u2212', '-')), 0)
    // In watts without a fraction, which the figure of the house has rounded.
    const total = await page.locator('.circ tfoot td:nth-of-type(2)').textContent()
    expect(sum).toBe(Number(total?.replaceAll(',', '')))
    expect(Math.round(sum / 10) * 10).toBe(house)
  })

  describe('Now', () => {
    const figure = (page: Page) => page.locator('.eq .n').first()

    it('shows what the devices read, and moves nothing; in grey after two intervals; else the newest minute', async () => {
      const page = await newPage()
      await stopClock(page)
      await page.goto(`${daemon.url}/now`)
      await page.clock.runFor(1_000)
      const age = page.locator('.eq .age')
      await expect.poll(() => age.textContent()).toMatch(/^as of 13:39, 3 min ago$/)
      await page.getByText('All figures: 1-minute means, as stored.').waitFor()
      const row = page.locator('.circ tbody tr', { has: page.getByRole('link', { name: 'Dryer', exact: true }) })
      const order = () => page.locator('.circ tbody a').allTextContents()
      const stored = await figure(page).textContent()
      const sums = await page.locator('.keys.sums').textContent()
      daemon.tellLive(readings(NOW_MS, 2_400))
      await expect.poll(() => age.textContent()).toBe('now')
      expect(await figure(page).textContent()).not.toBe(stored)
      expect(await row.locator('td').nth(1).textContent()).toMatch(/^2,4\d\d$/)
      expect((await order())[0]).toBe('Dryer')
      expect(await page.locator('.keys.sums').textContent()).toBe(sums)
      await page.getByText(/^Live, read every 5.s, not stored/).waitFor()
      const places = await page.evaluate<string[]>(PLACES)
      for (const [more, text] of [
        [300, /^1\.95/],
        [12_400, /^14\.\d/],
        [0, /^1\.65/],
      ] as const) {
        daemon.tellLive(readings(NOW_MS, more))
        await expect.poll(() => figure(page).textContent()).toMatch(text)
        expect(await page.evaluate(PLACES)).toEqual(places)
      }
      const { devices, ...rest } = readings(NOW_MS, 0)
      const [answering, { name, channels }] = [devices[0]!, devices[1]!]
      const unknown = Object.fromEntries(Object.keys(channels).map((id) => [id, null]))
      const shown = await row.locator('td').nth(1).textContent()
      daemon.tellLive({ ...rest, devices: [answering, { name, channels: unknown }] })
      await page.getByText('In grey, the last minute that is stored: iwatt6 at 13:39.').waitFor()
      expect(await row.getAttribute('class')).toContain('zero')
      expect(await row.locator('td').nth(1).textContent()).toBe(shown)
      const house = await figure(page).textContent()
      const nothing = { house: null, solar: null, used: null, fromGrid: null, toGrid: null, unmetered: null }
      daemon.tellLive({ ...rest, watts: nothing, devices: [{ name: answering.name, channels: {} }, devices[1]!] })
      await page.clock.runFor(11_000)
      await expect.poll(() => page.locator('section.stale').count()).toBe(1)
      await expect.poll(() => age.textContent()).toMatch(/^as of 13:42, 1\d s ago$/)
      await page.getByText('iwatt5 does not answer at the moment: these are the last figures.').waitFor()
      expect(await figure(page).textContent()).toBe(house)
    })

    it('leads from a circuit, a leg and a figure to Power', async () => {
      const page = await open('/now')
      await page.getByRole('button', { name: 'Legs of Garage' }).click()
      expect(await violations(page)).toEqual([])
      const link = (name: string) => page.locator('.circ').getByRole('link', { name, exact: true })
      expect(await link('Garage').getAttribute('href')).toBe('/power?ch=Garage_1,Garage_2')
      await link('Garage_2').click()
      await expect.poll(() => page.url()).toMatch(/\/power\?ch=Garage_2$/)
      await page.goBack()
      // The link lies over the figure.
      await page.locator('.eq .n').first().click({ force: true })
      await expect.poll(() => page.url()).toMatch(/\/power$/)
    })

    it('folds the timeline into a line while nothing is wrong', async () => {
      daemon.state.status = {
        ...STATUS,
        devices: DEVICES.map((each) => ({ ...each, missingMinutes: 0, history: DEVICES[1].history })),
      }
      const page = await open('/now')
      const timeline = page.locator('header').getByRole('img')
      await page.getByText('All data in, newest 13:40').waitFor()
      expect(await timeline.count()).toBe(0)
      expect(await page.evaluate('document.querySelector(".today").getBoundingClientRect().bottom')).toBeLessThan(950)
      await picture(page, 'now-well', false)
      await page.getByRole('button', { name: 'Timeline' }).click()
      expect(await timeline.count()).toBe(1)
      expect(await violations(page)).toEqual([])
      await page.getByRole('button', { name: 'Timeline' }).click()
      await choose(page, VIEWS.indexOf('Coverage'))
      expect(await timeline.count()).toBe(1)
    })
  })

  describe('Power', () => {
    const from = (page: Page) => new URL(page.url()).searchParams.get('from')

    it('reads the charts with keys, and zooms', async () => {
      const page = await open('/power')
      const chart = page.getByRole('application').first()
      const said = page.locator('.power-charts [role=status]')
      await expect.poll(() => chart.getAttribute('aria-label')).toMatch(/^House at most .*kW, solar at most .*kW$/)
      expect(await said.textContent()).toBe('')
      await chart.focus()
      await page.keyboard.press('Home')
      await expect.poll(() => said.textContent()).toMatch(/^13:40, house .*W, solar /)
      await page.evaluate(COUNT_WORDS)
      for (let press = 0; press < 10; press++) await page.keyboard.press('ArrowRight')
      await expect.poll(() => said.textContent()).toMatch(/^13:50, /)
      const { words, forMs } = await page.evaluate<{ words: number; forMs: number }>('spoken()')
      expect(words).toBeLessThanOrEqual(2 + forMs / 500)
      await page.keyboard.press('Shift+ArrowRight')
      await expect.poll(() => page.locator('.readout .t').textContent()).toMatch(/^14:00 EDT, Thu 26 Mar/)
      await page.keyboard.press('+')
      await expect.poll(() => from(page)).not.toBeNull()
      await page.keyboard.press('PageUp')
      await expect.poll(() => from(page)).toBe('2026-03-26T01:50-04:00')
      await page.keyboard.press('0')
      await expect.poll(() => new URL(page.url()).searchParams.get('to')).toBe('2026-03-27T13:40-04:00')
      await page.keyboard.press('Escape')
      await expect.poll(() => page.locator('.readout .t').textContent()).toMatch(/^13:39 /)
    })

    it('drags a span, and leaves out what is switched off', async () => {
      const page = await open('/power')
      const box = (await page.getByRole('application').first().boundingBox())!
      await page.mouse.move(box.x + 300, box.y + 60)
      await page.mouse.down()
      await page.mouse.move(box.x + 500, box.y + 60, { steps: 4 })
      await page.mouse.up()
      await expect.poll(() => from(page)).toMatch(/^2026-03-26T\d\d:\d\d-04:00$/)
      await page.getByRole('checkbox', { name: 'Garage_1' }).uncheck()
      const channels = () => new URL(page.url()).searchParams.get('ch')
      await expect.poll(channels).toContain('Garage_2')
      expect(channels()).not.toContain('Garage_1,')
      const group = page.getByRole('checkbox', { name: 'Garage', exact: true })
      await expect.poll(() => group.evaluate((box) => 'indeterminate' in box && box.indeterminate)).toBe(true)
    })

    it('names picked lines at their ends', async () => {
      const page = await open('/power?ch=Furnace,Freezers')
      const names = page.locator('.power-charts svg text.halo')
      // The complete name is its title.
      const shown = () => names.evaluateAll((texts) => texts.map((text) => text.lastChild?.textContent))
      await expect.poll(shown).toEqual(['Freezers', 'Furnace'])
    })

    it('zooms with two fingers', async () => {
      const page = await newPage({ viewport: { width: 390, height: 950 }, hasTouch: true })
      await goTo(page, '/power')
      const chart = page.getByRole('application').first()
      await chart.scrollIntoViewIfNeeded()
      const box = (await chart.boundingBox())!
      const touch = await page.context().newCDPSession(page)
      const send = (type: 'touchStart' | 'touchMove' | 'touchEnd', ...at: number[]) =>
        touch.send('Input.dispatchTouchEvent', {
          type,
          touchPoints: at.map((x, id) => ({ x: box.x + x, y: box.y + 60, id })),
        })
      await send('touchStart', 150)
      await send('touchStart', 150, 250)
      for (const wider of [20, 40, 60]) await send('touchMove', 150 - wider, 250 + wider)
      await send('touchEnd', 90)
      await send('touchEnd')
      const hours = () => {
        const { searchParams } = new URL(page.url())
        return (Date.parse(searchParams.get('to') ?? '') - Date.parse(from(page) ?? '')) / 3_600_000
      }
      await expect.poll(hours).toSatisfy((shown: number) => shown > 9 && shown < 13)
    })

    it('asks for the next range while the pointer rests on the step button', async () => {
      const page = await open('/power')
      daemon.state.asked.length = 0
      await page.getByRole('button', { name: 'Earlier' }).hover()
      await expect.poll(() => daemon.state.asked).toContain('/api/v1/power')
    })
  })

  describe('Energy', () => {
    it.each([
      ['2025-11-02', 'Sun 2 Nov 2025', 25, ['01:00 EDT', '01:00 EST']],
      ['2026-03-08', 'Sun 8 Mar 2026', 23, []],
    ])('%s has as many bars as hours', async (date, title, hours, doubled) => {
      const page = await open(`/energy?span=day&date=${date}`)
      await expect.poll(() => page.locator('.when').textContent()).toBe(title)
      await page.locator('.tools').getByRole('button', { name: 'Table' }).click()
      const headings = page.getByRole('region', { name: 'Table of the bars' }).locator('tbody th')
      await expect.poll(() => headings.count()).toBe(hours)
      const names = await headings.allTextContents()
      expect(names.filter((name) => name.includes(' '))).toEqual(doubled)
      await page.locator('.tools').getByRole('button', { name: 'Table' }).click()
      const map = page.getByRole('grid', { name: /^Mean power/ })
      await map.focus()
      for (const key of ['Home', 'ArrowRight', ...(hours === 23 ? ['ArrowRight'] : [])]) await page.keyboard.press(key)
      await expect
        .poll(() => map.getByRole('gridcell').textContent())
        .toMatch(hours === 25 ? /01:00, .*W and, once more, .*W$/ : /02:00, the clock leaves this hour out$/)
      await picture(page, `energy-day-of-${hours}`)
    })

    it('marks sums in which minutes of mains or solar are missing, and no others', async () => {
      const first = (page: Page) => page.locator('.six .n').first().textContent()
      const page = await open('/energy')
      await expect.poll(() => first(page)).toMatch(/^1,\d{3}\u202fkWh$/)
      await expect
        .poll(() => page.locator('.remarks').textContent())
        .toMatch(/^47.min of 14 circuits of iwatt6 are missing/)
      const { sums } = energy('month')
      const lackingMinutes = { ...sums.lackingMinutes, house: 47 }
      daemon.state.patches = { '/api/v1/energy': { sums: { ...sums, lackingMinutes } } }
      await page.reload()
      await expect.poll(() => first(page)).toMatch(/^≥\u202f1,\d{3}\u202fkWh$/)
      await page.getByText('≥: 47 min are missing.').waitFor()
      await expect.poll(() => page.locator('.six .n').nth(1).textContent()).toMatch(/^\d{3}\u202fkWh$/)
    })

    it('ends the ghost of today where its bar ends, and has none for days ahead', async () => {
      const page = await open('/energy')
      const ghosts = page.locator('.bars svg rect.ghost')
      await expect.poll(() => ghosts.count()).toBe(27)
      const top = (index: number) => ghosts.nth(index).evaluate((rect) => Number(rect.getAttribute('y')))
      expect(await top(26)).toBeGreaterThan((await top(25)) + 50)
      await expect.poll(() => page.locator('.bars svg text[text-anchor=end]').allTextContents()).toContain('\u221225')
    })

    it('names periods, and compares with the year before', async () => {
      const page = await open('/energy')
      const periods = page.getByRole('group', { name: 'Period' }).getByRole('button')
      expect(await periods.allTextContents()).toEqual(['Day', 'Month', 'Year', 'All'])
      await page.getByRole('button', { name: 'Year before' }).click()
      await page.getByText('so far, compared with 1 Mar 2025 to 27 Mar 2025, 13:40').waitFor()
      await page.getByText('same day of March 2025').waitFor()
      expect(new URL(page.url()).search).toBe('?compare=year')
      await page.getByRole('button', { name: 'Year', exact: true }).click()
      await page.getByText('same month of 2025').waitFor()
      expect(await page.getByRole('group', { name: 'Compare with' }).count()).toBe(0)
      await page.locator('.tools').getByRole('button', { name: 'Table' }).click()
      await page.getByRole('columnheader', { name: 'House per day' }).waitFor()
    })

    it('has the peak with what made it, and the base load', async () => {
      const page = await open('/energy')
      const highlights = () => page.locator('.highlights > div').allTextContents()
      await expect
        .poll(highlights)
        .toEqual([
          expect.stringMatching(/^Per day\d\d\.\d.kWh [+−]\d+.% against \d\d\.\d.kWh$/),
          'Peak10.6\u202fkW Sun 1 Mar 18:07: Dryer 5.02\u202fkW and Furnace 612\u202fW',
          'Base load312\u202fW, 2,737\u202fkWh a year: what 95 % of the minutes from 00:00 to 05:00 exceed',
        ])
      await page.getByRole('link', { name: 'Sun 1 Mar 18:07' }).click()
      await page.waitForURL('**/power?from=2026-03-01T17:37-05:00&to=2026-03-01T18:37-05:00')
    })

    it('hides labels behind a button, and shows that groups fold', async () => {
      const page = await open('/energy')
      const label = page.getByRole('group', { name: 'Label' })
      expect(await label.count()).toBe(0)
      await page.getByRole('button', { name: 'By label' }).click()
      expect(await label.getByRole('button').allTextContents()).toEqual(['hvac', 'pair', 'type'])
      await page.getByRole('button', { name: 'hvac', exact: true, expanded: true }).first().waitFor()
      const mark = "getComputedStyle(document.querySelector('.fold[aria-expanded=true]'), '::after').content"
      expect(await page.evaluate(mark)).toContain('▾')
    })

    it('leads from bars, cells and circuits to Power', async () => {
      const page = await open('/energy')
      const bars = page.locator('.bars .plot')
      await bars.focus()
      for (const key of ['Home', 'ArrowRight', 'ArrowRight']) await page.keyboard.press(key)
      await page.locator('main > section').getByRole('link', { name: 'Show in Power', exact: true }).click()
      await page.waitForURL('**/power?from=2026-03-03T00:00-05:00&to=2026-03-04T00:00-05:00')
      await page.goBack()
      await bars.focus()
      for (const key of ['End', 'Home', 'Enter']) await page.keyboard.press(key)
      await page.waitForURL('**/power?from=2026-03-01T00:00-05:00&to=2026-03-02T00:00-05:00')
      await page.goBack()
      const map = page.getByRole('grid', { name: /^Mean power/ })
      await map.focus()
      for (const key of ['Home', 'ArrowUp', 'ArrowRight', 'Enter']) await page.keyboard.press(key)
      await page.waitForURL('**/power?from=2026-03-26T01:00-04:00&to=2026-03-26T02:00-04:00')
      await page.goBack()
      await page.getByRole('button', { name: 'Circuits', exact: true }).click()
      await page.getByRole('link', { name: 'Dryer: show in Power' }).click()
      await page.waitForURL('**/power?from=2026-03-01T00:00-05:00&to=2026-03-27T13:40-04:00&ch=Dryer')
    })
  })

  describe('money', () => {
    it('is kept in the address of Energy, with a colour for each period and the cost of each circuit', async () => {
      const page = await open('/energy')
      await page.getByRole('button', { name: 'Money' }).click()
      expect(new URL(page.url()).search).toBe('?unit=money')
      await page.getByText('Super off-peak', { exact: true }).waitFor()
      await page.getByRole('columnheader', { name: 'solar worth' }).waitFor()
      await expect.poll(() => page.locator('.six .n').first().textContent()).toMatch(/^\$\d+\.\d\d$/)
      await page.getByRole('button', { name: 'Origin' }).click()
      expect(new URL(page.url()).search).toBe('?unit=money&bars=origin')
      await page.reload()
      await untilQuiet(page)
      expect(await page.getByRole('button', { name: 'Origin' }).getAttribute('aria-pressed')).toBe('true')
      expect(await violations(page)).toEqual([])
    })

    it('makes bills with their lines, a forecast and plans beside them', async () => {
      const page = await open('/bills')
      await page.getByText(/^Forecast: each day to come/).waitFor()
      await page.locator('details.bill summary').last().click()
      const lines = page.locator('details.bill[open] table')
      await expect
        .poll(() => lines.getByRole('row', { name: /^Peak demand/ }).textContent())
        .toMatch(/2026-02-01 17:30/)
      await page.getByText(/^Flat would have cost \$\d+\.\d\d (more|less) in 2 bills\.$/).waitFor()
    })

    it('leads to the set-up where there is no tariff', async () => {
      daemon.state.patches = { '/api/v1/bills': { currency: undefined, bills: [], plans: [] } }
      const page = await open('/bills')
      const link = page.getByRole('link', { name: 'Say what a kWh costs' })
      await expect.poll(() => link.getAttribute('href')).toBe('/setup?part=money')
    })

    it('has the price of the moment and the cost of today on Now', async () => {
      const page = await open('/now')
      await expect.poll(() => page.locator('.price-now').textContent()).toMatch(/Off-peak, \$0\.25\/kWh until 16:00/)
      await page.getByText(/^Cost today/).waitFor()
    })
  })

  describe('Coverage', () => {
    it('lets one choose the device, and is quiet only where nothing is missing', async () => {
      const page = await open('/coverage')
      await page.getByRole('group', { name: 'Device' }).getByRole('button', { name: 'iwatt5' }).click()
      await page.getByText('iwatt5, 55 days to 27 Mar').waitFor()
      expect(await page.locator('.calm').count()).toBe(0)
      daemon.state.patches = { '/api/v1/coverage': { missingMinutes: 0, notLoadedMinutes: 0, holes: [] } }
      await page.reload()
      await page.locator('.calm').waitFor()
    })

    it('copies a gap, shows how far it is, and stops', async () => {
      const page = await open('/coverage')
      await page.locator('.gaps').getByRole('button', { name: 'Copy 47 min' }).click()
      await page.getByRole('progressbar', { name: 'Repair of 47 minutes' }).waitFor()
      expect(daemon.posted).toEqual([{ kind: 'repair', device: 'iwatt6', fromMs: JOB.fromMs, untilMs: JOB.untilMs }])
      await expect.poll(() => page.getByText('29 of 47 min').count()).toBe(1)
      await page.locator('.gaps').getByRole('button', { name: 'Stop' }).click()
      await expect.poll(() => daemon.posted.at(-1)).toEqual({ stop: '3' })
    })

    it('opens a day from its cell, by keys too', async () => {
      const page = await open('/coverage')
      const years = page.getByRole('grid', { name: /by day$/ }).first()
      await years.focus()
      await page.keyboard.press('Enter')
      await expect.poll(() => new URL(page.url()).searchParams.get('date')).toBe('2023-08-11')
      await expect
        .poll(() => years.getByRole('gridcell').textContent())
        .toBe('iwatt5, Fri 11 Aug 2023, 192 min missing')
    })

    it('gives the minutes of a day as a list', async () => {
      const page = await open('/coverage')
      await page.getByRole('button', { name: 'Table' }).click()
      const rows = page.getByRole('region', { name: 'Table of the day' }).locator('tbody tr')
      await expect.poll(() => rows.allTextContents()).toContain('09:12 to 09:5947missing')
    })

    it('shows both of an hour that comes twice', async () => {
      const page = await open('/coverage?device=iwatt6&date=2025-11-02')
      const day = page.getByRole('grid', { name: 'Minutes of 2025-11-02 of iwatt6' })
      await expect.poll(() => day.getAttribute('aria-rowcount')).toBe('25')
      await picture(page, 'coverage-day-of-25')
    })
  })

  const [first, second] = DEVICES
  const mended = { ...second, missingMinutes: 0 }
  const complete = { ...first, history: second.history }
  const refused = { message: 'connection refused', sinceMs: NOW_MS - 40 * MIN }
  const status = (more: Partial<Status>): Partial<FakeState> => ({ status: { ...STATUS, ...more } })
  const states: readonly (readonly [string, Partial<FakeState>, RegExp])[] = [
    [
      'empty store',
      status({
        devices: DEVICES.map(({ name }) => ({
          name,
          state: 'starting' as const,
          history: { state: 'waiting' as const, isPaused: false, doneMinutes: 0, totalMinutes: 2_380_000 },
        })),
      }),
      /^Nothing is stored yet\. The first sync is running\.iwatt5 answers and holds 4 years and 193 days\. iwatt6 .*The newest days come first\.$/,
    ],
    [
      'first load',
      status({ devices: [first, mended] }),
      /^Backfilling iwatt5 at 28 Sep 2025, 93.%\.109 days to go at 3\.9 days a minute, done about 14:10\. Measuring continues.*incomplete and marked\.Pause$/,
    ],
    [
      'stale',
      status({ nowMs: NOW_MS + 30 * MIN }),
      /^The newest reading is 32 min old \(13:40\)\. and 2 moreSyncing works, but iwatt5 has logged nothing since 13:40\. The figures below are from then and shown in grey\.$/,
    ],
    [
      'device unreachable',
      status({
        devices: [complete, { ...mended, state: 'failing', failure: refused, storedUntilMs: refused.sinceMs }],
      }),
      /^iwatt6 has not answered since 13:02\.While it has power, it keeps measuring.*House, solar and grid do not need it and are current\. 14 circuits of it are not known, so neither is Unmetered\. Check that it is on.* Next attempt at 13:45\.Detailsconnection refused$/,
    ],
    [
      'store unreachable',
      status({ store: { ...STATUS.store, state: 'failing', failure: refused } }),
      /^The store has not answered since 13:02\..*Nothing is lost: the devices keep their logs.*what it had read before\.Detailsconnection refused$/,
    ],
    [
      'gap found',
      {},
      /^47 minutes of iwatt6 are missing, Fri 27 Mar, 09:12 to 09:59\. and 1 moreThe device has them\. Charts leave them blank, sums name them\. Show in PowerCopy 47 min$/,
    ],
    [
      'being repaired',
      { ...status({ devices: [complete, second] }), jobs: [JOB] },
      /^Copying 47 minutes of iwatt6: 29 confirmed\.You can leave this page\..*Stop$/,
    ],
    [
      'repaired',
      {
        ...status({ devices: [complete, mended] }),
        jobs: [{ ...JOB, state: 'done', doneMinutes: 47, endedAtMs: NOW_MS }],
      },
      /^47 minutes of iwatt6 copied and read back at 13:42\.$/,
    ],
    [
      'demo',
      status({ isDemo: true, devices: [complete, mended] }),
      /^Demo: an invented house, nothing is measured and nothing is sent\.To see your own: iotawatt-sync init$/,
    ],
  ]
  describe.each(states)('the state %s', (name, state, words) => {
    it('is described in words, for everybody', async () => {
      Object.assign(daemon.state, state)
      const page = await open(name === 'being repaired' ? '/coverage' : '/now')
      const note = page.locator('main > [role=status]')
      await expect.poll(() => note.textContent()).toMatch(words)
      for (const [width, colorScheme] of LOOKS) {
        await page.emulateMedia({ colorScheme })
        await resize(page, width)
        await expectWithinWindow(page, name)
        expect(await violations(page, "'header, main > [role=status]'")).toEqual([])
        await picture(page, `state-${name.replaceAll(' ', '-')}-${width}-${colorScheme}`, false)
      }
    })
  })

  describe('what a state changes', () => {
    it('loading: the frame at once, then what is asked, then a button', async () => {
      let release = () => {}
      daemon.state.held = new Promise((resolve) => (release = resolve))
      const page = await newPage()
      await stopClock(page)
      await page.goto(`${daemon.url}/now`)
      await page.clock.runFor(300)
      await expect.poll(() => page.locator('.eq .n').allTextContents()).toEqual(['–', '–', '–', '–', '–'])
      expect(await page.locator('main h2').allTextContents()).toEqual(['Flow', 'Today', 'Circuits'])
      await page.clock.runFor(600)
      expect(await page.locator('.waiting').count()).toBe(0)
      await page.clock.runFor(400)
      await page.getByText('Asking iotawatt-sync for the house').waitFor()
      await page.clock.runFor(9_000)
      await page.getByRole('button', { name: 'Try again' }).waitFor()
      await page.clock.resume()
      expect(await violations(page)).toEqual([])
      release()
      await page.getByText('1.65').first().waitFor()
      await expect.poll(() => page.locator('.waiting').count()).toBe(0)
    })

    it('empty store: dashes, no zeros', async () => {
      Object.assign(daemon.state, states[0]![1])
      const nothing = { house: null, solar: null, used: null, fromGrid: null, toGrid: null, unmetered: null }
      daemon.state.patches = { '/api/v1/now': { atMs: undefined, watts: nothing, channels: {} } }
      const page = await open('/now')
      await page.getByText('no minute is stored yet').waitFor()
      expect(await page.locator('.eq .n').allTextContents()).toEqual(['–', '–', '–', '–', '–'])
      expect(await page.locator('.circ tfoot .num').textContent()).toBe('–')
    })

    it('first load: pauses and goes on; sums tell since when they are complete', async () => {
      const { sums } = energy('month')
      const lackingMinutes = { ...sums.lackingMinutes, house: 60 }
      daemon.state.patches = {
        '/api/v1/energy': { sums: { ...sums, lackingMinutes, isWhole: false, wholeFromMs: JOB.fromMs } },
      }
      daemon.state.status = { ...STATUS, devices: [first, mended] }
      const page = await open('/energy')
      await page.getByText('≥: the backfill is still running; complete since 27 Mar.').waitFor()
      await page.getByRole('button', { name: 'Pause' }).click()
      await expect.poll(() => daemon.posted).toEqual([{ paused: true }])
    })

    it('stale: grey readings with their time', async () => {
      daemon.state.status = { ...STATUS, nowMs: NOW_MS + 30 * MIN }
      const page = await open('/now')
      await expect.poll(() => page.locator('.timeline-text .end .flag.warn').textContent()).toContain('32 min old')
      await expect.poll(() => page.locator('section.stale').count()).toBe(1)
      await page.getByText('22 by power at 13:39').waitFor()
    })

    it('device unreachable: its lane ends hollow', async () => {
      Object.assign(daemon.state, states[3]![1])
      const page = await open('/now')
      await expect.poll(() => page.locator('.timeline svg rect[stroke="var(--edge)"]').count()).toBe(1)
      await expect.poll(() => page.locator('.timeline-text').textContent()).toContain('iwatt6 fails')
      await page.getByText('needs iwatt6, which has nothing of this minute').first().waitFor()
    })

    it('store unreachable: what writes is off and says why; the last picture stays', async () => {
      const page = await open('/coverage')
      const gaps = page.locator('.gaps')
      await expect.poll(() => gaps.getByRole('button', { name: 'Copy 47 min' }).isDisabled()).toBe(false)
      daemon.state.status = { ...STATUS, store: { ...STATUS.store, state: 'failing' } }
      daemon.state.broken = new Set(['/api/v1/coverage'])
      await page.reload()
      await page.getByText('Not shown: The store did not answer.').waitFor()
      daemon.state.broken = new Set()
      await page.getByRole('button', { name: 'Try again' }).click()
      await gaps.getByText('the store does not answer').first().waitFor()
      await expect.poll(() => gaps.getByRole('button', { name: 'Copy 47 min' }).isDisabled()).toBe(true)
      await expect.poll(() => page.getByRole('button', { name: 'Check iwatt5 again' }).isDisabled()).toBe(true)
    })

    it('being repaired: minutes turn when they are confirmed', async () => {
      daemon.state.jobs = [JOB]
      const page = await open('/coverage')
      await page.getByText('strongest: 29 just copied and confirmed; outlined: 18 to go').waitFor()
      const confirmed = page.locator('[aria-label^="Minutes of"] svg rect[fill="var(--ink)"]')
      await expect.poll(() => confirmed.count()).toBe(29)
    })

    it('demo: shown in the title of the tab', async () => {
      Object.assign(daemon.state, status({ isDemo: true }))
      const page = await open('/now')
      await expect.poll(() => page.title()).toBe('Now, Demo: iotawatt-sync')
    })

    it('no event stream: silent for 30 s, then not live since', async () => {
      daemon.state.broken = new Set(['/api/v1/events'])
      const page = await newPage()
      await stopClock(page)
      await page.goto(`${daemon.url}/now`)
      const clock = page.locator('.clock .flag')
      await page.clock.runFor(25_000)
      await page.locator('.clock').getByText('13:42').waitFor()
      expect(await clock.count()).toBe(0)
      await page.clock.runFor(7_000)
      await expect.poll(() => clock.textContent()).toMatch(/^not live since 13:4[12]$/)
    })
  })

  it('a part that cannot be asked reports it in its own space, with a button', async () => {
    daemon.state.broken = new Set(['/api/v1/consumers'])
    await shared.goto(`${daemon.url}/energy`)
    await shared.getByText('The store did not answer.').waitFor()
    await expect.poll(() => shared.locator('.six .n').first().textContent()).toContain('kWh')
    daemon.state.broken = new Set()
    await shared.getByRole('button', { name: 'Try again' }).click()
    await shared.locator('.consumers').getByText('Heating and cooling').waitFor()
  })

  it('a part that cannot be drawn reports it in its own space, with a button', async () => {
    const gaps = COVERAGE.holes.map((gap) => ({ ...gap, fromMs: 9e15 }))
    daemon.state.patches = { '/api/v1/coverage': { holes: gaps } }
    await shared.goto(`${daemon.url}/coverage?device=iwatt5`)
    await shared.getByText('Could not be drawn:').waitFor()
    await shared.getByRole('grid', { name: 'Coverage of iwatt5 and iwatt6 by day' }).waitFor()
    daemon.state.patches = {}
    await shared.reload()
    await shared.locator('.gaps').getByRole('button', { name: 'Copy 47 min' }).waitFor()
  })

  it('keeps the answer to the present question, however late that to an earlier one comes', async () => {
    const page = await newPage()
    const earlier = page.waitForRequest(/day\?device=iwatt5/)
    const present = page.waitForResponse(/day\?device=iwatt6/)
    await page.route(/\/api\/v1\/coverage$/, async (route) => {
      await earlier
      await route.continue()
    })
    await page.route(/day\?device=iwatt5/, async (route) => {
      await present
      await route.continue()
    })
    await goTo(page, '/coverage')
    expect(await page.getByRole('grid', { name: /^Minutes of 2026-03-27/ }).getAttribute('aria-label')).toContain(
      'iwatt6',
    )
  })

  it('shows the names of a hostile device, and does nothing that they say', async () => {
    const said = JSON.stringify(HOSTILE).slice(1, -1)
    await shared.route(/api\/v1\/(?!events)/, async (route) => {
      const response = await route.fetch()
      await route.fulfill({ response, body: (await response.text()).replaceAll(/Furnace|02_08_04/g, said) })
    })
    for (const view of ['now', 'power', 'energy', 'coverage?device=iwatt6', 'devices']) {
      await goTo(shared, `/${view}`)
      await expect.poll(() => shared.locator('main').textContent(), { message: view }).toContain(HOSTILE)
      expect(await shared.evaluate('[document.images.length, document.scripts.length, window.hit]')).toEqual([
        0,
        1,
        undefined,
      ])
    }
    await shared.unroute(/api\/v1\/(?!events)/)
  })

  it('keeps the chosen colours', async () => {
    const page = await newPage({ colorScheme: 'light' })
    await goTo(page, '/now')
    const dark = () => page.evaluate('getComputedStyle(document.body).backgroundColor')
    await page.getByRole('combobox', { name: 'Colours' }).selectOption('dark')
    await page.reload()
    await expect.poll(dark).toBe('rgb(16, 20, 22)')
  })

  it('speaks German where the browser does, and English where it is chosen', async () => {
    const page = await newPage({ locale: 'de-AT' })
    await goTo(page, '/now')
    await expect.poll(() => page.locator('.eq').textContent()).toContain('1,65\u202fkW')
    expect([await page.title(), await page.locator('html').getAttribute('lang')]).toEqual([
      'Jetzt: iotawatt-sync',
      'de',
    ])
    await page.getByRole('combobox', { name: 'Sprache' }).selectOption('EN')
    await expect.poll(() => page.title()).toBe('Now: iotawatt-sync')
    expect(await page.locator('.eq').textContent()).toContain('1.65\u202fkW')
  })

  it('what the server writes is among the details in German, in no sentence', async () => {
    const message = 'GET http://192.0.2.7/query: 401 Unauthorized\n  give its user and password'
    const failure = { message, sinceMs: NOW_MS - 40 * MIN }
    daemon.state.status = { ...STATUS, devices: [complete, { ...mended, state: 'failing', failure }] }
    const page = await newPage({ locale: 'de' })
    await goTo(page, '/now')
    const note = page.locator('main > [role=status] .note')
    await note.getByText('iwatt6 lehnt').waitFor()
    expect(await note.locator('p').first().innerText()).not.toContain('Give its user')
    expect(await note.locator('details').textContent()).toContain('give its user')
  })

  it('is printed without navigation, in light colours, with drawings as wide as the sheet', async () => {
    const page = await newPage({ colorScheme: 'dark' })
    for (const view of ['now', 'power', 'energy', 'coverage', 'devices']) {
      await page.emulateMedia({ media: 'screen' })
      await page.setViewportSize({ width: 1920, height: 950 })
      await goTo(page, `/${view}`)
      await page.evaluate("dispatchEvent(new Event('beforeprint'))")
      await page.emulateMedia({ media: 'print' })
      await page.setViewportSize({ width: 718, height: 1047 })
      expect([view, await page.evaluate(WIDE_DRAWINGS), await sideways(page)]).toEqual([view, [], 0])
      expect(await page.locator('nav').isVisible()).toBe(false)
      expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(255, 255, 255)')
    }
  })

  it('names the zone of the house where the person is elsewhere', async () => {
    const page = await newPage({ timezoneId: 'Europe/Paris' })
    await goTo(page, '/now')
    await expect.poll(() => page.locator('.clock').textContent()).toContain('13:42 EDT, New York; 18:42 here')
  })
})

const HOSTILE = '<img src="x" onerror="hit=1"><script>hit=1</script>'

/** What answers a finger in less than 40 px of height. */
const SMALL_TARGETS = `[...document.querySelectorAll('a, button, select, label')].filter((target) => {
  target.scrollIntoView({ block: 'center' })
  const { left, top, width, height } = target.getBoundingClientRect()
  if (width === 0 || target.disabled || target.matches('.skip')) return false
  const isHit = (y) => target.contains(document.elementFromPoint(left + Math.min(width, 40) / 2, y))
  const middle = top + height / 2
  return !isHit(middle - 19) || !isHit(middle + 19)
}).map((target) => target.textContent)`

/** Where the figures, the parts and the rows of Now stand. */
const PLACES = `[...document.querySelectorAll('.read > *, .flow > svg, main h2, .circ tr, .sums')].map((element) => {
  const { x, y, width, height } = element.getBoundingClientRect()
  return [x, y, width, height].map(Math.round).join(' ')
})`

/** Drawings that reach over the window; what scrolls in a box of its own may. */
const WIDE_DRAWINGS = `[...document.querySelectorAll('main svg, main canvas')]
  .filter((drawing) => !drawing.closest('.scroll'))
  .filter((drawing) => drawing.getBoundingClientRect().right > document.documentElement.clientWidth)
  .map(({ parentElement, outerHTML }) => parentElement.className + ' ' + outerHTML.slice(0, 80))`

/** Counts what the live region of the charts says from now on. */
const COUNT_WORDS = `(() => {
  const startMs = performance.now()
  let words = 0
  globalThis.spoken = () => ({ words, forMs: performance.now() - startMs })
  new MutationObserver(() => words++).observe(document.querySelector('.power-charts [role=status]'), {
    characterData: true, childList: true, subtree: true,
  })
})()`
