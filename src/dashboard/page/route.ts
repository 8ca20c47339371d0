import { type ReadonlySignal, signal } from '@preact/signals'
import type { Span } from '../api/answers.ts'
import { readDate } from './read-query.tsx'

export const VIEWS = ['now', 'power', 'energy', 'bills', 'coverage', 'devices'] as const
/** Beside the tabs: what is opened from them. */
const ALL_VIEWS = [...VIEWS, 'setup'] as const
export type View = (typeof ALL_VIEWS)[number]

/** What is shown is the URL: back, reload and a shared link give the same picture. */
export interface Route {
  readonly view: View
  readonly query: URLSearchParams
}

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

export const SPANS = ['day', 'month', 'year', 'all'] as const satisfies Span[]

export function readSpan(query: URLSearchParams): Span {
  return SPANS.find((span) => span === query.get('span')) ?? 'month'
}

/** What a day or a month is compared with; a year has the year before it anyway. */
export const COMPARISONS = ['before', 'year'] as const

export const canChooseComparison = (span: Span): boolean => span === 'day' || span === 'month'

type EnergyQuestion = 'energy' | 'consumers' | 'hours' | 'costs' | 'csv' | 'costsCsv'

/** What Energy asks. Without a date in the address the server takes today, as the house has it. */
export function energyQuestions(query: URLSearchParams): Record<EnergyQuestion, string> {
  const date = readDate(query, 'date')
  const span = readSpan(query)
  const asking = `span=${span}${date === undefined ? '' : `&date=${date}`}`
  const compared = query.get('compare') === 'year' && canChooseComparison(span) ? `${asking}&compare=year` : asking
  return {
    energy: `/api/v1/energy?${compared}`,
    consumers: `/api/v1/consumers?${compared}`,
    hours: `/api/v1/hours?${asking}`,
    costs: `/api/v1/costs?${compared}`,
    csv: `/api/v1/energy.csv?${asking}`,
    costsCsv: `/api/v1/costs.csv?${asking}`,
  }
}

export const TARIFFS = '/api/v1/tariffs'
export const BILLS = '/api/v1/bills?compare=true'

/** What is asked at once: it needs nothing of the status. */
export function firstQuestions({ view, query }: Route): readonly string[] {
  const { energy, consumers, hours, costs } = energyQuestions(query)
  const isCosted = query.has('unit', 'money') || query.has('bars', 'period')
  const ofView: Readonly<Record<View, readonly string[]>> = {
    now: ['/api/v1/now', TARIFFS],
    power: ['/api/v1/coverage'],
    energy: [energy, consumers, hours, ...(isCosted ? [costs, TARIFFS] : [])],
    bills: [BILLS],
    coverage: ['/api/v1/coverage'],
    devices: ['/api/v1/devices'],
    setup: ['/api/v1/setup'],
  }
  return ['/api/v1/house', ...ofView[view]]
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
