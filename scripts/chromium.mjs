// Finds Chromium, in which the tests look at the dashboard. It needs a hundred libraries, so it is not fetched: .ci/run installs it.
import { findOnPath } from './debian-package.mjs'

/** Its path, or undefined with the reason printed through `log`. */
export async function findChromium({ log = console.error } = {}) {
  const path = await findOnPath({
    programs: ['chromium', 'chromium-browser', 'google-chrome'],
    variable: 'CHROMIUM_BIN',
  })
  if (path === undefined) log('Chromium: not found on PATH; install it, or name the program in CHROMIUM_BIN')
  return path
}
