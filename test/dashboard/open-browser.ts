import { chromium, type Browser } from 'playwright-core'
import { findChromium } from '../../scripts/chromium.mjs'

/** Where it is undefined, those who need it say so themselves. */
export const CHROMIUM = await findChromium({ log: () => {} })

/**
 * An address for documentation, which this browser alone finds here: to it, unlike 127.0.0.1, it is no secure context, so
 * that it sends the headers that it sends in a network.
 */
export const LAN_ADDRESS = '198.51.100.7'

export function openBrowser(): Promise<Browser> {
  return chromium.launch({
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
