import { signal } from '@preact/signals'
import type { JSX } from 'preact'
import { useMemo } from 'preact/hooks'
import type { LiveReadings, SetupPreview } from '../api/answers.ts'
import type { Server } from '../api/server.ts'
import { sumKnown } from '../chart/lines.tsx'
import { balance } from '../now/equation.tsx'
import { NowView } from '../now/now-view.tsx'
import { colourGroups, type Group } from '../page/colours.ts'
import { Flag } from '../page/glyph.tsx'
import { KnownContext, PageContext, useFormatter, useKnown } from '../page/page.ts'
import { powerText, UNKNOWN } from '../text/number.ts'
import { texts } from '../text/texts.ts'

type Preview = NonNullable<SetupPreview['preview']>

interface PreviewFiguresProps {
  readonly answer: SetupPreview | undefined
  readonly problem: string | undefined
}

/** The equation and the groups in figures, beside what is chosen. */
export function PreviewFigures({ answer, problem }: PreviewFiguresProps): JSX.Element {
  if (problem !== undefined)
    return (
      <p role="status">
        <Flag mark="bad">{texts.setup.notPreviewed}</Flag>
        {problem}
      </p>
    )
  if (!answer?.preview) return <p class="dim">{answer ? texts.setup.noPreview : UNKNOWN}</p>
  const { house, now } = answer.preview
  const groups = colourGroups(house)
  const sumOf = (some: readonly Group[]) => {
    const readings = some.flatMap(({ circuits }) => circuits.map(({ id }) => now.channels[id] ?? null))
    return sumKnown(readings.map((reading) => reading && Math.round(reading)))
  }
  const balanced = balance(now.watts)
  const { house: watts, unmetered } = now.watts
  const rest = watts === null || unmetered === null ? null : Math.round(watts) - (sumOf(groups) ?? 0)
  const shown = [
    house.hasMains && ([texts.house, balanced.house] as const),
    house.hasSolar && ([texts.solar, balanced.solar] as const),
    house.hasMains && ([texts.fromGrid, balanced.fromGrid] as const),
    house.hasMains && house.hasSolar && ([texts.toGrid, balanced.toGrid] as const),
    house.hasMains && ([texts.unmetered, rest] as const),
  ]
  return (
    <dl class="setup-figures">
      {[...shown, ...groups.map((group) => [group.name, sumOf([group])] as const)].map(
        (figure, index) =>
          figure && (
            <div key={index}>
              <dt>{figure[0]}</dt>
              <dd>{powerText(figure[1])}</dd>
            </div>
          ),
      )}
    </dl>
  )
}

/** Of the settings in use, so that none is of the house as it would be. */
const NO_READINGS = signal<LiveReadings | undefined>(undefined)

/** The view itself, on other answers. It is a picture: nothing of it leads away from what is not saved yet. */
export function PreviewNow({ preview: { house, now } }: { preview: Preview }): JSX.Element {
  const known = useKnown()
  const formatter = useFormatter(house.timezone, known.live.nowMs.value)
  const page = useMemo(() => {
    const live = { ...known.live, readings: NO_READINGS, houseReadings: NO_READINGS }
    return { ...known, house, formatter, live, server: answering(known.server, now) }
  }, [known, house, now, formatter])
  return (
    <div inert>
      <PageContext.Provider value={page}>
        <KnownContext.Provider value={page}>
          <NowView />
        </KnownContext.Provider>
      </PageContext.Provider>
    </div>
  )
}

function answering(server: Server, now: Preview['now']): Server {
  const kept: Server['kept'] = (path, is) => (path === '/api/v1/now' && is(now) ? now : server.kept(path, is))
  return {
    ...server,
    kept,
    async ask(path, is, abort) {
      return (path === '/api/v1/now' ? kept(path, is) : undefined) ?? server.ask(path, is, abort)
    },
  }
}
