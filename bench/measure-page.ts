import type { Browser, Page } from 'playwright-core'
import { openBrowser } from '../test/dashboard/open-browser.ts'

const LIMIT_MS = 1_000
/** Of the first view of a year. */
const LIMIT_YEAR_MS = 500
const LIMIT_BYTES = 120_000
/** As many frames as an empty page draws in the same time, but for what a busy machine loses. */
const LEAST_FRAMES = 0.9
const HOUR_OF_READINGS = 720
const LIMIT_GROWTH_BYTES = 1_000_000
const TIMES = 10

/** What stands on the page once the figures and charts of a view are drawn. */
const DRAWN: Readonly<Record<string, string>> = {
  '/now': `/\\d/.test(text('.eq .n')) && /\\d/.test(text('.circ tfoot .num')) && all('.flow svg').length > 0`,
  '/power': `/\\d/.test(text('.readout .t')) && all('.overview rect').length > 1 && all('canvas').length === 3`,
  '/energy': `/\\d/.test(text('.six .n')) && all('.bars rect').length > 1 && all('.consumers tbody tr').length > 1 && all('.cells rect').length > 1`,
}
/** What the line about the points says when the answer of a zoom is drawn. */
const ZOOMS = { month: '30-minute means', day: '1-minute means, as stored' }

/** Notes the time when something stands on the page, after the frame that shows it. */
const WATCH = `globalThis.watch = (condition) => new Promise((done) => {
  const all = (selector) => document.querySelectorAll(selector)
  const text = (selector) => document.querySelector(selector)?.textContent ?? ''
  const isThere = new Function('all', 'text', 'return ' + condition)
  const look = () => isThere(all, text)
    ? requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now())))
    : requestAnimationFrame(look)
  look()
})`

/** Of the page in a browser; `publishLive` has the devices read once more. */
export async function measurePage(url: string, publishLive: () => void): Promise<readonly boolean[]> {
  const browser = await openBrowser()
  try {
    const verdicts: boolean[] = []
    for (const view of Object.keys(DRAWN)) verdicts.push(await measureView(browser, url + view, DRAWN[view] ?? ''))
    verdicts.push(await measureView(browser, `${url}/energy?span=year`, DRAWN['/energy'] ?? '', LIMIT_YEAR_MS))
    verdicts.push(...(await measureZooms(browser, url)))
    verdicts.push(await weigh(browser, url))
    for (const view of [...Object.keys(DRAWN), '/coverage', '/devices'])
      verdicts.push(await measureShift(browser, url + view, publishLive))
    verdicts.push(await measureFrames(browser, url))
    verdicts.push(await measureHeap(browser, url, publishLive))
    return verdicts
  } finally {
    await browser.close()
  }
}

async function openCold(browser: Browser): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 950 } })
  const page = await context.newPage()
  await page.addInitScript(WATCH)
  return page
}

const drawnMs = (page: Page, condition: string): Promise<number> =>
  page.evaluate<number>(`watch(${JSON.stringify(condition)})`)

async function measureView(browser: Browser, url: string, drawn: string, limitMs = LIMIT_MS): Promise<boolean> {
  const times: number[] = []
  for (let time = 0; time < TIMES; time++) {
    const page = await openCold(browser)
    await page.goto(url, { waitUntil: 'commit' })
    times.push(await drawnMs(page, drawn))
    await page.context().close()
  }
  const { pathname, search } = new URL(url)
  return judge(`first view of ${pathname}${search}`, times, limitMs)
}

async function measureZooms(browser: Browser, url: string): Promise<readonly boolean[]> {
  const times: Record<keyof typeof ZOOMS, number[]> = { month: [], day: [] }
  for (let time = 0; time < TIMES; time++) {
    const page = await openCold(browser)
    await page.goto(`${url}/power?range=1y`)
    await drawnMs(page, DRAWN['/power'] ?? '')
    times.month.push(await zoom(page, { share: 1 / 13, points: ZOOMS.month }))
    times.day.push(await zoom(page, { share: 1 / 30, points: ZOOMS.day }))
    await page.context().close()
  }
  return [judge('zoom from a year to a month', times.month), judge('zoom from there to a day', times.day)]
}

/** Drags a part of the first chart, and waits until its points are drawn. */
async function zoom(page: Page, { share, points }: { share: number; points: string }): Promise<number> {
  const box = await page.locator('.power-charts .canvas').first().boundingBox()
  if (box === null) throw new Error('there is no chart')
  const fromX = box.x + box.width / 2
  await page.mouse.move(fromX, box.y + 60)
  await page.mouse.down()
  await page.mouse.move(fromX + box.width * share, box.y + 60, { steps: 3 })
  const startedMs = await page.evaluate<number>('performance.now()')
  await page.mouse.up()
  return (await drawnMs(page, `text('.tools > .dim') === ${JSON.stringify(points)}`)) - startedMs
}

