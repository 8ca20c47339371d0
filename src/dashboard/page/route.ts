import { type ReadonlySignal, signal } from '@preact/signals'
import { ALL_VIEWS, type Route, type View } from '../../api/view-questions.ts'

export interface Router {
  readonly route: ReadonlySignal<Route>
  hrefOf(view: View, query?: Query): string
  go(view: View, query?: Query): void
  /** Changes a part of the query of the present view. */
  set(query: Query, options?: { replaces: boolean }): void
}

export type Query = Readonly<Record<string, string | undefined>>

export function readRoute({ pathname, search }: { pathname: string; search: string }, root = '/'): Route {
  const name = pathname.slice(root.length).replaceAll('/', '')
  return { view: ALL_VIEWS.find((view) => view === name) ?? 'now', query: new URLSearchParams(search) }
}

/** Colons and commas stay readable, which a query allows. */
export function hrefOf(view: View, query: Query = {}, root = '/'): string {
  const pairs = Object.entries(query).flatMap(([key, value]) =>
    value === undefined || value === ''
      ? []
      : [`${key}=${encodeURIComponent(value).replaceAll('%3A', ':').replaceAll('%2C', ',')}`],
  )
  return `${root}${view}${pairs.length > 0 ? `?${pairs.join('&')}` : ''}`
}

export function openRouter(window: Window, root: string): Router {
  const read = () => readRoute(window.location, root)
  const route = signal(read())
  window.addEventListener('popstate', () => (route.value = read()))
  const move = (view: View, query: Query | undefined, replaces: boolean) => {
    const href = hrefOf(view, query, root)
    if (replaces) window.history.replaceState(null, '', href)
    else window.history.pushState(null, '', href)
    route.value = read()
  }
  return {
    route,
    hrefOf: (view, query) => hrefOf(view, query, root),
    go(view, query) {
      move(view, query, false)
      window.scrollTo(0, 0)
    },
    set(query, { replaces } = { replaces: false }) {
      const { view, query: present } = route.value
      move(view, { ...Object.fromEntries(present), ...query }, replaces)
    },
  }
}

/** Where the page was loaded from, which a proxy may have put below a path of its own. */
export interface Place {
  /** With a slash at both ends: `/`, `/energy/`. */
  readonly root: string
  /** Whether people log in, and so can log out. */
  readonly hasLogin: boolean
  /** `/api/v1/now` → `/energy/api/v1/now` */
  at(path: string): string
}

/** Every view lies in the root itself, so it is the folder of the address; the server names it where a proxy does. */
export function readPlace({ documentElement, baseURI }: Pick<Document, 'documentElement' | 'baseURI'>): Place {
  const { root = new URL('.', baseURI).pathname, login } = documentElement.dataset
  return { root, hasLogin: login !== undefined, at: (path) => root + path.slice(1) }
}
