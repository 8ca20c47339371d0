import axe from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DeviceState } from '../../src/dashboard/api/answers.ts'
import { de } from '../../src/dashboard/text/de.ts'
import { en } from '../../src/dashboard/text/en.ts'
import { DEVICES, STATUS } from './fake-answers.ts'
import { startFakeDaemon, type FakeDaemon } from './fake-daemon.ts'
import { CHROMIUM, openBrowser, openPage } from './open-browser.ts'
import { untilQuiet } from './until-quiet.ts'

const VIEWS = ['now', 'power', 'energy', 'bills', 'coverage', 'devices'] as const
const WIDTHS = [390, 768, 1024, 1440]
const PICTURES = process.env['PICTURES']
const isLong = process.env['LONG'] !== undefined
const LONG = 'The_heat_pump_of_the_guest_house_behind_the_old_apple_orchard'

type Body = Readonly<Record<string, unknown>>

interface Case {
  readonly language?: 'en' | 'de'
  readonly devices?: readonly DeviceState[]
  /** What becomes of an answer. */
  readonly change?: (body: Body, path: string) => unknown
}

const four = [...DEVICES, ...DEVICES.map((device, index) => ({ ...device, name: `iwatt${7 + index}` }))]
const long = (name: string) => name.replace(/^(Furnace|Fridge|Heating and cooling|iwatt6)$/, `${LONG} $1`)

/** Every string that is a complete name. */
function renamed(value: unknown): unknown {
  if (typeof value === 'string') return long(value)
  if (Array.isArray(value)) return value.map(renamed)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [long(key), renamed(inner)]))
}

const KEPT = new Set(['missing', 'missingMinutes', 'lackingMinutes', 'startsMs', 'runs', 'wallHours'])

/** Every figure, made so small. */
function scaled(value: unknown, by: number, key = ''): unknown {
  if (typeof value === 'number') return key.endsWith('Ms') ? value : value * by
  if (KEPT.has(key) || typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((inner) => scaled(inner, by, key))
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, scaled(inner, by, name)]))
}

const FIGURES = /\/(?:now|power|energy|consumers|hours)$/
const CASES: Readonly<Record<string, Case>> = {
  'a house of two devices': {},
  'a house of two devices, in German': { language: 'de' },
  'a house of four devices': { devices: four },
  'long names': { change: (body) => renamed(body) },
  'less than 200 W': { change: (body, path) => (FIGURES.test(path) ? scaled(body, 0.03) : body) },
  'circuits of more than the house': {
    change: (body, path) =>
      path.endsWith('/now') ? { ...body, channels: { ...(body['channels'] as Body), Dryer: 2400 } } : body,
  },
}

describe.skipIf(CHROMIUM === undefined)('the layout of', () => {
  let daemon: FakeDaemon
  let browser: Browser
  beforeAll(async () => {
    daemon = await startFakeDaemon()
    browser = await openBrowser()
  })
  afterAll(async () => {
    await browser.close()
    await daemon.close()
  })

  async function open({ devices = DEVICES, language = 'en', change }: Case, width: number): Promise<Page> {
    daemon.state.status = { ...STATUS, devices }
    const viewport = { width, height: 950 }
    const page = await openPage(browser, { viewport, locale: language, timezoneId: 'America/New_York' })
    if (change)
      await page.route(/\/api\/v1\/(?!events|jobs)/, async (route) => {
        const response = await route.fetch()
        const { pathname } = new URL(route.request().url())
        await route.fulfill({ response, json: change((await response.json()) as Body, pathname) })
      })
    return page
  }

  /** To load the page anew for each view takes most of the time, and changes nothing of the layout. */
  async function show(page: Page, view: (typeof VIEWS)[number], { views } = en): Promise<void> {
    const index = VIEWS.indexOf(view)
    if (isLong || index === 0) await page.goto(`${daemon.url}/${view}`)
    else await page.keyboard.press(String(index + 1))
    await page.locator(`main > section[aria-label^="${views[view]}"]`).waitFor()
    await page.waitForLoadState('load')
    await expect.poll(() => page.evaluate(IS_DRAWN), { interval: 50 }).toBe(true)
    await untilQuiet(page)
  }

  describe.each(Object.keys(CASES))('%s', (name) => {
    const { devices, change, language } = CASES[name]!
    const isPlain = devices === undefined && change === undefined
    it.each(isLong ? WIDTHS : isPlain ? [390, 768, 1440] : [390])(
      'at %i px: nothing is wider than the page or lies over anything else',
      async (width) => {
        const page = await open(CASES[name]!, width)
        for (const view of VIEWS) {
          await show(page, view, language === 'de' ? de : en)
          if (PICTURES !== undefined)
            await page.screenshot({ path: `${PICTURES}/${name}-${view}-${width}.png`, fullPage: true })
          const found = await page.evaluate<Found>(LOOK)
          expect({ view, ...found }).toEqual({ view, ...NOTHING })
        }
        await page.unrouteAll({ behavior: 'ignoreErrors' })
        await page.context().close()
      },
    )
  })

  it.each(isLong ? [390, 1440] : [390])('a house of four devices is for everybody, at %i px', async (width) => {
    const page = await open({ devices: four }, width)
    for (const view of VIEWS) {
      await show(page, view)
      if (await page.evaluate('typeof axe === "undefined"')) await page.evaluate(axe.source)
      const { violations } = await page.evaluate<axe.AxeResults>(`axe.run(document, { resultTypes: ['violations'] })`)
      expect([view, violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)]).toEqual([view, []])
    }
    await page.context().close()
  })
})

