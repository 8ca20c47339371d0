import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startFakeDaemon } from './fake-daemon.ts'
import { CHROMIUM, openBrowser, openProfile } from './open-browser.ts'

const TOKEN = 'correct-horse-battery'

describe.skipIf(CHROMIUM === undefined)('without the network', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await openBrowser()
  })
  afterAll(() => browser.close())

  it('the page opens with its last figures, until somebody logs out', async () => {
    const daemon = await startFakeDaemon({ token: TOKEN })
    const profile = await openProfile(browser, { serviceWorkers: 'allow' })
    const page = await profile.newPage()
    const logIn = async () => {
      await page.goto(`${daemon.url}/login?next=power`)
      await page.getByLabel('Token').fill(TOKEN)
      await page.getByRole('button', { name: 'Log in' }).click()
    }
    const overview = page.getByRole('heading', { name: 'Overview' })
    const kept = () => page.evaluate('caches.keys()')
    const restart = async () => {
      await daemon.close()
      await page.goto(`${daemon.url}/power`).catch(() => undefined)
    }
    await logIn()
    await overview.waitFor()
    await page.evaluate('navigator.serviceWorker.ready')
    await page.goto(`${daemon.url}/power`)
    await overview.waitFor()
    await page.getByText('13:39').first().waitFor()
    const figures = () => page.locator('.readout').innerText()
    const before = await figures()
    await page.getByRole('button', { name: 'Log out' }).click()
    await page.getByLabel('Token').waitFor()
    expect(await kept()).toEqual([])

    await logIn()
    await overview.waitFor()
    await page.goto(`${daemon.url}/power`)
    await overview.waitFor()
    await restart()
    await overview.waitFor()
    await expect.poll(figures).toBe(before)
    await expect
      .poll(() => page.locator('main > [role=status]').textContent())
      .toMatch(/^No connection: last figures, from .*\d\d:\d\d\./)
    expect(await page.locator('main.stale').count()).toBe(1)
    await profile.close()
  })
})
