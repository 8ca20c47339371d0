import { render } from 'preact'
import { isHouse } from './api/answers.ts'
import { openServer } from './api/server.ts'
import { App } from './page/app.tsx'
import { openLive } from './page/live.ts'
import { PageContext } from './page/page.ts'
import { firstQuestions, openRouter, readRoute } from './page/route.ts'
import { openTheme } from './page/theme.ts'
import './styles/main.css'

/** A frame of dashes is drawn only where the house comes no sooner. */
const FRAME_AFTER_MS = 100

const server = openServer((path, init) => fetch(path, init))
server.expect(firstQuestions(readRoute(location)))
const page = {
  server,
  live: openLive(server, (path) => new EventSource(path)),
  router: openRouter(window),
  theme: openTheme(window),
}

const status = new Promise<void>((resolve) => {
  page.live.status.subscribe((known) => {
    if (known) resolve()
  })
})
const house = server.ask('/api/v1/house', isHouse).catch(() => undefined)
await Promise.race([Promise.all([status, house]), new Promise((resolve) => setTimeout(resolve, FRAME_AFTER_MS))])

render(
  <PageContext.Provider value={page}>
    <App />
  </PageContext.Provider>,
  document.body,
)
