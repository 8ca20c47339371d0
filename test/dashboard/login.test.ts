import axe from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startFakeDaemon, type FakeDaemon } from './fake-daemon.ts'
import { CHROMIUM, LAN_ADDRESS, openBrowser, openPage, openProfile } from './open-browser.ts'
import { untilQuiet } from './until-quiet.ts'
import { startProxy, type Proxy, type ProxyOptions } from './start-proxy.ts'

const LONG = process.env['LONG'] !== undefined
const TOKEN = 'correct-horse-battery'
const ASKED = 'power?from=2026-03-27T09:00-04:00&to=2026-03-27T12:00-04:00'

describe.skipIf(CHROMIUM === undefined)('a browser on another machine', () => {
  let daemon: FakeDaemon
  let browser: Browser
  const proxies: Proxy[] = []
  const problems: string[] = []
  beforeAll(async () => {
    daemon = await startFakeDaemon({ token: TOKEN })
    browser = await openBrowser()
  })
  afterAll(async () => {
    await browser.close()
    await daemon.close()
  })
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close()
    for (const proxy of proxies.splice(0)) await proxy.close()
    const found = problems.splice(0)
    if (found.length > 0) throw new Error(found.join('\n'))
  })

  const port = () => Number(new URL(daemon.url).port)

  async function openTab(): Promise<Page> {
    const page = await openPage(browser, { timezoneId: 'America/New_York' })
    page.on('pageerror', (error) => problems.push(error.message))
    page.on('console', (message) => {
      const isExpected = /Failed to load resource|Cross-Origin-Opener-Policy/.test(message.text())
      if (message.type() === 'error' && !isExpected) problems.push(message.text())
    })
    return page
  }

  async function giveToken(page: Page, token: string): Promise<void> {
    await page.getByLabel('Token').fill(token)
    await page.getByRole('button', { name: 'Log in' }).click()
  }

  const isLive = (page: Page) => page.getByRole('heading', { name: 'Overview' }).waitFor()

  it('sends what browsers send in a network, and not what they send to themselves', async () => {
    const page = await openTab()
    await page.goto(`http://${LAN_ADDRESS}:${port()}/login`)
    expect(await page.evaluate('isSecureContext')).toBe(false)
  })

  it.each([
    ['by its address', LAN_ADDRESS],
    ['on the machine itself', '127.0.0.1'],
    ['by name on the machine itself', 'localhost'],
  ])('logs in %s, comes back to what it asked for, and logs out', async (_, host) => {
    const page = await openTab()
    const root = `http://${host}:${port()}/`
    await page.goto(root + ASKED)
    await expect.poll(() => page.url()).toMatch(/\/login\?next=power/)
    await giveToken(page, TOKEN)
    await page.waitForURL(root + ASKED)
    await isLive(page)
    const [cookie] = await page.context().cookies()
    await page.getByRole('button', { name: 'Log out' }).click()
    await page.waitForURL(`${root}login`)
    expect(await page.context().cookies()).toEqual([])
    // Whoever has a copy of the cookie is logged out as well.
    const headers = { cookie: `${cookie!.name}=${cookie!.value}` }
    expect((await fetch(`${daemon.url}/api/v1/status`, { headers })).status).toBe(401)
    await page.goto(root)
    await expect.poll(() => page.url()).toBe(`${root}login`)
  })

  it('reports on the page that a token is wrong', async () => {
    const page = await openTab()
    await page.goto(`http://${LAN_ADDRESS}:${port()}/energy`)
    await giveToken(page, 'hunter2')
    await expect.poll(() => page.getByRole('alert').textContent()).toBe('This is not the token.')
    expect(await page.getByLabel('Token').getAttribute('aria-invalid')).toBe('true')
    await giveToken(page, TOKEN)
    await page.waitForURL(`http://${LAN_ADDRESS}:${port()}/energy`)
  })

  it('needs no script to log in', async () => {
    const context = await openProfile(browser, { javaScriptEnabled: false })
    const page = await context.newPage()
    await page.goto(`http://${LAN_ADDRESS}:${port()}/${ASKED}`)
    await giveToken(page, 'hunter2')
    expect(await page.getByRole('alert').textContent()).toBe('This is not the token.')
    await giveToken(page, TOKEN)
    await page.waitForURL(`http://${LAN_ADDRESS}:${port()}/${ASKED}`)
  })

  const foreign = [
    '/\\evil.example',
    'javascript:alert(1)',
    '//evil.example/',
    'https://evil.example/',
    './/evil.example',
  ]
  it.each(LONG ? foreign : foreign.slice(0, 2))('is not sent to %s after logging in', async (next) => {
    const page = await openTab()
    const root = `http://${LAN_ADDRESS}:${port()}/`
    await page.goto(`${root}login?next=${encodeURIComponent(next)}`)
    await giveToken(page, TOKEN)
    await page.waitForURL(root)
  })

  /** Power, as it is still shown when its session is over. */
  async function openPowerAfterSession() {
    const page = await openTab()
    const root = `http://${LAN_ADDRESS}:${port()}/`
    await page.goto(`${root}login?next=power`)
    await giveToken(page, TOKEN)
    await page.waitForURL(`${root}power`)
    // Else a question of this view, and not the click, is the first that is refused.
    await untilQuiet(page)
    await page.context().clearCookies()
    return { page, root }
  }

  it('is asked for the token when the session is over, and comes back', async () => {
    const { page, root } = await openPowerAfterSession()
    await page.getByRole('link', { name: 'Coverage' }).click()
    await page.waitForURL(`${root}login?next=coverage`)
    await giveToken(page, TOKEN)
    await page.waitForURL(`${root}coverage`)
  })

  it('logs out where the session is over already, and is asked for nothing but the token', async () => {
    const { page, root } = await openPowerAfterSession()
    await page.getByRole('button', { name: 'Log out' }).click()
    await expect.poll(() => page.url()).toMatch(/\/login/)
    expect(page.url()).toBe(`${root}login`)
  })

  it('that follows a link of another site is still logged in', async () => {
    const page = await openTab()
    const root = `http://${LAN_ADDRESS}:${port()}/`
    await page.goto(`${root}login`)
    await giveToken(page, TOKEN)
    await page.waitForURL(root)
    await page.goto(`data:text/html,<a href="${root}power">power</a>`)
    await page.getByRole('link').click()
    await page.waitForURL(`${root}power`)
  })

  it('logs in on a page that everybody can use, in the colours of the dashboard', async () => {
    const page = await openTab()
    for (const colorScheme of ['light', 'dark'] as const)
      for (const width of [320, 1440]) {
        await page.setViewportSize({ width, height: 800 })
        await page.emulateMedia({ colorScheme })
        await page.goto(`http://${LAN_ADDRESS}:${port()}/login`)
        await giveToken(page, 'hunter2')
        await expect.poll(() => page.getByRole('alert').textContent()).not.toBe('')
        // The policy of the page forbids scripts that are not its own, but not those of the debugger.
        await page.evaluate(axe.source)
        const { violations } = await page.evaluate<axe.AxeResults>(`axe.run(document, { resultTypes: ['violations'] })`)
        expect(violations.map(({ id }) => id)).toEqual([])
        const colour = await page.evaluate('getComputedStyle(document.body).backgroundColor')
        expect(colour).toBe(colorScheme === 'light' ? 'rgb(244, 246, 245)' : 'rgb(16, 20, 22)')
        const sideways = 'document.documentElement.scrollWidth - document.documentElement.clientWidth'
        expect(await page.evaluate(sideways)).toBe(0)
      }
  })

  const elsewhere: readonly (readonly [string, Partial<ProxyOptions>])[] = [
    ['that says nothing, and changes the host', { keepsHost: false }],
    [
      'of Home Assistant',
      { prefix: '/api/hassio_ingress/Zm9v', headers: { 'x-ingress-path': '/api/hassio_ingress/Zm9v' } },
    ],
    ['that says nothing', {}],
    ['that names its path', { headers: { 'x-forwarded-prefix': '/energy' } }],
  ]
  describe.each(LONG ? elsewhere : elsewhere.slice(0, 2))('behind a proxy %s', (_, options) => {
    async function openProxy(): Promise<{ root: string; proxy: Proxy }> {
      const prefix = options.prefix ?? '/energy'
      const proxy = await startProxy({ port: port(), ...options, prefix })
      proxies.push(proxy)
      return { root: `http://${LAN_ADDRESS}:${proxy.port}${prefix}/`, proxy }
    }

    it('logs in, goes from view to view, reloads, downloads, hears of changes, and logs out', async () => {
      const { root, proxy } = await openProxy()
      const page = await openTab()
      await page.goto(`${root}energy?span=day&date=2026-03-08`)
      await giveToken(page, TOKEN)
      await page.waitForURL(`${root}energy?span=day&date=2026-03-08`)
      await expect.poll(() => page.locator('.when').textContent()).toBe('Sun 8 Mar 2026')
      await page.getByRole('link', { name: 'Devices' }).click()
      await page.waitForURL(`${root}devices`)
      const asked = page.waitForResponse(`${root}api/v1/events`)
      await page.reload()
      expect((await asked).status()).toBe(200)
      await page.locator('main > section[aria-label="Devices"]').waitFor()
      await page.goto(root)
      await page.locator('main > section[aria-label="Now"]').waitFor()
      await page.getByRole('link', { name: 'Energy' }).click()
      const csv = page.getByRole('link', { name: 'CSV' })
      expect(await csv.evaluate((link) => 'href' in link && link.href)).toBe(`${root}api/v1/energy.csv?span=month`)
      await page.goto(`${root}coverage`)
      await page.locator('.gaps').getByRole('button', { name: 'Copy 47 min' }).click()
      await expect.poll(() => daemon.posted.length).toBe(1)
      daemon.posted.length = 0
      daemon.state.jobs = []
      await page.getByRole('button', { name: 'Log out' }).click()
      await page.waitForURL(`${root}login`)
      expect(await page.context().cookies()).toEqual([])
      expect(proxy.strays.filter((path) => path !== '/favicon.ico')).toEqual([])
    })

    it('keeps its session to its own path', async () => {
      const { root } = await openProxy()
      const page = await openTab()
      await page.goto(`${root}login`)
      await giveToken(page, TOKEN)
      await page.waitForURL(root)
      const [cookie] = await page.context().cookies()
      expect(`${cookie!.path}/`).toBe(new URL(root).pathname)
    })

    it.runIf(options.headers !== undefined)('may be asked without the slash at the end', async () => {
      const { root } = await openProxy()
      const page = await openTab()
      await page.goto(root.slice(0, -1))
      await giveToken(page, TOKEN)
      await page.waitForURL(root)
      await page.goto(root.slice(0, -1))
      await page.getByRole('link', { name: 'Power', exact: true }).click()
      await page.waitForURL(`${root}power`)
      await isLive(page)
    })
  })
})