interface Found {
  readonly sideways: number
  readonly overlaps: readonly string[]
  readonly ticks: readonly string[]
  readonly outside: readonly string[]
  readonly cut: readonly string[]
  readonly indented: readonly string[]
  readonly short: readonly number[]
}

const NOTHING: Found = { sideways: 0, overlaps: [], ticks: [], outside: [], cut: [], indented: [], short: [] }

/** Drawings follow their box: what they are drawn for is how wide it is. */
const IS_DRAWN = `[...document.querySelectorAll('main svg[viewBox]')].length > 0 || location.pathname === '/devices'`

/**
 * How far the page is too wide, words of drawings that lie over each other, axes that say the same twice, words that
 * reach out of their drawing, names that are cut, rows of figures that begin with the border of a column, and bars of the
 * flow that do not reach as far as their words.
 */
const LOOK = `(() => {
  const boxes = (svg) => [...svg.querySelectorAll('text')].map((text) => ({ text: text.querySelector('tspan')?.textContent ?? text.textContent, box: text.getBoundingClientRect() })).filter(({ box }) => box.width > 0)
  const overlaps = [...document.querySelectorAll('svg')].flatMap((svg) => {
    const all = boxes(svg)
    return all.flatMap((a, index) => all.slice(index + 1).flatMap((b) => {
      const width = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left)
      const height = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top)
      return width > 1 && height > 4 ? [a.text + ' / ' + b.text] : []
    }))
  })
  const ticks = [...document.querySelectorAll('svg')].flatMap((svg) => {
    const marks = [...svg.querySelectorAll('g > line + text[text-anchor=end]')].map(({ textContent }) => textContent.replace(/ kWh| kW| W/, ''))
    return marks.filter((mark, index) => marks.indexOf(mark) !== index)
  })
  const outside = [...document.querySelectorAll('main svg')].flatMap((svg) => {
    const { left, right } = svg.getBoundingClientRect()
    return boxes(svg).filter(({ box }) => box.right > right + 8 || box.left < left - 8).map(({ text }) => text)
  })
  const isCut = (element) => getComputedStyle(element).textOverflow === 'ellipsis' && element.scrollWidth > element.clientWidth + 1
  const cut = [...document.querySelectorAll('main *')].filter(isCut).map(({ textContent }) => textContent)
  const indented = [...document.querySelectorAll('.reads')].flatMap((reads) => {
    const all = [...reads.querySelectorAll('.read')]
    const left = Math.min(...all.map((read) => read.getBoundingClientRect().left))
    return all.filter((read) => read.getBoundingClientRect().left - left < 1 && (parseFloat(getComputedStyle(read).borderLeftWidth) > 0 || parseFloat(getComputedStyle(read).paddingLeft) > 0)).map(({ textContent }) => textContent)
  })
  const short = [...document.querySelectorAll('.flow svg')].flatMap((svg) => {
    const bars = [...svg.querySelectorAll('rect.band[fill="var(--ink)"], rect.band[fill="var(--export-line)"]')]
    const ends = bars.map((bar) => bar.getBoundingClientRect()).filter(({ width, height }) => width > height)
    if (ends.length === 0) return []
    const missing = Math.round(svg.getBoundingClientRect().right - Math.max(...ends.map(({ right }) => right)))
    return missing > 1 ? [missing] : []
  })
  const { scrollWidth, clientWidth } = document.documentElement
  return { sideways: scrollWidth - clientWidth, overlaps, ticks, outside, cut, indented, short }
})()`
