import type { JSX } from 'preact'
import { useMemo } from 'preact/hooks'
import { type House, type HouseNumbers, isNow, type Now } from '../api/answers.ts'
import { colourGroups } from '../page/colours.ts'
import { HouseRemarks } from '../page/house-remarks.tsx'
import { isTrunkLate } from '../page/note.ts'
import { useKnown } from '../page/page.ts'
import { NumberTable, Part } from '../page/part.tsx'
import { useAnswer, Waiting } from '../page/use-answer.tsx'
import { UNKNOWN, rounded } from '../text/number.ts'
import { texts } from '../text/texts.ts'
import { Circuits, circuitsOf } from './circuits.tsx'
import { balance, Equation, type Moment } from './equation.tsx'
import { Flow } from './flow.tsx'
import { Today } from './today.tsx'

const NOTHING: HouseNumbers = { house: null, solar: null, used: null, fromGrid: null, toGrid: null, unmetered: null }

/** What happens in the house at this minute. */
export function NowView(): JSX.Element {
  const { live, house, status, formatter } = useKnown()
  const asked = useAnswer('/api/v1/now', isNow, live.cycles.value + live.changes.value)
  const now = asked.answer
  const groups = useMemo(() => colourGroups(house), [house])
  const watts = now?.watts ?? NOTHING
  const isStale =
    now?.atMs !== undefined && (live.nowMs.value - now.atMs > status.maxAgeMs || isTrunkLate(status, house))
  const minute = now?.atMs === undefined ? undefined : formatter.when(now.atMs)
  // So that the circuits and Unmetered, rounded to a watt, add up to the house, rounded to a watt.
  const unmetered =
    now === undefined || watts.unmetered === null || watts.house === null
      ? null
      : Math.round(watts.house) - (circuitsOf(now, groups) ?? 0)
  const silent = now === undefined ? [] : silentDevices(house, now)
  const moment: Moment = { now, groups, shown: balance(watts), unmetered, silent }
  return (
    <section class={isStale ? 'stale' : ''} aria-label={texts.views.now}>
      <Equation {...moment} at={isStale ? minute : undefined} />
      <HouseRemarks />
      <Waiting asked={asked} what={texts.now.newestMinute} />
      <div class="cols">
        <div>
          {house.hasMains && (
            <Part title={texts.now.flow} sub={flowSub(now, minute)}>
              <Flow {...moment} />
            </Part>
          )}
          <Part title={texts.now.today} sub={texts.now.minuteMeans} table={() => <TodayTable today={now?.today} />}>
            <Today today={now?.today} />
          </Part>
        </div>
        <div>
          <Part
            title={texts.circuits}
            sub={texts.now.byPower(groups.flatMap(({ circuits }) => circuits).length, isStale ? minute : undefined)}
          >
            <Circuits {...moment} />
          </Part>
        </div>
      </div>
    </section>
  )
}

function flowSub(now: Now | undefined, minute: string | undefined): string {
  if (now === undefined) return UNKNOWN
  return minute === undefined ? texts.now.noMinute : texts.now.flowSub(minute)
}

/** Devices of which nothing is known of this minute. */
function silentDevices({ channels }: House, now: Now): readonly string[] {
  const devices = [...new Set(channels.map(({ device }) => device))]
  return devices.filter((device) =>
    channels.every((channel) => channel.device !== device || now.channels[channel.id] == null),
  )
}

function TodayTable({ today }: { today: Now['today'] | undefined }): JSX.Element {
  const { formatter, house } = useKnown()
  const columns = [
    house.hasMains ? { name: texts.house, column: today?.house } : { name: texts.circuits, column: today?.circuits },
    ...(house.hasSolar ? [{ name: texts.solar, column: today?.solar }] : []),
  ]
  const rows = (today?.house ?? []).map((_, index) => {
    const ms = (today?.fromMs ?? 0) + index * (today?.stepMs ?? 0)
    return { key: ms, name: formatter.at(ms), cells: columns.map(({ column }) => rounded(column?.[index])) }
  })
  const names = columns.map(({ name }) => name)
  return (
    <NumberTable
      label={texts.now.tableOfToday}
      unit={texts.watts}
      corner={texts.time}
      columns={names}
      rows={rows}
      isTall
    />
  )
}
