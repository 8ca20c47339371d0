/** Keeps the page and its last answers, so that it opens without the network. What is here is newer whenever it can be had. */
const STORE = 'page'
/** As `openServer` reads it: when an answer came that is shown again, as no other can be had. */
const KEPT_AT = 'X-Kept-At'
const PATIENCE_MS = 5_000
/** Enough for each view as it was looked at last. */
const MOST_KEPT = 60

interface FetchEvent extends Event {
  readonly request: Request
  respondWith(answer: Promise<Response>): void
}

interface LifeEvent extends Event {
  waitUntil(done: Promise<unknown>): void
}

/** The pages that it serves, of which TypeScript knows nothing in a page. */
declare const clients: { claim(): Promise<void> }

const root = new URL('./', location.href)
const isFetch = (event: Event): event is FetchEvent => 'respondWith' in event
const isLife = (event: Event): event is LifeEvent => 'waitUntil' in event

addEventListener('install', (event) => {
  if (isLife(event)) event.waitUntil(keepPage())
})
addEventListener('activate', (event) => {
  if (isLife(event)) event.waitUntil(clients.claim())
})
addEventListener('fetch', (event) => {
  const answer = isFetch(event) ? answerTo(event.request) : undefined
  if (answer && isFetch(event)) event.respondWith(answer)
})

/** Undefined: the browser asks itself. */
function answerTo(request: Request): Promise<Response> | undefined {
  const url = new URL(request.url)
  const path = url.href.startsWith(root.href) ? url.pathname.slice(root.pathname.length) : undefined
  if (path === undefined) return undefined
  if (request.method === 'POST') return path === 'logout' ? forgetting(request) : undefined
  if (request.method !== 'GET' || path === 'login') return undefined
  if (request.mode === 'navigate') return newestOf(request, root.href)
  if (path.startsWith('assets/')) return assetOf(request)
  const isAnswer = /^api\/v1\/(?!events|export)/.test(path)
  return isAnswer ? newestOf(request, url.href) : undefined
}

async function keepPage(): Promise<void> {
  const page = await fetch(root)
  if (!page.ok || page.redirected) return
  const store = await caches.open(STORE)
  const assets = [...(await page.clone().text()).matchAll(/"([^"]*\bassets\/[^"]+)"/g)]
  await store.addAll(assets.map(([, path = '']) => new URL(path, root).href))
  await store.put(root, page)
}

/** Its name changes with what it holds. */
async function assetOf(request: Request): Promise<Response> {
  const store = await caches.open(STORE)
  const kept = await store.match(request)
  if (kept) return kept
  const answer = await fetch(request)
  if (answer.ok) await store.put(request, answer.clone())
  return answer
}

/** What the server answers; what it answered before, where it cannot be reached. */
async function newestOf(request: Request, key: string): Promise<Response> {
  const store = await caches.open(STORE)
  const kept = await store.match(key)
  try {
    const answer = await (kept ? inTime(fetch(request)) : fetch(request))
    // Somebody else may be before the screen.
    if (answer.status === 401) await caches.delete(STORE)
    if (answer.status === 200 && !answer.redirected) await keep(store, key, answer.clone())
    return answer
  } catch (error) {
    if (kept && !request.signal.aborted) return kept
    throw error
  }
}

async function inTime(answer: Promise<Response>): Promise<Response> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('the server does not answer')), PATIENCE_MS)
  })
  return Promise.race([answer, late]).finally(() => clearTimeout(timer))
}

async function keep(store: Cache, key: string, { body, headers }: Response): Promise<void> {
  const marked = new Headers(headers)
  // It is decoded here.
  marked.delete('Content-Encoding')
  marked.set(KEPT_AT, String(Date.now()))
  await store.delete(key)
  await store.put(key, new Response(body, { headers: marked }))
  const answers = (await store.keys()).filter(({ url }) => url.startsWith(`${root.href}api/`))
  for (const old of answers.slice(0, -MOST_KEPT)) await store.delete(old)
}

async function forgetting(request: Request): Promise<Response> {
  await caches.delete(STORE)
  return fetch(request)
}
