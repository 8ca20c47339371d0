import type { ComponentType, JSX } from 'preact'
import { useEffect, useMemo, useState } from 'preact/hooks'
import { type View, VIEWS } from '../../api/view-questions.ts'
import { type House, isHouse, isTimeline, type Status } from '../api/answers.ts'
import { Patterns } from '../chart/lines.tsx'
import { useWidth } from '../chart/use-width.ts'
import { CoverageView } from '../coverage/coverage-view.tsx'
import { DevicesView } from '../devices/devices-view.tsx'
import { EnergyView } from '../energy/energy-view.tsx'
import { NowView } from '../now/now-view.tsx'
import { PowerView } from '../power/power-view.tsx'
import { messageOf } from '../text/failure-words.ts'
import { chooseLanguage, LANGUAGES, texts } from '../text/texts.ts'
import { clockText, dayText, type Formatter } from '../text/time.ts'
import { Glyph } from './glyph.tsx'
import { Link } from './link.tsx'
import { NoteLine } from './note-line.tsx'
import { findNotes, type Note, offlineNote } from './note.ts'
import { KnownContext, THEMES, usePage, useFormatter } from './page.ts'
import { FailingPart } from './part.tsx'
import { Timeline } from './timeline.tsx'
import { useAnswer, Waiting } from './use-answer.tsx'

/** A view that is opened less often: fetched where it is. */
function later(load: () => Promise<ComponentType>): () => JSX.Element | null {
  return function Later() {
    const [loaded, setLoaded] = useState<{ readonly View?: ComponentType; readonly problem?: Error }>({})
    useEffect(() => {
      load().then(
        (View) => setLoaded({ View }),
        (error: unknown) => setLoaded({ problem: new Error(messageOf(error), { cause: error }) }),
      )
    }, [])
    if (loaded.problem) throw loaded.problem
    return loaded.View ? <loaded.View /> : null
  }
}

const SetupLater = later(async () => (await import('../setup/setup-view.tsx')).SetupView)
const BillsLater = later(async () => (await import('../bills/bills-view.tsx')).BillsView)

const VIEW_OF: Readonly<Record<View, ComponentType<{ notes: readonly Note[] }>>> = {
  now: NowView,
  power: PowerView,
  energy: EnergyView,
  coverage: CoverageView,
  devices: DevicesView,
  bills: BillsLater,
  setup: SetupLater,
}

const TIMELINE_MINUTES = { least: 60, most: 1920 }

/** A minute for each pixel. */
export function asksTimeline(widthPx: number): string {
  const minutes = Math.min(TIMELINE_MINUTES.most, Math.max(TIMELINE_MINUTES.least, widthPx))
  return `/api/v1/tape?minutes=${minutes}`
}

export function App(): JSX.Element {
  const page = usePage()
  const { live, router } = page
  const { view } = router.route.value
  const ViewShown = VIEW_OF[view]
  const status = live.status.value
  const nowMs = live.nowMs.value
  const zoned = useFormatter((status ?? PLACEHOLDER.status).timezone, nowMs)
  const formatter = status && zoned
  // A device that answers for the first time may bring channels.
  const askedHouse = useAnswer('/api/v1/house', isHouse, Math.max(1, live.openings.value + live.cycles.value))
  const house = askedHouse.answer
  const [head, widthPx] = useWidth()
  const asked = widthPx > 0 ? asksTimeline(widthPx) : undefined
  const timeline = useAnswer(asked, isTimeline, live.cycles.value + live.changes.value).answer
  const jobs = live.jobs.value
  const keptAtMs = page.server.keptAtMs.value
  const notes = useMemo(() => {
    if (keptAtMs !== undefined) return [offlineNote(keptAtMs, zoned)]
    return status ? findNotes({ status, house, timeline, jobs: [...jobs.values()], nowMs, formatter: zoned }) : []
  }, [keptAtMs, status, house, timeline, jobs, zoned])
  const known = useMemo(() => {
    const found = status && house ? { status, house, isPlaceholder: false } : PLACEHOLDER
    return { ...page, ...found, formatter: zoned }
  }, [page, status, house, zoned])
  useViewKeys()
  useEffect(() => {
    document.title = `${texts.views[view]}${status?.isDemo ? `, ${texts.page.demo}` : ''}: iotawatt-sync`
  }, [view, status?.isDemo])

  return (
    <>
      <a class="skip" href="#main">
        {texts.page.skip}
      </a>
      <header ref={head}>
        <Head formatter={formatter} />
        <Timeline
          timeline={timeline}
          status={status}
          formatter={formatter}
          nowMs={nowMs}
          widthPx={widthPx}
          isAsked={view === 'coverage'}
        />
      </header>
      <main id="main" class={keptAtMs === undefined ? '' : 'stale'} tabIndex={-1}>
        <NoteLine notes={notes} />
        <h1 class="vh">{texts.views[view]}</h1>
        <Waiting asked={askedHouse} what={texts.page.theHouse} whom="iotawatt-sync" />
        <KnownContext.Provider value={known}>
          <FailingPart key={view}>
            <ViewShown notes={notes} />
          </FailingPart>
        </KnownContext.Provider>
      </main>
      <Patterns />
    </>
  )
}

