import { effect, signal, type Signal } from '@preact/signals'
import { createContext } from 'preact'
import { useContext, useMemo } from 'preact/hooks'
import type { House, Status } from '../api/answers.ts'
import type { Server } from '../api/server.ts'
import type { SetupDraft } from '../setup/choices.ts'
import { houseTime, MINUTE_MS } from '../text/house-time.ts'
import { publish, type Formatter } from '../text/time.ts'
import type { Live } from './live.ts'
import type { Place, Router } from './route.ts'

/** What every view is handed. */
export interface Page {
  readonly place: Place
  readonly server: Server
  readonly live: Live
  readonly router: Router
  readonly theme: Signal<Theme>
  /** Stays while other views are shown. */
  readonly setupDraft: Signal<SetupDraft | undefined>
  /** Leaves for the login. @throws ServerProblem where the session goes on. */
  logOut(): Promise<void>
}

export const PageContext = createContext<Page | undefined>(undefined)

export function usePage(): Page {
  const page = useContext(PageContext)
  if (page === undefined) throw new Error('a view stands outside of the page')
  return page
}

/** What views stand below. */
export interface Known extends Page {
  readonly status: Status
  readonly house: House
  readonly formatter: Formatter
  /** Whether status and house are not known yet. */
  readonly isPlaceholder: boolean
}

export const KnownContext = createContext<Known | undefined>(undefined)

export function useKnown(): Known {
  const known = useContext(KnownContext)
  if (known === undefined) throw new Error('a view stands where the house is not known')
  return known
}

/** Words about times, made again each minute. */
export function useFormatter(zone: string, nowMs: number): Formatter {
  const time = useMemo(() => houseTime(zone), [zone])
  const minute = Math.floor(nowMs / MINUTE_MS)
  return useMemo(() => publish(time, minute * MINUTE_MS), [time, minute])
}

export const THEMES = ['system', 'light', 'dark'] as const
type Theme = (typeof THEMES)[number]

const THEME_KEY = 'theme'

/** The choice of the person, kept by the browser; `system` follows the machine. */
export function openTheme({ document, localStorage }: Pick<Window, 'document' | 'localStorage'>): Signal<Theme> {
  const theme = signal<Theme>(THEMES.find((name) => name === localStorage.getItem(THEME_KEY)) ?? 'system')
  effect(() => {
    document.documentElement.dataset['theme'] = theme.value
    localStorage.setItem(THEME_KEY, theme.value)
  })
  return theme
}
