import { computed } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect, useMemo, useState } from 'preact/hooks'
import { type House, isCosts, isNow, isTariffs, type Now, type Tariffs } from '../api/answers.ts'
import { colourGroups } from '../page/colours.ts'
import { HouseRemarks } from '../page/house-remarks.tsx'
import { isTrunkLate } from '../page/note.ts'
import { useKnown } from '../page/page.ts'
import { NumberTable, Part } from '../page/part.tsx'
import { TARIFFS } from '../../api/view-questions.ts'
import { useAnswer, Waiting } from '../page/use-answer.tsx'
import { listedBriefly, UNKNOWN, rounded } from '../text/number.ts'
import { texts } from '../text/texts.ts'
import { fineAgeText } from '../text/time.ts'
import { Circuits, circuitsOf } from './circuits.tsx'
import { balance, Equation, type Moment } from './equation.tsx'
import { type Figures, isOld, newestFigures } from './figures.ts'
import { Flow } from './flow.tsx'
import { PriceNow } from './price-now.tsx'
import { Today } from './today.tsx'

/** What happens in the house at this moment. */
export function NowView(): JSX.Element {
  const { live, server, house, status, formatter } = useKnown()
  const asked = useAnswer('/api/v1/now', isNow, live.cycles.value + live.changes.value)
  const now = asked.answer
  const tariffs = usePrices()
  const isPriced = tariffs?.now !== undefined
  const version = live.cycles.value + live.changes.value
  const costs = useAnswer(isPriced ? '/api/v1/costs?span=day' : undefined, isCosts, version).answer
  const groups = useMemo(() => colourGroups(house), [house])
  const newest = live.readings.value
  const readings = house.hasMains ? (live.houseReadings.value ?? newest) : newest
  const figures = useMemo(() => newestFigures(now, readings, house.hasMains), [now, readings, house.hasMains])
  const { watts, atMs, isLive } = figures
  const { maxAgeMs } = status
  const intervalMs = newest?.atMs === undefined ? undefined : newest.intervalMs
  // Asked each second, but drawn only when it changes.
  const isOldNow = useMemo(
    () => computed(() => isOld(figures, { intervalMs, maxAgeMs, nowMs: live.nowMs.value })),
    [figures, intervalMs, maxAgeMs, live],
  )
  const isStale = isOldNow.value || server.keptAtMs.value !== undefined || (!isLive && isTrunkLate(status, house))
  const when = atMs === undefined ? undefined : formatter.when(atMs)
  // So that the circuits and Unmetered, rounded to a watt, add up to the house, rounded to a watt.
  const unmetered =
    watts.unmetered === null || watts.house === null
      ? null
      : Math.round(watts.house) - (circuitsOf(figures, groups) ?? 0)
  const silent = atMs === undefined ? [] : silentDevices(house, figures)
  const unanswered = isStale && newest ? newest.devices.filter((device) => device.atMs === undefined) : []
  const stored = now?.watts.unmetered ?? null
  const unmeteredEarlier = isLive && unmetered === null && stored !== null ? Math.round(stored) : null
  const moment: Moment = { now, figures, groups, shown: balance(watts), unmetered, unmeteredEarlier, silent }
  const circuitCount = groups.flatMap(({ circuits }) => circuits).length
  return (
    <section class={isStale ? 'stale' : ''} aria-label={texts.views.now}>
      <Equation
        {...moment}
        at={isStale ? when : undefined}
        age={<Age atMs={atMs} isNow={isLive && !isStale} isStale={isStale} />}
      />
      <p class="sub part">
        {unanswered.length > 0 &&
          `${texts.now.lastFigures(listedBriefly(unanswered.map(({ name }) => name)), unanswered.length === 1)} `}
        {isLive ? texts.now.liveAndStored(fineAgeText(intervalMs ?? 0)) : texts.now.allStored}
      </p>
      {tariffs && <PriceNow tariffs={tariffs} shown={moment.shown} />}
      <HouseRemarks />
      <Waiting asked={asked} what={texts.now.newestMinute} />
      <div class="cols">
        <div>
          {house.hasMains && (
            <Part title={texts.now.flow} sub={flowSub(moment, when)}>
              <Flow {...moment} />
            </Part>
          )}
          <Part title={texts.now.today} sub={texts.now.minuteMeans} table={() => <TodayTable today={now?.today} />}>
            <Today today={now?.today} costs={isPriced ? costs : undefined} />
          </Part>
        </div>
        <div>
          <Part title={texts.circuits} sub={texts.now.byPower(circuitCount, isLive && !isStale ? undefined : when)}>
            <Circuits {...moment} />
          </Part>
        </div>
      </div>
    </section>
  )
}

/** Asked again when the price of the moment is over. */
function usePrices(): Tariffs | undefined {
  const { live } = useKnown()
  const [changes, setChanges] = useState(0)
  const { answer } = useAnswer(TARIFFS, isTariffs, live.cycles.value + live.changes.value + changes)
  const { untilMs = Infinity } = answer?.now ?? {}
  const isOver = useMemo(() => computed(() => live.nowMs.value >= untilMs), [live, untilMs]).value
  useEffect(() => {
    if (isOver) setChanges((count) => count + 1)
  }, [isOver, untilMs])
  return answer
}

interface AgeProps {
  readonly atMs: number | undefined
  readonly isNow: boolean
  readonly isStale: boolean
}

/** How old the figures are; apart, since it changes with the clock. */
function Age({ atMs, isNow, isStale }: AgeProps): JSX.Element | null {
  const { live, formatter } = useKnown()
  if (atMs === undefined) return null
  const words = isNow ? texts.now.now : texts.now.asOf(formatter.when(atMs), fineAgeText(live.nowMs.value - atMs))
  return <span class={isStale ? 'age at' : 'age'}>{words}</span>
}

function flowSub({ figures: { isLive }, now }: Moment, when: string | undefined): string {
  if (when === undefined) return now === undefined ? UNKNOWN : texts.now.noMinute
  return isLive ? texts.now.toScale : texts.now.flowSub(when)
}

/** Devices of which nothing is known at this time. */
function silentDevices({ channels }: House, figures: Figures): readonly string[] {
  const devices = [...new Set(channels.map(({ device }) => device))]
  const known = new Set(channels.flatMap(({ id, device }) => (figures.channels[id] == null ? [] : device)))
  return devices.filter((device) => !known.has(device))
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
