import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { Column, Energy, House } from '../api/answers.ts'
import { axisLabels, axisMarks, greatest } from '../chart/axes.ts'
import { Spoken } from '../chart/captions.tsx'
import { nextInRow } from '../chart/cell-grid.tsx'
import { Rule, ValueAxis } from '../chart/lines.tsx'
import { useIsPhone, useWidth } from '../chart/use-width.ts'
import { Link } from '../page/link.tsx'
import { useKnown } from '../page/page.ts'
import { powerSpan } from '../page/power-span.ts'
import { energyText } from '../text/number.ts'
import { texts } from '../text/texts.ts'
import {
  barColumn,
  barLabels,
  barSpan,
  barsPerDay,
  houseBefore,
  isOpenBar,
  openBarText,
  spanTitle,
  type BarLabel,
} from './period.ts'

const LEFT_PX = 50
const TOP_PX = 16
const DRAWN_PX = 254
const STEPS = 5
/** Half of the words over a bar that is not over. */
const OPEN_PX = 28
const LEAST_WH = 100
/** What goes to the grid gets a gridline of its own from this part of a step on. */
const LEAST_STEP = 0.25

/** Above zero solar used and from the grid, which is the house; below, to the grid; behind it the house before. */
export function Bars({ energy }: { energy: Energy | undefined }): JSX.Element {
  const { formatter, house } = useKnown()
  const perDay = energy && barsPerDay(energy, house.hasMains, formatter)
  return (
    <BarsFrame
      chosen={energy}
      summary={energy ? summary(energy, house) : texts.energy.noBars}
      words={(at) => energy && barWords(energy, house, { at, perDay })}
    >
      {(place) => <BarsDrawing energy={energy} {...place} />}
    </BarsFrame>
  )
}

/** What has bars: the span and where they begin. */
export type Barred = Pick<Energy, 'span' | 'startsMs' | 'untilMs' | 'soFarUntilMs'>

interface Placed {
  readonly labels: readonly BarLabel[]
  readonly widthPx: number
  /** The bar that is pointed at. */
  readonly at: number | undefined
}

interface FrameProps {
  readonly chosen: Barred | undefined
  readonly summary: string
  /** Of one bar. */
  readonly words: (at: number) => string | undefined
  readonly children: (place: Placed) => JSX.Element
}

/** Bars that are pointed at, or walked along with keys, and lead to Power. */
export function BarsFrame({ chosen, summary: title, words: wordsOf, children }: FrameProps): JSX.Element {
  const [ref, widthPx] = useWidth()
  const { formatter, router } = useKnown()
  const [at, setAt] = useState<number>()
  const [isByKeys, setIsByKeys] = useState(false)
  const labels = chosen ? barLabels(chosen, formatter) : []
  const count = labels.length
  const bar = chosen && at !== undefined ? barSpan(chosen, at) : undefined
  const lead = bar && powerSpan(bar, formatter.time)
  const move = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && lead) router.go('power', lead)
    const next = nextInRow(event.key, at ?? -1, count)
    if (next === undefined) return
    event.preventDefault()
    setIsByKeys(true)
    setAt(next)
  }
  const point = (event: PointerEvent & { currentTarget: Element }) => {
    const x = event.clientX - event.currentTarget.getBoundingClientRect().left
    const index = Math.floor(((x - LEFT_PX) / (widthPx - LEFT_PX)) * count)
    setIsByKeys(false)
    setAt(index >= 0 && index < count ? index : undefined)
  }
  const label = at === undefined ? undefined : labels[at]
  const words = label && at !== undefined ? `${label.long}: ${wordsOf(at) ?? ''}` : undefined
  return (
    <div ref={ref} class="bars">
      <Spoken
        words={isByKeys && words !== undefined ? `${words}. ${lead ? texts.energy.enterLeads : ''}` : undefined}
      />
      <div
        class={lead ? 'plot choosable' : 'plot'}
        role="application"
        aria-roledescription={texts.chart}
        tabIndex={0}
        aria-label={title}
        onKeyDown={move}
        onPointerMove={point}
        onPointerDown={point}
        onPointerUp={(event) => {
          // A finger points first: it has the link below.
          if (event.pointerType === 'mouse' && event.button === 0 && lead) router.go('power', lead)
        }}
        onPointerLeave={(event) => event.pointerType === 'mouse' && setAt(undefined)}
      >
        {widthPx > 0 && children({ labels, widthPx, at })}
      </div>
      <p class="readline">
        <span aria-hidden="true">{words ?? '\u00a0'}</span>{' '}
        {lead && (
          <Link view="power" query={lead}>
            {texts.energy.toPower}
          </Link>
        )}
      </p>
    </div>
  )
}

