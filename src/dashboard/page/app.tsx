import type { JSX } from 'preact'
import { useEffect, useMemo } from 'preact/hooks'
import { isHouse, isTape } from '../api/answers.ts'
import { Patterns } from '../chart/lines.tsx'
import { useWidth } from '../chart/use-width.ts'
import { CoverageView } from '../coverage/coverage-view.tsx'
import { DevicesView } from '../devices/devices-view.tsx'
import { EnergyView } from '../energy/energy-view.tsx'
import { NowView } from '../now/now-view.tsx'
import { PowerView } from '../power/power-view.tsx'
import { FailingPart } from './failing-part.tsx'
import { Head, viewName } from './head.tsx'
import { findNotes, type Note } from './note.ts'
import { NoteLine } from './note-line.tsx'
import { KnownContext, usePage, useTelling } from './page.ts'
import { VIEWS, type View } from './route.ts'
import { STAND_IN } from './stand-in.ts'
import { Tape } from './tape.tsx'
import { useAnswer } from './use-answer.ts'
import { Waiting } from './waiting.tsx'

const TAPE_MINUTES = { least: 60, most: 1920 }

export function App(): JSX.Element {
  const page = usePage()
  const { live, router } = page
  const { view } = router.route.value
  const status = live.status.value
  const nowMs = live.nowMs.value
  const zoned = useTelling((status ?? STAND_IN.status).timezone, nowMs)
  const telling = status && zoned
  // A device that answers for the first time may bring channels.
  const askedHouse = useAnswer('/api/v1/house', isHouse, Math.max(1, live.openings.value + live.passes.value))
  const house = askedHouse.answer
  const [head, widthPx] = useWidth()
  const minutes = Math.min(TAPE_MINUTES.most, Math.max(TAPE_MINUTES.least, widthPx))
  const tape = useAnswer(
    widthPx > 0 ? `/api/v1/tape?minutes=${minutes}` : undefined,
    isTape,
    live.passes.value + live.changes.value,
  ).answer
  const jobs = live.jobs.value
  const notes = useMemo(
    () => (status && telling ? findNotes({ status, house, tape, jobs: [...jobs.values()], nowMs, telling }) : []),
    [status, house, tape, jobs, telling],
  )
  const known = useMemo(
    () =>
      status && house
        ? { ...page, status, house, telling: zoned, isStandIn: false }
        : { ...page, ...STAND_IN, telling: zoned },
    [page, status, house, zoned],
  )
  useViewKeys()
  useEffect(() => {
    document.title = `${viewName(view)}${status?.isDemo ? ', Demo' : ''}: iotawatt-sync`
  }, [view, status?.isDemo])

  return (
    <>
      <a class="skip" href="#main">
        Skip to the figures
      </a>
      <header ref={head}>
        <Head telling={telling} />
        <Tape tape={tape} status={status} telling={telling} nowMs={nowMs} widthPx={widthPx} />
      </header>
      <main id="main" tabIndex={-1}>
        <NoteLine notes={notes} />
        <h1 class="vh">{viewName(view)}</h1>
        <Waiting asked={askedHouse} what="the house" whom="iotawatt-sync" />
        <KnownContext.Provider value={known}>
          <FailingPart key={view}>
            <ViewOf view={view} notes={notes} />
          </FailingPart>
        </KnownContext.Provider>
      </main>
      <Patterns />
    </>
  )
}

function ViewOf({ view, notes }: { view: View; notes: readonly Note[] }): JSX.Element {
  switch (view) {
    case 'now':
      return <NowView />
    case 'power':
      return <PowerView />
    case 'energy':
      return <EnergyView />
    case 'coverage':
      return <CoverageView />
    case 'devices':
      return <DevicesView notes={notes} />
  }
}

/** 1 to 5 choose a view, unless something is being written. */
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
