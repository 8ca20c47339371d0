import type { JSX } from 'preact'
import { useMemo, useRef, useState } from 'preact/hooks'
import { isCoverage, isPower, type Power } from '../api/answers.ts'
import { colourGroups } from '../page/colours.ts'
import { HouseRemarks } from '../page/house-remarks.tsx'
import { useKnown } from '../page/page.ts'
import { FailingPart, NumberTable } from '../page/part.tsx'
import { MisreadLine } from '../page/read-query.tsx'
import { useAnswer, Waiting } from '../page/use-answer.tsx'
import { HOUR_MS, MINUTE_MS, parseDate, urlTime } from '../text/house-time.ts'
import { count, rounded } from '../text/number.ts'
import { misreadChannels, readChosen, sumOfKnown } from './lanes.ts'
import { Overview } from './overview.tsx'
import { pointStarts, pointTime } from './points.ts'
import { PowerCharts } from './power-charts.tsx'
import { PowerTools } from './power-tools.tsx'
import { misreadRange, type Range, readRange } from './range.ts'
import { Readout } from './readout.tsx'
import { newestPoint, SilentWords } from './silent-spans.tsx'

/** When, and what was it? */
export function PowerView(): JSX.Element {
  const { router, live, status, house, formatter, isPlaceholder } = useKnown()
  const { query } = router.route.value
  const groups = useMemo(() => colourGroups(house), [house])
  const chosen = useMemo(() => readChosen(query, groups), [query, groups])
  const years = useAnswer('/api/v1/coverage', isCoverage)
  const stored = status.devices.flatMap(({ storedUntilMs }) => storedUntilMs ?? [])
  const lastMs = stored.length > 0 ? Math.max(...stored) : Math.floor(live.nowMs.value / MINUTE_MS) * MINUTE_MS
  const firstDates = (years.answer?.devices ?? []).map(({ firstDate }) => formatter.time.instant(parseDate(firstDate)))
  const bounds = { firstMs: Math.min(lastMs, ...firstDates), lastMs }
  const range = readRange(query, bounds)
  const ids = groups.flatMap(({ circuits }) => circuits.map(({ id }) => id))
  const misread = [...misreadRange(query), ...(isPlaceholder ? [] : misreadChannels(query, ids))]
  const isBefore = years.answer !== undefined && range.untilMs <= bounds.firstMs && bounds.firstMs < bounds.lastMs
  const path = `/api/v1/power?${spanQuery(range)}`
  const asked = useAnswer(path, isPower, live.changes.value)
  const power = asked.answer
  const [cursor, setCursor] = useState<number>()
  const [isTable, setIsTable] = useState(false)
  const zooms = useRef<Range[]>([])

  const show = ({ fromMs, untilMs }: Range) => {
    setCursor(undefined)
    router.set({ range: undefined, from: urlTime(fromMs, formatter.time), to: urlTime(untilMs, formatter.time) })
  }
  const zoom = (to: Range) => {
    zooms.current.push(range)
    show(to)
  }
  const back = () => {
    const before = zooms.current.pop()
    if (before) show(before)
    else router.set({ range: undefined, from: undefined, to: undefined })
  }
  const choose = (ids: ReadonlySet<string> | undefined) =>
    router.set({ ch: ids === undefined ? undefined : [...ids].join(',') }, { replaces: true })
  const length = power?.house.house.length ?? 0
  const at = cursor !== undefined && cursor < length ? cursor : power ? newestPoint(power) : 0

  return (
    <section aria-label="Power over time">
      <PowerTools range={range} bounds={bounds} power={power} chosen={chosen} onShow={show} spanQuery={spanQuery}>
        <button class="btn" aria-pressed={isTable} onClick={() => setIsTable(!isTable)}>
          Table
        </button>
      </PowerTools>
      <MisreadLine
        misread={misread}
        shown={range.preset === 'all' ? 'all that is stored' : `the newest ${lengthName(range)}`}
      />
      {isBefore && (
        <p class="waiting" role="status">
          Nothing is stored of this time: the first stored day is {formatter.day(bounds.firstMs)}.{' '}
          <button class="btn" onClick={() => router.set({ range: undefined, from: undefined, to: undefined })}>
            Show the newest 24 hours
          </button>
        </p>
      )}
      <FailingPart>
        <Overview
          range={range}
          bounds={bounds}
          isKnown={years.answer !== undefined || years.problem !== undefined}
          onShow={zoom}
        />
      </FailingPart>
      <HouseRemarks />
      <SilentWords power={power} />
      <Waiting asked={asked} what={lengthName(range)} />
      <div class="cols power">
        <FailingPart>
          {isTable ? (
            <PowerTable power={power} />
          ) : (
            <PowerCharts
              power={power}
              range={range}
              lastMs={lastMs}
              groups={groups}
              chosen={chosen}
              at={at}
              isPointed={cursor !== undefined}
              onPoint={setCursor}
              onZoom={zoom}
              onBack={back}
              onStep={show}
            />
          )}
        </FailingPart>
        <FailingPart>
          <Readout power={power} groups={groups} chosen={chosen} at={at} onChoose={choose} />
        </FailingPart>
      </div>
    </section>
  )
}

const spanQuery = ({ fromMs, untilMs }: Range): string =>
  `from=${new Date(fromMs).toISOString().slice(0, 16)}Z&until=${new Date(untilMs).toISOString().slice(0, 16)}Z`

const MOST_HOURS = 48

/** `24 hours` */
function lengthName({ fromMs, untilMs }: Range): string {
  const hours = Math.round((untilMs - fromMs) / HOUR_MS)
  return hours <= MOST_HOURS ? count(hours, 'hour') : count(Math.round(hours / 24), 'day')
}

const COLUMNS = [
  ['House', 'house'],
  ['Solar', 'solar'],
  ['From the grid', 'fromGrid'],
  ['To the grid', 'toGrid'],
  ['Unmetered', 'unmetered'],
] as const

/** The charts in numbers; the circuits are in the CSV. */
function PowerTable({ power }: { power: Power | undefined }): JSX.Element {
  const { formatter, house } = useKnown()
  const circuits = house.channels.filter(({ role }) => role === 'circuit').map(({ id }) => id)
  const shown = COLUMNS.filter(([, key]) => (key === 'solar' || key === 'toGrid' ? house.hasSolar : house.hasMains))
  const together =
    power &&
    sumOfKnown(
      circuits.map((id) => power.channels[id] ?? []),
      power.house.house.length,
    )
  const rows = power
    ? pointStarts(power).map((ms, index) => {
        const { clock, rest } = pointTime(power, index, formatter)
        return {
          key: ms,
          name: `${clock} ${rest}`,
          cells: [
            ...shown.map(([, key]) => rounded(power.house[key][index])),
            ...(house.hasMains ? [] : [rounded(together?.[index])]),
          ],
        }
      })
    : []
  const columns = [...shown.map(([name]) => name), ...(house.hasMains ? [] : ['Circuits'])]
  return <NumberTable label="Table of the charts" unit="watts" corner="Time" columns={columns} rows={rows} isTall />
}