function summary({ span, date, sums }: Energy, { hasMains, hasSolar }: House): string {
  const { house, solar, fromGrid, toGrid } = sums.wattHours
  const title = spanTitle(span, date)
  if (!hasMains) return texts.energy.summaryCircuits(title, energyText(sums.circuits))
  if (!hasSolar) return texts.energy.summaryHouse(title, energyText(house))
  return texts.energy.summary(title, {
    house: energyText(house),
    solar: energyText(solar),
    fromGrid: energyText(fromGrid),
    toGrid: energyText(toGrid),
  })
}

interface WordsOptions {
  readonly at: number
  readonly perDay: Column | undefined
}

function barWords(energy: Energy, { hasMains, hasSolar }: House, { at: index, perDay }: WordsOptions): string {
  const { house, missing, unmeasured, before } = energy
  const off = unmeasured?.[index] ?? 0
  const of = (column: readonly (number | null)[]) => energyText(column[index])
  const missingMinutes = missing?.[index] ?? 0
  const words = texts.energy
  const each = perDay?.[index] == null ? '' : words.barPerDay(energyText(perDay[index]))
  return [
    `${(hasMains ? words.barHouse : words.barCircuits)(of(barColumn(energy, hasMains)))}${each}`,
    ...(hasSolar ? [`${words.barSolar(of(house.solar))}${hasMains ? words.barUsed(of(house.used)) : ''}`] : []),
    ...(hasMains ? [words.barFromGrid(of(house.fromGrid))] : []),
    ...(hasMains && hasSolar ? [words.barToGrid(of(house.toGrid))] : []),
    ...(before ? [(hasMains ? words.barHouseBefore : words.barCircuitsBefore)(of(houseBefore(energy, hasMains)))] : []),
    ...(missingMinutes > 0 ? [texts.missing(String(missingMinutes))] : []),
    ...(off > 0 ? [texts.notMeasured(String(off))] : []),
  ].join(', ')
}

function BarsDrawing({ energy, ...placed }: Placed & { energy: Energy | undefined }): JSX.Element {
  const { house } = useKnown()
  const before = energy ? houseBefore(energy, house.hasMains) : []
  const column = energy ? barColumn(energy, house.hasMains) : []
  const up = Math.max(LEAST_WH, greatest(column), greatest(before))
  return (
    <BarsCanvas
      {...placed}
      chosen={energy}
      up={up}
      down={downTo(greatest(energy?.house.toGrid ?? []), up)}
      axis={(marks) => axisLabels(marks, { size: 1000, unit: 'kWh' })}
      topOf={(index) => Math.max(column[index] ?? 0, before[index] ?? 0)}
    >
      {(index, place) => energy && <Bar energy={energy} beforeHouse={before[index] ?? null} index={index} {...place} />}
    </BarsCanvas>
  )
}

interface BarPlace {
  readonly x: number
  readonly width: number
  readonly y: (value: number) => number
  readonly scale: number
}

interface CanvasProps extends Placed {
  readonly chosen: Barred | undefined
  readonly up: number
  readonly down: number
  readonly axis: (marks: readonly number[]) => readonly string[]
  readonly topOf: (index: number) => number
  readonly children: (index: number, place: BarPlace) => JSX.Element | undefined
}