async function weigh(browser: Browser, url: string): Promise<boolean> {
  const page = await openCold(browser)
  const network = await page.context().newCDPSession(page)
  const bytes = { page: 0, answers: 0 }
  const ofApi = new Set<string>()
  network.on('Network.requestWillBeSent', ({ requestId, request }) => {
    if (new URL(request.url).pathname.startsWith('/api/')) ofApi.add(requestId)
  })
  network.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    bytes[ofApi.has(requestId) ? 'answers' : 'page'] += encodedDataLength
  })
  await network.send('Network.enable')
  await page.goto(`${url}/now`)
  await drawnMs(page, DRAWN['/now'] ?? '')
  await page.context().close()
  const isGood = bytes.page > 0 && bytes.page < LIMIT_BYTES
  console.log(
    `${isGood ? 'ok' : 'TOO HEAVY'}: the page weighs ${bytes.page} bytes over the wire; the answers of /now ${bytes.answers}`,
  )
  return isGood
}

const PAUSE_MS = 20
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** How far parts of a view move while it is drawn, and while it is read live. */
async function measureShift(browser: Browser, url: string, publishLive: () => void): Promise<boolean> {
  const page = await openCold(browser)
  await page.addInitScript(SHIFTS)
  await page.goto(url)
  await page.waitForLoadState('networkidle', { timeout: 3_000 }).catch(() => undefined)
  for (let time = 0; time < 20; time++) {
    publishLive()
    await pause(5 * PAUSE_MS)
  }
  const shifts = await page.evaluate<readonly string[]>('shifts')
  await page.context().close()
  const isGood = shifts.length === 0
  console.log(`${isGood ? 'ok' : 'MOVES'}: ${new URL(url).pathname} moves: ${isGood ? 'nothing' : shifts.join('; ')}`)
  return isGood
}

const SHIFTS = `globalThis.shifts = []
new PerformanceObserver((list) => {
  for (const { value, hadRecentInput, sources } of list.getEntries())
    if (!hadRecentInput) shifts.push(value.toFixed(4) + ' ' + sources.map(({ node }) => node?.className || node?.nodeName).join(' '))
}).observe({ type: 'layout-shift', buffered: true })`

/** Frames while the frame of the overview of a year is dragged, beside those of an empty page. */
async function measureFrames(browser: Browser, url: string): Promise<boolean> {
  const page = await openCold(browser)
  await page.goto(`${url}/icon.svg`)
  const empty = await page.evaluate<number>(`(${FRAMES})(() => undefined)`)
  await page.goto(`${url}/power?range=30d`)
  await drawnMs(page, DRAWN['/power'] ?? '')
  const dragged = await page.evaluate<number>(`(${FRAMES})(${DRAG})`)
  await page.context().close()
  const isGood = dragged >= LEAST_FRAMES * empty
  console.log(
    `${isGood ? 'ok' : 'JERKS'}: ${dragged.toFixed(0)} frames a second while panning; an empty page has ${empty.toFixed(0)}`,
  )
  return isGood
}

/** Frames a second over two seconds, with something done in each. */
const FRAMES = `async (act) => {
  const fromMs = performance.now()
  let frames = 0
  while (performance.now() - fromMs < 2000) {
    await new Promise((done) => requestAnimationFrame(done))
    act(frames++)
  }
  return (frames * 1000) / (performance.now() - fromMs)
}`
/** There and back, by the pointer that has taken hold of the frame. */
const DRAG = `(frame) => {
  const overview = document.querySelector('.overview')
  const { left, top, width } = overview.getBoundingClientRect()
  const held = globalThis.held ??= [...overview.querySelectorAll('rect')].at(-1).getBoundingClientRect()
  overview.setPointerCapture = () => undefined
  const at = held.left + held.width / 2 - width * 0.4 * Math.abs(Math.sin(frame / 40))
  const options = { bubbles: true, clientX: at, clientY: top + 20, pointerId: 1 }
  overview.dispatchEvent(new PointerEvent(frame === 0 ? 'pointerdown' : 'pointermove', options))
}`

/** What an hour of live readings leaves in the memory of Now. */
async function measureHeap(browser: Browser, url: string, publishLive: () => void): Promise<boolean> {
  const page = await openCold(browser)
  const devtools = await page.context().newCDPSession(page)
  const heap = async () => {
    await devtools.send('HeapProfiler.collectGarbage')
    return (await devtools.send('Runtime.getHeapUsage')).usedSize
  }
  const read = async (times: number) => {
    for (let time = 0; time < times; time++) {
      publishLive()
      await pause(PAUSE_MS)
    }
    await pause(1_000)
    return heap()
  }
  await page.goto(`${url}/now`)
  await drawnMs(page, DRAWN['/now'] ?? '')
  const begun = await read(60)
  const ended = await read(HOUR_OF_READINGS)
  await page.context().close()
  const isGood = ended - begun < LIMIT_GROWTH_BYTES
  const kilobytes = (bytes: number) => `${(bytes / 1000).toFixed(0)} kB`
  console.log(
    `${isGood ? 'ok' : 'GROWS'}: ${kilobytes(begun)} of memory, ${kilobytes(ended)} after an hour of live readings`,
  )
  return isGood
}

function judge(name: string, times: readonly number[], limitMs = LIMIT_MS): boolean {
  const sorted = times.toSorted((a, b) => a - b)
  const median = sorted[Math.floor(times.length / 2)] ?? 0
  const isGood = median < limitMs
  console.log(
    `${isGood ? 'ok' : 'TOO SLOW'}: ${name}: median ${median.toFixed(0)} ms, ${sorted[0]?.toFixed(0)} to ${sorted.at(-1)?.toFixed(0)} ms`,
  )
  return isGood
}
