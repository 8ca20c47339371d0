import type { Browser, Page } from 'playwright-core'
import { openBrowser } from '../test/dashboard/open-browser.ts'
import type { Row } from './rows.ts'

const LIMIT_MS = 1_000
/** Of the first view of a year. */
const LIMIT_YEAR_MS = 500
const LIMIT_BYTES = 120_000
/** As many frames as an empty page draws in the same time, but for what a busy machine loses. */
const LEAST_FRAMES = 0.9
const HOUR_OF_READINGS = 720
const LIMIT_GROWTH_BYTES = 1_000_000
/** Figures that take the place of dashes count as moved, though nothing else does. */
const LIMIT_SHIFT = 0.001
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
export async function* measurePage(url: string, publishLive: () => void): AsyncGenerator<Row> {
  const browser = await openBrowser()
  try {
    for (const view of Object.keys(DRAWN)) yield await measureView(browser, url + view, DRAWN[view] ?? '')
    yield await measureView(browser, `${url}/energy?span=year`, DRAWN['/energy'] ?? '', LIMIT_YEAR_MS)
    yield* await measureZooms(browser, url)
    yield await weigh(browser, url)
    for (const view of [...Object.keys(DRAWN), '/coverage', '/devices'])
      yield await measureShift(browser, url + view, publishLive)
    yield await measureFrames(browser, url)
    yield await measureHeap(browser, url, publishLive)
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

async function measureView(browser: Browser, url: string, drawn: string, limitMs = LIMIT_MS): Promise<Row> {
  const times: number[] = []
  for (let time = 0; time < TIMES; time++) {
    const page = await openCold(browser)
    await page.goto(url, { waitUntil: 'commit' })
    times.push(await drawnMs(page, drawn))
    await page.context().close()
  }
  const { pathname, search } = new URL(url)
  return { title: `first view of ${pathname}${search}`, unit: 'ms', values: times, atMost: limitMs, raw: {} }
}

async function measureZooms(browser: Browser, url: string): Promise<readonly Row[]> {
  const times: Record<keyof typeof ZOOMS, number[]> = { month: [], day: [] }
  for (let time = 0; time < TIMES; time++) {
    const page = await openCold(browser)
    await page.goto(`${url}/power?range=1y`)
    await drawnMs(page, DRAWN['/power'] ?? '')
    times.month.push(await zoom(page, { share: 1 / 13, points: ZOOMS.month }))
    times.day.push(await zoom(page, { share: 1 / 30, points: ZOOMS.day }))
    await page.context().close()
  }
  const zoomed = { unit: 'ms', atMost: LIMIT_MS, raw: {} }
  return [
    { ...zoomed, title: 'zoom from a year to a month', values: times.month },
    { ...zoomed, title: 'zoom from there to a day', values: times.day },
  ]
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

async function weigh(browser: Browser, url: string): Promise<Row> {
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
  return {
    title: 'weight of the page over the wire',
    unit: 'kB',
    values: [bytes.page / 1000],
    atMost: LIMIT_BYTES / 1000,
    raw: { 'answers of /now kB': [bytes.answers / 1000] },
  }
}

const PAUSE_MS = 20
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** How far parts of a view move while it is drawn, and while it is read live. */
async function measureShift(browser: Browser, url: string, publishLive: () => void): Promise<Row> {
  const page = await openCold(browser)
  await page.addInitScript(SHIFTS)
  await page.goto(url)
  await page.waitForLoadState('networkidle', { timeout: 3_000 }).catch(() => undefined)
  for (let time = 0; time < 20; time++) {
    publishLive()
    await pause(5 * PAUSE_MS)
  }
  const shifts = await page.evaluate<readonly Shift[]>('shifts')
  await page.context().close()
  const { pathname } = new URL(url)
  for (const { score, what } of shifts) console.log(`  ${pathname} moves by ${score.toFixed(4)}: ${what}`)
  return {
    title: `what moves on ${pathname}, drawn and read live`,
    unit: 'of the window (layout shift)',
    values: [shifts.reduce((sum, { score }) => sum + score, 0)],
    atMost: LIMIT_SHIFT,
    raw: { parts: [shifts.length] },
  }
}

interface Shift {
  readonly score: number
  readonly what: string
}

const SHIFTS = `globalThis.shifts = []
new PerformanceObserver((list) => {
  for (const { value, hadRecentInput, sources } of list.getEntries())
    if (!hadRecentInput) shifts.push({ score: value, what: sources.map(({ node }) => node?.className || node?.nodeName).join(' ') })
}).observe({ type: 'layout-shift', buffered: true })`

/** Frames while the frame of the overview of a year is dragged, beside those of an empty page. */
async function measureFrames(browser: Browser, url: string): Promise<Row> {
  const page = await openCold(browser)
  await page.goto(`${url}/icon.svg`)
  const empty = await page.evaluate<number>(`(${FRAMES})(() => undefined)`)
  await page.goto(`${url}/power?range=30d`)
  await drawnMs(page, DRAWN['/power'] ?? '')
  const dragged = await page.evaluate<number>(`(${FRAMES})(${DRAG})`)
  await page.context().close()
  return {
    title: 'time of a frame while panning',
    unit: '× that of an empty page',
    values: [empty / dragged],
    atMost: 1 / LEAST_FRAMES,
    raw: { 'frames a second': [dragged] },
  }
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
async function measureHeap(browser: Browser, url: string, publishLive: () => void): Promise<Row> {
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
  return {
    title: 'growth of the memory of the page in an hour of live readings',
    unit: 'kB',
    values: [(ended - begun) / 1000],
    atMost: LIMIT_GROWTH_BYTES / 1000,
    raw: { 'at its end kB': [ended / 1000] },
  }
}