/** The axis, and each bar over its label. */
export function BarsCanvas(props: CanvasProps): JSX.Element {
  const { chosen, labels, widthPx, at, up, down, axis, topOf, children } = props
  const isPhone = useIsPhone()
  const { formatter } = useKnown()
  const scale = DRAWN_PX / (up + down)
  const zero = Math.round(TOP_PX + up * scale)
  const y = (value: number) => zero - value * scale
  const bottom = TOP_PX + DRAWN_PX
  const slot = (widthPx - LEFT_PX) / Math.max(1, labels.length)
  const every = isPhone && labels.length > 27 ? 7 : Math.ceil((isPhone ? 38 : 26) / slot)
  const heightPx = bottom + 36
  const marks = axisMarks(-down, up, STEPS)
  return (
    <svg width={widthPx} height={heightPx} viewBox={`0 0 ${widthPx} ${heightPx}`} aria-hidden="true">
      <ValueAxis marks={marks} labels={axis(marks)} y={y} leftPx={LEFT_PX} widthPx={widthPx} />
      {chosen &&
        labels.map((label, index) => {
          const left = LEFT_PX + index * slot
          const center = left + slot / 2
          return (
            <g key={label.long}>
              {at === index && <rect x={left} y={TOP_PX} width={slot} height={DRAWN_PX} fill="var(--wash)" />}
              {children(index, { x: left + slot * 0.16, width: slot * 0.68, y, scale })}
              {index % every === 0 && (
                <text
                  x={center}
                  y={bottom + 18}
                  text-anchor="middle"
                  class={label.isWeekend ? 'm' : ''}
                  font-weight={label.isWeekend ? 600 : 400}
                >
                  {label.short}
                </text>
              )}
              {label.length !== undefined && (
                <text x={center} y={bottom + 32} text-anchor="middle" class="v">
                  {label.length}
                </text>
              )}
              {!isPhone && isOpenBar(chosen, index) && chosen.soFarUntilMs !== undefined && (
                <text
                  x={Math.min(center, widthPx - OPEN_PX)}
                  y={y(Math.max(0, ...[index - 1, index, index + 1].map(topOf))) - 8}
                  class="m halo"
                  text-anchor="middle"
                >
                  {openBarText(chosen.span, chosen.soFarUntilMs, formatter)}
                </text>
              )}
            </g>
          )
        })}
    </svg>
  )
}

/** To the next gridline, where what goes to the grid comes near it. */
export function downTo(down: number, up: number): number {
  const [first = 0, second = 0] = axisMarks(-down, up, STEPS)
  const step = second - first
  return down < step * LEAST_STEP ? down : Math.ceil(down / step) * step
}

const GHOST = 0.17

interface BarProps extends BarPlace {
  readonly energy: Energy
  readonly beforeHouse: number | null
  readonly index: number
}

function Bar({ energy, beforeHouse, index, x, width, y, scale }: BarProps): JSX.Element {
  const { house, missing, unmeasured, sums } = energy
  const { hasMains } = useKnown().house
  const [used, fromGrid, toGrid] = [house.used[index] ?? 0, house.fromGrid[index] ?? 0, house.toGrid[index] ?? 0]
  const circuits = hasMains ? 0 : (energy.circuits?.[index] ?? 0)
  // As wide as its slot nearly is, so that it shows at both sides of a bar that hides it.
  const ghost = { x: x - width * GHOST, width: width * (1 + 2 * GHOST) }
  const under = TOP_PX + DRAWN_PX + 3
  const isMissing = (!hasMains || sums.lackingMinutes.house > 0) && (missing?.[index] ?? 0) > 0
  const box = (top: number, wattHours: number, fill: string) =>
    wattHours > 0 && (
      <rect
        x={x}
        y={top}
        width={width}
        height={Math.max(0.5, wattHours * scale)}
        fill={`var(--${fill})`}
        stroke={`var(--${fill === 'rest' ? 'edge' : `${fill}-line`})`}
      />
    )
  return (
    <>
      {beforeHouse !== null && beforeHouse > 0 && (
        <rect class="ghost" {...ghost} y={y(beforeHouse)} height={Math.max(0.5, beforeHouse * scale)} />
      )}
      {box(y(used), used, 'solar')}
      {box(y(used + fromGrid), fromGrid - 1.5 / scale, 'import')}
      {box(y(0) + 1, toGrid, 'export')}
      {box(y(circuits), circuits, 'rest')}
      {(unmeasured?.[index] ?? 0) > 0 && <line x1={x} y1={under + 1.5} x2={x + width} y2={under + 1.5} class="off" />}
      {isMissing && <Rule x1={x} y1={under + 1} x2={x + width} y2={under + 1} tone="missing" width={2} />}
    </>
  )
}
