import type { Browser, Page } from 'playwright-core'
import { openBrowser } from '../test/dashboard/open-browser.ts'
import type { Row } from './rows.ts'

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

/** Cold views and zooms in a browser, and what the page weighs over the wire. */
export async function* measurePage(url: string): AsyncGenerator<Row> {
  const browser = await openBrowser()
  try {
    for (const view of Object.keys(DRAWN)) yield await measureView(browser, url, view)
    yield* await measureZooms(browser, url)
    yield await weigh(browser, url)
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

async function measureView(browser: Browser, url: string, view: string): Promise<Row> {
  const times: number[] = []
  for (let time = 0; time < TIMES; time++) {
    const page = await openCold(browser)
    await page.goto(url + view, { waitUntil: 'commit' })
    times.push(await drawnMs(page, DRAWN[view] ?? 'true'))
    await page.context().close()
  }
  return { title: `first view of ${view}`, unit: 'ms', values: times, raw: {} }
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
  return [
    { title: 'zoom from a year to a month', unit: 'ms', values: times.month, raw: {} },
    { title: 'zoom from there to a day', unit: 'ms', values: times.day, raw: {} },
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
    raw: { 'answers of /now kB': [bytes.answers / 1000] },
  }
}
