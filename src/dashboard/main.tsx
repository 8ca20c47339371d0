import { signal } from '@preact/signals'
import { render } from 'preact'
import { openServer } from './api/server.ts'
import { App, asksTimeline } from './page/app.tsx'
import { openLive } from './page/live.ts'
import { openTheme, type Page, PageContext } from './page/page.ts'
import { firstQuestions } from '../api/view-questions.ts'
import { openRouter, readPlace, readRoute } from './page/route.ts'
import { texts } from './text/texts.ts'
import './styles/main.css'

/** A frame of dashes is drawn only where the answers come no sooner: it moves when they do. */
const FRAME_AFTER_MS = 300

document.documentElement.lang = texts.locale
const place = readPlace(document)
let isLeaving = false
const server = openServer(async (path, init) => {
  const answer = await fetch(typeof path === 'string' ? place.at(path) : path, init)
  if (answer.status === 401) logInAgain()
  return answer
})
const first = readRoute(location, place.root)
server.expect([...firstQuestions(first), asksTimeline(document.documentElement.clientWidth)])
const page: Page = {
  place,
  server,
  live: openLive(server, (path) => new EventSource(place.at(path))),
  router: openRouter(window, place.root),
  theme: openTheme(window),
  setupDraft: signal(undefined),
  logOut,
}

// The browser asks whether to go.
addEventListener('beforeunload', (event) => {
  if (page.setupDraft.peek()?.isChanged === true && !isLeaving) event.preventDefault()
})

// Before the drawings measure themselves once more.
addEventListener('beforeprint', () => document.documentElement.classList.add('printing'))
addEventListener('afterprint', () => document.documentElement.classList.remove('printing'))

// Elsewhere browsers know no such thing. Without it, the page is as it was.
if ('serviceWorker' in navigator)
  navigator.serviceWorker.register(place.at('/service-worker.js')).catch(() => undefined)

const status = new Promise<void>((resolve) => {
  page.live.status.subscribe((known) => {
    if (known) resolve()
  })
})
const all = Promise.all([status, server.allExpected()])
await Promise.race([all, new Promise((resolve) => setTimeout(resolve, FRAME_AFTER_MS))])

render(
  <PageContext.Provider value={page}>
    <App />
  </PageContext.Provider>,
  document.body,
)

/** What is refused meanwhile is no reason to log in again. */
async function logOut(): Promise<void> {
  isLeaving = true
  try {
    await server.logOut()
    location.assign(place.at('/login'))
  } catch (error) {
    isLeaving = false
    throw error
  }
}

/** And back to what is shown. Once: each further answer that is refused would begin to leave again. */
function logInAgain(): void {
  if (isLeaving) return
  isLeaving = true
  const shown = `${location.pathname.slice(place.root.length)}${location.search}`
  location.assign(place.at(`/login?next=${encodeURIComponent(shown)}`))
}
