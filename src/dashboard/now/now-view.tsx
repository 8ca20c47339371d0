import type { JSX } from 'preact'
import { useMemo } from 'preact/hooks'
import { isNow, type HouseNumbers, type Now } from '../api/answers.ts'
import { colourGroups } from '../page/colours.ts'
import { isTrunkLate } from '../page/note.ts'
import { useKnown } from '../page/page.ts'
import { Part } from '../page/part.tsx'
import { useAnswer } from '../page/use-answer.ts'
import { Waiting } from '../page/waiting.tsx'
import { UNKNOWN } from '../text/number.ts'
import { balance } from './balance.ts'
import { Circuits } from './circuits.tsx'
import { Equation } from './equation.tsx'
import { Flow } from './flow.tsx'
import { Today } from './today.tsx'
import { TodayTable } from './today-table.tsx'

const NOTHING: HouseNumbers = { house: null, solar: null, used: null, fromGrid: null, toGrid: null, unmetered: null }

/** What happens in the house at this minute. */
export function NowView(): JSX.Element {
  const { live, house, status, telling } = useKnown()
  const asked = useAnswer('/api/v1/now', isNow, live.passes.value + live.changes.value)
  const now = asked.answer
  const groups = useMemo(() => colourGroups(house), [house])
  const watts = now?.watts ?? NOTHING
  const shown = balance(watts)
  const isStale =
    now?.atMs !== undefined && (live.nowMs.value - now.atMs > status.maxAgeMs || isTrunkLate(status, house))
  const minute = now?.atMs === undefined ? undefined : telling.when(now.atMs)
  const unmetered = watts.unmetered === null || now === undefined ? null : restOf(now, groups, shown.house)
  return (
    <section class={isStale ? 'stale' : ''} aria-label="Now">
      <Equation now={now} shown={shown} unmetered={unmetered} at={isStale ? minute : undefined} />
      <Waiting asked={asked} what="the newest minute" />
      <div class="cols">
        <div>
          <Part title="Flow" sub={flowSub(now, minute)}>
            <Flow now={now} groups={groups} shown={shown} unmetered={unmetered} />
          </Part>
          <Part title="Today" sub="1-minute means" table={() => <TodayTable today={now?.today} />}>
            <Today today={now?.today} />
          </Part>
        </div>
        <div>
          <Part
            title="Circuits"
            sub={`${groups.flatMap(({ circuits }) => circuits).length} by power ${isStale ? `at ${minute ?? ''}` : 'now'}; line: the last hour`}
          >
            <Circuits now={now} groups={groups} house={shown.house} unmetered={unmetered} />
          </Part>
        </div>
      </div>
    </section>
  )
}

function flowSub(now: Now | undefined, minute: string | undefined): string {
  if (now === undefined) return UNKNOWN
  return minute === undefined ? 'no minute is stored yet' : `mean of the minute ${minute}, widths to scale`
}

/** So that the circuits and Unmetered add up to the house as shown. */
function restOf(now: Now, groups: ReturnType<typeof colourGroups>, house: number | null): number | null {
  if (house === null) return null
  const metered = groups
    .flatMap(({ circuits }) => circuits)
    .reduce((sum, { id }) => sum + Math.round(now.channels[id] ?? 0), 0)
  return house >= 10_000 ? now.watts.unmetered : house - metered
}
