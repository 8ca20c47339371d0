import type { Page } from 'playwright-core'
import { expect } from 'vitest'

/** Has to be called before a page is opened that `untilQuiet` waits for. */
export async function watchPage(page: Page): Promise<void> {
  await page.addInitScript(WATCH)
}

/** Waits until nothing is asked for, and nothing changes any more. */
export async function untilQuiet(page: Page): Promise<void> {
  await expect.poll(() => page.evaluate(IS_QUIET), { interval: 10 }).toBe(true)
}

/** Counts changes, and answers that are not complete yet: a fetch that has resolved may still be reading. */
const WATCH = `window.pending = 0
window.changes = 0
new MutationObserver(() => window.changes++).observe(document, {
  attributes: true, characterData: true, childList: true, subtree: true,
})
const ask = window.fetch
window.fetch = async (...asked) => {
  window.pending++
  try {
    const answer = await ask(...asked)
    await answer.clone().arrayBuffer()
    return answer
  } finally {
    window.pending--
  }
}`

const IS_QUIET = `(async () => {
  const before = changes
  for (let frame = 0; frame < 3; frame++) {
    await new Promise((done) => requestAnimationFrame(done))
    await new Promise((done) => setTimeout(done))
  }
  const isKnown = document.querySelector('.name span')?.textContent !== '' && !document.querySelector('.waiting')
  return isKnown && pending === 0 && changes === before
})()`
