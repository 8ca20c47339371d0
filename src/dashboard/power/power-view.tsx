import type { ComponentChildren, JSX } from 'preact'
import { useMemo, useRef, useState } from 'preact/hooks'
import { isCoverage, isPower, type Power } from '../api/answers.ts'
import { colourGroups } from '../page/colours.ts'
import { HouseRemarks } from '../page/house-remarks.tsx'
import { useKnown } from '../page/page.ts'
import { FailingPart, NumberTable } from '../page/part.tsx'
import { MisreadLine } from '../page/read-query.tsx'
import { useAnswer, Waiting } from '../page/use-answer.tsx'
import { HOUR_MS, MINUTE_MS, parseDate, urlTime } from '../text/house-time.ts'
import { rounded } from '../text/number.ts'
import { texts } from '../text/texts.ts'
import { circuitsTogether, misreadChannels, readChosen, withOwnHues } from './lanes.ts'
import { Overview } from './overview.tsx'
import { PowerCharts } from './power-charts.tsx'
import {
  misreadRange,
  pointStarts,
  pointTime,
  PRESETS,
  rangeText,
  readRange,
  spanQuery,
  stepRange,
  type Range,
  type ReadRange,
} from './range.ts'
import { Readout } from './readout.tsx'
import { newestPoint, SilentWords } from './silent-spans.tsx'

/** When, and what was it? */
export function PowerView(): JSX.Element {
  const { router, live, status, house, formatter, isPlaceholder } = useKnown()
  const { query } = router.route.value
  const groups = useMemo(() => withOwnHues(colourGroups(house)), [house])
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
    <section aria-label={texts.power.title}>
      <Tools range={range} lastMs={lastMs} power={power} chosen={chosen} onShow={show}>
        <button class="btn" aria-pressed={isTable} onClick={() => setIsTable(!isTable)}>
          {texts.table}
        </button>
      </Tools>
      <MisreadLine
        misread={misread}
        shown={range.preset === 'all' ? texts.power.allStored : texts.power.theNewest(lengthName(range))}
      />
      {isBefore && (
        <p class="waiting" role="status">
          {texts.power.nothingOfThisTime(formatter.day(bounds.firstMs))}{' '}
          <button class="btn" onClick={() => router.set({ range: undefined, from: undefined, to: undefined })}>
            {texts.power.showNewest}
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

interface ToolsProps {
  readonly range: ReadRange
  readonly lastMs: number
  readonly power: Power | undefined
  readonly chosen: ReadonlySet<string> | undefined
  readonly onShow: (range: Range) => void
  readonly children: ComponentChildren
}

function Tools({ range, lastMs, power, chosen, onShow, children }: ToolsProps): JSX.Element {
  const { router, server, formatter, live, place } = useKnown()
  const stepButton = (name: string, arrow: string, by: 1 | -1) => {
    const to = stepRange(range, by, lastMs)
    return (
      <button
        class="btn"
        aria-label={name}
        disabled={by > 0 && range.untilMs >= lastMs}
        onPointerEnter={() => void server.ask(`/api/v1/power?${spanQuery(to)}`, isPower).catch(() => undefined)}
        onClick={() => onShow(to)}
      >
        {arrow}
      </button>
    )
  }
  const channels = chosen === undefined ? '' : `&channels=${encodeURIComponent([...chosen].join(','))}`
  return (
    <div class="tools">
      <div class="seg" role="group" aria-label={texts.power.range}>
        {PRESETS.map(({ name }) => (
          <button
            key={name}
            aria-pressed={name === range.preset}
            onClick={() => router.set({ range: name, from: undefined, to: undefined })}
          >
            {texts.power.presets[name]}
          </button>
        ))}
      </div>
      <div class="step">
        {stepButton(texts.earlier, '←', -1)}
        <span class="when">{rangeText(range, formatter, formatter.time.local(live.nowMs.value).year)}</span>
        {stepButton(texts.later, '→', 1)}
      </div>
      <span class="dim">{power ? texts.power.points[power.step] : '–'}</span>
      <span class="end">
        {children}
        <a class="btn" href={place.at(`/api/v1/power.csv?${spanQuery(range)}${channels}`)} download>
          {texts.csv}
        </a>
      </span>
    </div>
  )
}

const MOST_HOURS = 48

/** `24 hours` */
function lengthName({ fromMs, untilMs }: Range): string {
  const hours = Math.round((untilMs - fromMs) / HOUR_MS)
  return hours <= MOST_HOURS ? texts.hours(hours) : texts.days(Math.round(hours / 24))
}

const COLUMNS = [
  [texts.house, 'house'],
  [texts.solar, 'solar'],
  [texts.fromGrid, 'fromGrid'],
  [texts.toGrid, 'toGrid'],
  [texts.unmetered, 'unmetered'],
] as const

/** The charts in numbers; the circuits are in the CSV. */
function PowerTable({ power }: { power: Power | undefined }): JSX.Element {
  const { formatter, house } = useKnown()
  const shown = COLUMNS.filter(([, key]) => (key === 'solar' || key === 'toGrid' ? house.hasSolar : house.hasMains))
  const together = power && !house.hasMains ? [circuitsTogether(power, house)] : []
  const cells = power ? [...shown.map(([, key]) => power.house[key]), ...together] : []
  const rows = power
    ? pointStarts(power).map((ms, index) => {
        const { clock, rest } = pointTime(power, index, formatter)
        return { key: ms, name: `${clock} ${rest}`, cells: cells.map((column) => rounded(column[index])) }
      })
    : []
  const columns = [...shown.map(([name]) => name), ...(house.hasMains ? [] : [texts.circuits])]
  return (
    <NumberTable
      label={texts.power.tableOfCharts}
      unit={texts.watts}
      corner={texts.time}
      columns={columns}
      rows={rows}
      isTall
    />
  )
}