/** 1 to 6 choose a view, unless something is being written. */
function useViewKeys(): void {
  const { router } = usePage()
  useEffect(() => {
    const choose = (event: KeyboardEvent) => {
      const isWriting =
        event.target instanceof HTMLElement && event.target.matches('input:not([type=checkbox]), select, textarea')
      const view = VIEWS[Number(event.key) - 1]
      if (view === undefined || isWriting || event.ctrlKey || event.metaKey || event.altKey) return
      router.go(view)
    }
    addEventListener('keydown', choose)
    return () => removeEventListener('keydown', choose)
  }, [router])
}

const TIMEZONE = Intl.DateTimeFormat().resolvedOptions().timeZone

const status: Status = {
  nowMs: Date.now(),
  startedAtMs: Date.now(),
  version: '',
  isDemo: false,
  timezone: TIMEZONE,
  maxAgeMs: Infinity,
  intervalMs: 0,
  store: { name: '', state: 'starting' },
  devices: [],
  sums: { state: 'ready', doneDays: 0, totalDays: 0 },
}

const house: House = {
  timezone: TIMEZONE,
  wiring: 'ahead',
  isConfigured: false,
  hasMains: true,
  hasSolar: true,
  channels: [],
  groups: [],
  labelNames: [],
}

/** What the frame of a view is drawn with until the house is known; with it, views ask nothing. */
const PLACEHOLDER = { status, house, isPlaceholder: true }

function Head({ formatter }: { formatter: Formatter | undefined }): JSX.Element {
  const { router, live } = usePage()
  const status = live.status.value
  return (
    <div class="head">
      <div class="name">
        iotawatt-sync
        <span>{status && placeWords(status)}</span>
      </div>
      <nav class="views" aria-label={texts.page.views}>
        {VIEWS.map((name) => (
          <Link key={name} view={name} isCurrent={name === router.route.value.view}>
            {texts.views[name]}
          </Link>
        ))}
      </nav>
      <div class="clock">
        {formatter && <Clock formatter={formatter} />}
        <LanguageSwitch />
        <ThemeSwitch />
        <LogOut />
      </div>
    </div>
  )
}

function Clock({ formatter: { time, at } }: { formatter: Formatter }): JSX.Element {
  const { live } = usePage()
  const nowMs = live.nowMs.value
  const notLive = live.notLiveSinceMs.value
  const local = time.local(nowMs)
  const here = new Date(nowMs)
  const isElsewhere = here.getHours() !== local.hour || here.getMinutes() !== local.minute
  const place = placeOf(time.zone)
  const zone = time.abbreviation(nowMs)
  const hereText = clockText({ ...local, hour: here.getHours(), minute: here.getMinutes() })
  return (
    <>
      {notLive !== undefined && <span class="flag warn">{texts.page.notLive(at(notLive))}</span>}
      <span class="date">{dayText(local, 0)}</span>
      <span>
        <b>{clockText(local)}</b> {zone}
        {isElsewhere && (
          <span class="wide-text">{`${place === zone ? '' : `, ${place}`}; ${texts.page.here(hereText)}`}</span>
        )}
      </span>
    </>
  )
}

/** Where the house is, and which part of the devices this is. */
const placeWords = ({ isDemo, timezone, shard }: Status): string => {
  const place = isDemo ? texts.page.demo : placeOf(timezone)
  return shard ? `${place}, ${texts.page.shard(shard.index, shard.count)}` : place
}

/** `America/New_York` → `New York` */
const placeOf = (zone: string): string => zone.split('/').at(-1)?.replaceAll('_', ' ') ?? zone

function ThemeSwitch(): JSX.Element {
  const { theme } = usePage()
  return (
    <label class="switch">
      <Glyph mark="busy" />
      <select
        class="theme"
        aria-label={texts.page.colours}
        value={theme.value}
        onChange={({ currentTarget }) => {
          theme.value = THEMES.find((name) => name === currentTarget.value) ?? 'system'
        }}
      >
        {THEMES.map((name) => (
          <option key={name} value={name}>
            {texts.themes[name]}
          </option>
        ))}
      </select>
    </label>
  )
}

function LanguageSwitch(): JSX.Element {
  return (
    <select
      class="theme"
      aria-label={texts.page.language}
      value={texts.locale}
      onChange={({ currentTarget }) => chooseLanguage(currentTarget.value)}
    >
      {LANGUAGES.map((code) => (
        <option key={code} value={code} title={new Intl.DisplayNames(code, { type: 'language' }).of(code)}>
          {code.toUpperCase()}
        </option>
      ))}
    </select>
  )
}

function LogOut(): JSX.Element | null {
  const { place, logOut } = usePage()
  const [problem, setProblem] = useState<string>()
  if (!place.hasLogin) return null
  const leave = () => logOut().catch((error: unknown) => setProblem(messageOf(error)))
  return (
    <>
      {problem !== undefined && <span class="flag bad">{problem}</span>}
      <button class="theme" onClick={() => void leave()}>
        {texts.page.logOut}
      </button>
    </>
  )
}
