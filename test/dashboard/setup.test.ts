import axe from 'axe-core'
import { mkdir } from 'node:fs/promises'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { setup as setupShape, setupPreview } from '../../src/api/setup.ts'
import type { LiveReadings } from '../../src/dashboard/api/answers.ts'
import type { HouseEditor } from '../../src/model/house-editor.ts'
import { DAY_MS } from '../../src/model/time-window.ts'
import { editedHouse } from '../edited-house.ts'
import { houseOf, memoryStore, seriesOf } from '../stored-house.ts'
import { NOW_MS } from './fake-answers.ts'
import { type FakeDaemon, startFakeDaemon } from './fake-daemon.ts'
import { UNTIL_MS } from './fake-house.ts'
import { CHROMIUM, openBrowser, openPage } from './open-browser.ts'
import { untilQuiet } from './until-quiet.ts'

const PICTURES = process.env['PICTURES']
const TEXT = `# my house
devices:
  - name: iwatt5 # cellar
    url: http://iwatt5.local
`
const WATTS = { Mains_1: 900, Mains_2: 800, SolarA_1: 1300, Dryer_1: 300, Dryer_2: 310, Fridge: 90, Rcpt_3: 45 }

type Edited = Awaited<ReturnType<typeof editedHouse>>

describe.skipIf(CHROMIUM === undefined)('setting up the house in the page', () => {
  let daemon: FakeDaemon
  let browser: Browser
  let edited: Edited
  const problems: string[] = []
  beforeAll(async () => {
    daemon = await startFakeDaemon()
    browser = await openBrowser()
    if (PICTURES !== undefined) await mkdir(PICTURES, { recursive: true })
  })
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close()
    daemon.posted.length = 0
    await edited.close()
    const found = problems.splice(0)
    if (found.length > 0) throw new Error(found.join('\n'))
  })
  afterAll(async () => {
    await browser.close()
    await daemon.close()
  })

  /** A real editor on a real file, whose daemon ends its streams to start again. */
  async function edit(text = TEXT, more: Partial<Parameters<typeof editedHouse>[0]['more']> = {}): Promise<Edited> {
    const memory = memoryStore()
    const series = Object.keys(WATTS).map((name) => seriesOf(name))
    const expected = { fromMs: UNTIL_MS - DAY_MS, untilMs: UNTIL_MS }
    series.forEach((labels, index) => memory.put(labels, expected, Object.values(WATTS)[index] ?? 0))
    const { history: view } = houseOf({ store: memory.store, series, expected, nowMs: NOW_MS })
    edited = await editedHouse({ text, view, nowMs: NOW_MS, more: { reload: () => daemon.endStreams(), ...more } })
    return edited
  }

  /** What the page is answered is what the contract says. */
  const parsed = ({ editor }: Edited, isInUse = true): HouseEditor => ({
    ...editor,
    show: async (signal) => setupShape.parse({ ...(await editor.show(signal)), isInUse }),
    preview: async (request, signal) => setupPreview.parse(await editor.preview(request, signal)),
  })

  async function open(path = '/setup', options: BrowserContextOptions = {}): Promise<Page> {
    const page = await openPage(browser, { timezoneId: 'America/New_York', ...options })
    page.on('pageerror', (error) => problems.push(error.message))
    await page.goto(daemon.url + path, { waitUntil: 'load' })
    await untilQuiet(page)
    return page
  }

  /** Moves on with the keyboard, until it is there. */
  async function tabTo(page: Page, name: string, key = 'Tab'): Promise<void> {
    for (let stop = 0; stop < 90; stop++) {
      await page.keyboard.press(key)
      if ((await page.evaluate<string>(NAME_OF_FOCUS)) === name) return
    }
    expect.unreachable(`the keyboard does not come to ${name}`)
  }

  async function violations(page: Page): Promise<readonly string[]> {
    await page.evaluate(axe.source)
    const { violations: found } = await page.evaluate<axe.AxeResults>(
      `axe.run(document, { resultTypes: ['violations'] })`,
    )
    return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
  }

  it('the keyboard alone sets up a house, and the file has exactly its lines', async () => {
    daemon.state.editor = parsed(await edit())
    daemon.state.patches = { '/api/v1/house': { isConfigured: false } }
    const page = await open('/now')
    daemon.state.patches = {}
    await tabTo(page, 'Set up the house')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Save' }).waitFor()
    await tabTo(page, 'Name of Rcpt_3')
    await page.keyboard.type('Desk')
    await tabTo(page, 'Add a group')
    await page.keyboard.press('Enter')
    await expect.poll(() => page.evaluate(NAME_OF_FOCUS)).toBe('Name of group 2')
    await page.keyboard.type('Cold')
    await tabTo(page, 'Group of Fridge', 'Shift+Tab')
    await page.keyboard.type('Cold')
    await tabTo(page, 'Colour of Cold')
    await page.keyboard.type('Blue')
    await page.keyboard.press('Tab')
    await tabTo(page, 'Save')
    await untilQuiet(page)
    await page.keyboard.press('Enter')
    await expect
      .poll(() => page.getByRole('status').allTextContents())
      .toContainEqual(expect.stringMatching(/is set up/))
    expect(await edited.read()).toBe(`${TEXT}
house:
  timezone: America/New_York
  mains: [Mains_1, Mains_2]
  solar: [SolarA_1]
  groups: { Dryer: [Dryer_1, Dryer_2], Cold: [Fridge] }
  names: { Rcpt_3: Desk }
  colours: { Cold: blue }
`)
    await tabTo(page, 'See it on Now')
    await page.keyboard.press('Enter')
    await page.locator('main > section[aria-label="Now"]').waitFor()
  })

  it('a price by hours is set up, with its mistakes at their fields, and nothing else changes', async () => {
    daemon.state.editor = parsed(await edit(`${TEXT}house: { mains: [Mains_1] }\ncurrency: EUR   # ours\n`))
    const page = await open('/setup?part=money')
    await page.getByRole('button', { name: 'Add a tariff' }).click()
    await page.getByLabel('Price per kWh of price 1 of One price').fill('0,31')
    await page.getByRole('button', { name: 'Add a price' }).click()
    await page.getByLabel('Name of price 2 of One price').fill('Night')
    await page.getByLabel('Price per kWh of price 2 of One price').fill('0.2')
    await page.getByLabel('Hours of price 2 of One price').fill('22-25')
    await expect.poll(() => page.getByLabel('Hours of price 2 of One price').getAttribute('aria-invalid')).toBe('true')
    expect(await violations(page)).toEqual([])
    await page.getByLabel('Hours of price 2 of One price').fill('22-06')
    await page.getByLabel('Tax of One price').fill('19')
    const weekday = page.getByRole('row', { name: 'Weekday' }).getByRole('img')
    await expect
      .poll(() => weekday.getAttribute('aria-label'))
      .toBe('00:00–06:00 Night €0.20, 06:00–22:00 €0.31, 22:00–24:00 Night €0.20')
    expect(await violations(page)).toEqual([])
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('The house is set up').waitFor()
    expect(await edited.read()).toBe(`${TEXT}house: { mains: [Mains_1] }
currency: EUR   # ours

tariffs:
  - name: One price
    import:
      - { price: 0.31 }
      - { name: Night, price: 0.2, hours: 22-06 }
    tax: 19%
`)
  })

  it('lines that cannot be saved are there to be pasted', async () => {
    await edit(TEXT, { isDemo: true })
    daemon.state.editor = parsed(edited)
    const page = await open()
    expect(await page.getByRole('button', { name: 'Save' }).count()).toBe(0)
    expect(await page.getByText('It cannot be saved from here: the demo has no').count()).toBe(1)
    const lines = page.getByLabel('Lines for the configuration file')
    await expect.poll(() => lines.inputValue()).toMatch(/^house:\n {2}timezone: America\/New_York\n/)
    await page.getByRole('button', { name: 'Copy', exact: true }).click()
    await expect.poll(() => page.getByText(/^(Copied|Selected: copy)/).count()).toBe(1)
  })

  it('a file that has changed meanwhile is refused, and what was chosen stays', async () => {
    daemon.state.editor = parsed(await edit())
    const page = await open()
    await page.getByLabel('Name of Fridge').fill('Cold one')
    await edited.write(`${TEXT}house: { mains: [Mains_1], names: { Rcpt_3: Desk } }\n`)
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('The file has changed meanwhile').waitFor()
    await expect.poll(() => page.getByLabel('Name of Rcpt_3').inputValue()).toBe('Desk')
    expect(await page.getByLabel('Name of Fridge').inputValue()).toBe('Cold one')
    expect(await page.getByLabel('Role of Mains_2').inputValue()).toBe('circuit')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('The house is set up').waitFor()
    expect(await edited.read()).toContain('house: { mains: [Mains_1], names: { Rcpt_3: Desk, Fridge: Cold one } }\n')
  })

  it('what is chosen stays while other views are shown, and the browser asks before it is lost', async () => {
    daemon.state.editor = parsed(await edit())
    const page = await open()
    await page.getByLabel('Name of Fridge').fill('Cold one')
    await page.getByText('Not saved yet').waitFor()
    await page.getByRole('link', { name: 'Devices' }).click()
    await page.locator('main > section[aria-label="Devices"]').waitFor()
    expect(await page.evaluate(MAY_LEAVE)).toBe(false)
    await page.goBack()
    await expect.poll(() => page.getByLabel('Name of Fridge').inputValue()).toBe('Cold one')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('The house is set up').waitFor()
    await expect.poll(() => page.evaluate(MAY_LEAVE)).toBe(true)
  })

  it('a daemon that does not take what was saved is named', async () => {
    daemon.state.editor = parsed(await edit(), false)
    const page = await open()
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('could not start with it').waitFor()
  })

  it('is for everybody, in every width, also where something is wrong or set by a variable', async () => {
    daemon.state.editor = parsed(
      await edit(`${TEXT}house: { names: { Fridge: Desk }, groups: { A: [Fridge] } }\n`, {
        env: { TZ: 'America/New_York', IOTAWATT_SYNC_HOUSE_TIMEZONE: 'Europe/Berlin' },
      }),
    )
    const page = await open()
    daemon.tellLive(LIVE)
    await expect.poll(() => page.getByRole('row', { name: 'Fridge' }).getByText('95').count()).toBe(1)
    expect(await page.getByText('Set by IOTAWATT_SYNC_HOUSE_TIMEZONE').count()).toBe(1)
    const answered = page.waitForResponse(/setup\/preview/)
    await page.getByLabel('Name of Rcpt_3').fill('Desk')
    await answered
    await expect.poll(() => page.locator('[aria-invalid="true"]').count()).toBe(1)
    for (const [width, colorScheme] of [
      [320, 'dark'],
      [768, 'light'],
      [1440, 'dark'],
    ] as const) {
      await page.setViewportSize({ width, height: 900 })
      await page.emulateMedia({ colorScheme })
      await untilQuiet(page)
      expect(await violations(page)).toEqual([])
      expect(await page.evaluate(SIDEWAYS)).toBe(0)
    }
  })

  it.runIf(PICTURES !== undefined)('has pictures', async () => {
    for (const [name, text, options] of [
      ['new', TEXT, {}],
      ['demo', TEXT, { isDemo: true }],
      ['wrong', `${TEXT}house: { names: { Fridge: Desk }, groups: { A: [Fridge] } }\n`, {}],
    ] as const)
      for (const locale of ['en', 'de'])
        for (const width of [390, 768, 1440])
          for (const colorScheme of ['light', 'dark'] as const) {
            daemon.state.editor = parsed(await edit(text, options))
            const page = await open('/setup', { locale, colorScheme, viewport: { width, height: 900 } })
            if (name === 'wrong') await page.locator('.setup-channels input').last().fill('Desk')
            daemon.tellLive(LIVE)
            await page.waitForTimeout(700)
            await page.screenshot({ path: `${PICTURES}/${name}-${locale}-${width}-${colorScheme}.png`, fullPage: true })
            await page.context().close()
            await edited.close()
          }
  })
})

const LIVE: LiveReadings = {
  intervalMs: 5_000,
  watts: { house: null, solar: null, used: null, fromGrid: null, toGrid: null, unmetered: null },
  devices: [{ name: 'iwatt5', atMs: NOW_MS, channels: { ...WATTS, Fridge: 95 } }],
}
const SIDEWAYS = 'document.documentElement.scrollWidth - document.documentElement.clientWidth'

const MAY_LEAVE = `dispatchEvent(new Event('beforeunload', { cancelable: true }))`

const NAME_OF_FOCUS = `document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent.trim()`
