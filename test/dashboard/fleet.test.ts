import axe from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { COVERAGE, DEVICES, STATUS } from './fake-answers.ts'
import { startFakeDaemon, type FakeDaemon } from './fake-daemon.ts'
import { CHROMIUM, openBrowser, openPage } from './open-browser.ts'
import { untilQuiet } from './until-quiet.ts'
import { house } from './fake-house.ts'

const COUNT = 200
const MOST_NODES = 6000
const [, WELL] = DEVICES
const [DAYS] = COVERAGE.devices
const names = Array.from({ length: COUNT }, (_, index) => `unit${index}`)

describe.skipIf(CHROMIUM === undefined)('the page of two hundred devices', () => {
  let daemon: FakeDaemon
  let browser: Browser
  let page: Page
  beforeAll(async () => {
    daemon = await startFakeDaemon()
    browser = await openBrowser()
    page = await openPage(browser, { timezoneId: 'America/New_York' })
    const failure = { message: 'unit177 did not answer within 5 s', sinceMs: STATUS.nowMs }
    const devices = names.map((name) => ({
      ...WELL,
      name,
      missingMinutes: 0,
      ...(name === 'unit177' && { state: 'failing' as const, failure }),
    }))
    daemon.state.status = { ...STATUS, devices }
    const channels = names.flatMap((device) =>
      Array.from({ length: 14 }, (_, index) => ({
        ...house.channels.find(({ role }) => role === 'circuit')!,
        id: `${device}_${index}`,
        device,
      })),
    )
    const groups = [{ name: 'Others', channels: channels.map(({ id }) => id) }]
    daemon.state.patches = {
      '/api/v1/house': { channels, groups },
      '/api/v1/coverage': { devices: names.map((name) => ({ ...DAYS, name })), holes: [] },
    }
  })
  afterAll(async () => {
    await browser.close()
    await daemon.close()
  })

  async function open(path: string): Promise<void> {
    await page.goto(daemon.url + path, { waitUntil: 'load' })
    await untilQuiet(page)
  }
  const rows = () => page.locator('table.turned tbody th').allTextContents()

  it.each(['/now', '/coverage', '/devices'])('%s has few nodes and is for everybody', async (path) => {
    await open(path)
    expect(await page.evaluate('document.querySelectorAll("*").length')).toBeLessThan(MOST_NODES)
    await page.evaluate(axe.source)
    const { violations } = await page.evaluate<axe.AxeResults>('axe.run(document, { resultTypes: ["violations"] })')
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([])
  })

  it('shows first what needs attention, then 50 at a time', async () => {
    await open('/devices')
    expect((await rows()).slice(0, 3)).toEqual(['unit177', 'unit0', 'unit1'])
    await page.getByRole('button', { name: 'Show 50 more' }).click()
    // And the store.
    expect(await rows()).toHaveLength(101)
  })

  it('finds a device, and keeps in the address what is looked for', async () => {
    await open('/devices')
    await page.getByRole('searchbox').fill('unit19')
    await expect.poll(() => rows()).toEqual(['unit19', ...names.slice(190), 'Store'])
    expect(new URL(page.url()).searchParams.get('find')).toBe('unit19')
    await page.reload({ waitUntil: 'load' })
    await untilQuiet(page)
    expect(await rows()).toHaveLength(12)
  })
})
