import { chromium, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from 'playwright-core'
import { findChromium } from '../../scripts/chromium.mjs'
import { watchPage } from './until-quiet.ts'

const PATIENCE_MS = 300_000

/** Where it is undefined, those who need it report it themselves. */
export const CHROMIUM = await findChromium()

/**
 * An address for documentation, which this browser alone finds here: to it, unlike 127.0.0.1, it is no secure context, so
 * that it sends the headers that it sends in a network.
 */
export const LAN_ADDRESS = '198.51.100.7'

export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    timeout: PATIENCE_MS,
    ...(CHROMIUM !== undefined && { executablePath: CHROMIUM }),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      `--host-resolver-rules=MAP ${LAN_ADDRESS} 127.0.0.1`,
    ],
  })
}

/** A profile of its own. How long it is waited for ends a hung test alone, however busy the machine is. */
export async function openProfile(browser: Browser, options: BrowserContextOptions): Promise<BrowserContext> {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 950 },
    // It would answer for a daemon that has ended.
    serviceWorkers: 'block',
    ...options,
  })
  context.setDefaultTimeout(PATIENCE_MS)
  return context
}

export async function openPage(browser: Browser, options: BrowserContextOptions): Promise<Page> {
  const page = await (await openProfile(browser, options)).newPage()
  await watchPage(page)
  return page
}
