import type { Span } from './values.ts'

/** The tabs of the page. */
export const VIEWS = ['now', 'power', 'energy', 'bills', 'coverage', 'devices'] as const
/** Beside the tabs: what is opened from them. */
export const ALL_VIEWS = [...VIEWS, 'setup'] as const
export type View = (typeof ALL_VIEWS)[number]

/** What is shown is the URL: back, reload and a shared link give the same picture. */
export interface Route {
  readonly view: View
  readonly query: URLSearchParams
}

/** What a query may name. */
export const [FIRST_MS, LAST_MS] = [0, Date.UTC(2100, 0)]

/** `2026-03-27`; undefined where there is none, or what is there is no day. */
export function readDate(query: URLSearchParams, key: string): string | undefined {
  const text = query.get(key) ?? ''
  const ms = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(text) : NaN
  const isDay = ms >= FIRST_MS && ms < LAST_MS && new Date(ms).toISOString().startsWith(text)
  return isDay ? text : undefined
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

/** What a view asks at once. The server has a browser ask it before the script is there. */
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
  return ['/api/v1/status', '/api/v1/house', ...ofView[view]]
}
