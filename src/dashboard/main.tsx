import { render } from 'preact'
import { openServer } from './api/server.ts'
import { App } from './page/app.tsx'
import { openLive } from './page/live.ts'
import { PageContext } from './page/page.ts'
import { firstQuestions, openRouter, readRoute } from './page/route.ts'
import { openTheme } from './page/theme.ts'
import './styles/main.css'

const server = openServer((path, init) => fetch(path, init))
server.expect(firstQuestions(readRoute(location)))
const page = {
  server,
  live: openLive(server, (path) => new EventSource(path)),
  router: openRouter(window),
  theme: openTheme(window),
}

render(
  <PageContext.Provider value={page}>
    <App />
  </PageContext.Provider>,
  document.body,
)
