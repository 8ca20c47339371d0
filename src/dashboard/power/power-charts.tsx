import type { ComponentChildren, JSX } from 'preact'
import { useMemo, useRef } from 'preact/hooks'
import type { Column, House, Power } from '../api/answers.ts'
import { axisMarks, greatest, niceTop, signedMarks, timeMarks } from '../chart/axes.ts'
import { Legend, Spoken } from '../chart/captions.tsx'
import { Plot, PLOT_LEFT_PX, type PlotProps, type PlotSeries } from '../chart/plot.tsx'
import { useIsPhone, useWidth } from '../chart/use-width.ts'
import type { Group } from '../page/colours.ts'
import { useKnown } from '../page/page.ts'
import { powerText } from '../text/number.ts'
import { texts } from '../text/texts.ts'
import { circuitsTogether, pickedLines, stackLayers } from './lanes.ts'
import { Cursor, LineNames, MarkedSpans } from './overlays.tsx'
import { pointStarts, pointTime, type Range } from './range.ts'
import { type Steering, useGestures } from './use-gestures.ts'

interface PowerChartsProps extends Steering {
  readonly power: Power | undefined
  readonly groups: readonly Group[]
  readonly chosen: ReadonlySet<string> | undefined
  readonly isPointed: boolean
}

interface Chart extends Pick<PlotProps, 'series' | 'minW' | 'maxW' | 'yMarks' | 'heightPx'> {
  readonly label: string
  /** Whether the time is written at its cursor. */
  readonly isNamed?: boolean
  /** Between the plot and the cursor. */
  readonly over?: ComponentChildren
}

const HEIGHTS = { solar: 150, grid: 112, stack: 392, stackPhone: 250 }
const MARK_EVERY_PX = 76
const LEAST_TOP_W = 100

/** Three charts with one time axis and one cursor. */
export function PowerCharts(props: PowerChartsProps): JSX.Element {
  const { power, range, groups, chosen, at, isPointed } = props
  const [ref, widthPx] = useWidth()
  const isPhone = useIsPhone()
  const { formatter, house } = useKnown()
  const shown: Range = power ? { fromMs: power.fromMs, untilMs: power.untilMs } : range
  const starts = useMemo(() => (power ? pointStarts(power) : []), [power])
  const top = useHeldTop(power, groups)
  const xMarks = useMemo(
    () => timeMarks(shown, formatter.time, (widthPx - PLOT_LEFT_PX) / MARK_EVERY_PX),
    [shown.fromMs, shown.untilMs, formatter.time, widthPx],
  )
  const drawn = useMemo(() => power && allSeries(power, house, { groups, chosen }), [power, house, groups, chosen])

  const plotWidth = Math.max(1, widthPx - PLOT_LEFT_PX)
  const msAt = (x: number) => shown.fromMs + ((x - PLOT_LEFT_PX) / plotWidth) * (shown.untilMs - shown.fromMs)
  const xAt = (ms: number) => PLOT_LEFT_PX + ((ms - shown.fromMs) / (shown.untilMs - shown.fromMs)) * plotWidth
  const { handlers, drag, isPinned, isByKeys } = useGestures(props, { shown, starts, msAt, xAt })

  const clock = power && starts.length > 0 ? pointTime(power, at, formatter).clock : undefined
  const chart = ({ label, isNamed = false, over, ...plot }: Chart) => (
    <div
      class="plot"
      role="application"
      aria-roledescription={texts.chart}
      tabIndex={0}
      aria-label={label}
      {...handlers}
    >
      <Plot startsMs={starts} {...shown} {...plot} xMarks={xMarks} hasTimes widthPx={widthPx}>
        {over}
        {starts.length > 0 && (
          <Cursor
            x={isPointed || isPinned ? xAt(starts[at] ?? shown.fromMs) : undefined}
            drag={drag}
            heightPx={plot.heightPx}
            widthPx={widthPx}
            label={isNamed ? clock : undefined}
          />
        )}
      </Plot>
    </div>
  )
  const stackPx = isPhone ? HEIGHTS.stackPhone : HEIGHTS.stack
  const lines = drawn?.lines
  const stackTop = drawn?.linesTop ?? top.stack
  const title = chartTitle(house)
  const stacked = groups.length > 1 ? texts.power.stacked : texts.power.stackedCircuits
  // Without solar the grid is the house, unless something goes out.
  const hasGrid = house.hasMains && (house.hasSolar || greatest(power?.house.toGrid ?? []) > 0)
  return (
    <div ref={ref} class="power-charts">
      <Spoken
        words={power && clock !== undefined && isByKeys ? `${clock}, ${pointWords(power, house, at)}` : undefined}
      />
      {title !== '' && (
        <>
          <div class="bar">
            <h2>{title}</h2>
            <Legend keys={[house.hasSolar && ['solar', texts.solar], house.hasMains && ['house', texts.house]]} />
          </div>
          {chart({
            label: drawn?.finding ?? title,
            series: drawn?.solar ?? [],
            minW: 0,
            maxW: top.power,
            yMarks: axisMarks(0, top.power, 3),
            heightPx: HEIGHTS.solar,
          })}
        </>
      )}
      {hasGrid && (
        <>
          <div class="bar">
            <h2>{texts.grid}</h2>
            <Legend
              keys={[
                ['import', texts.power.fromGridAbove],
                ['export', texts.power.toGridBelow],
              ]}
            />
          </div>
          {chart({
            label: texts.power.gridLabel,
            series: drawn?.grid ?? [],
            minW: -top.toGrid,
            maxW: top.fromGrid,
            yMarks: signedMarks(-top.toGrid, top.fromGrid),
            heightPx: HEIGHTS.grid,
          })}
        </>
      )}
      <div class="bar">
        <h2>{lines ? texts.power.picked : stacked}</h2>
        <span class="sub">{stackSub(house, lines !== undefined, chosen)}</span>
      </div>
      {chart({
        label: lines ? texts.power.pickedLabel(lines.map(({ id }) => id).join(', ')) : stacked,
        series: drawn?.stack ?? [],
        minW: 0,
        maxW: stackTop,
        yMarks: axisMarks(0, stackTop, 6),
        isNamed: true,
        heightPx: stackPx,
        over: (
          <>
            {power && <MarkedSpans power={power} xAt={xAt} heightPx={stackPx} widthPx={widthPx} />}
            {lines && <LineNames lines={lines} maxW={stackTop} heightPx={stackPx} widthPx={widthPx} />}
          </>
        ),
      })}
    </div>
  )
}

function chartTitle({ hasSolar, hasMains }: House): string {
  if (hasSolar) return hasMains ? texts.power.solarAndHouse : texts.solar
  return hasMains ? texts.house : ''
}

function stackSub({ hasMains }: House, isLines: boolean, chosen: ReadonlySet<string> | undefined): string {
  if (isLines) return texts.power.inGroupColours
  if (!hasMains) return chosen === undefined ? '' : texts.power.someOff
  return chosen === undefined ? texts.power.lineHouse : texts.power.lineHouseSomeOff
}

/** The tops of the axes; they hold while one steps through time, so that days compare. */
function useHeldTop(power: Power | undefined, groups: readonly Group[]) {
  const held = useRef({ lengthMs: 0, power: 1000, stack: 1000, fromGrid: 1000, toGrid: 500 })
  return useMemo(() => {
    const before = held.current
    const lengthMs = power ? power.untilMs - power.fromMs : before.lengthMs
    const hold = (top: number, value: number) => (lengthMs === before.lengthMs ? Math.max(top, value) : value)
    const house = power?.house
    const bands = power?.bands
    const stacked = power && stackLayers(power, groups, undefined).at(-1)?.tops
    const topOf = (...columns: readonly (Column | undefined)[]) =>
      niceTop(Math.max(LEAST_TOP_W, ...columns.map((each) => greatest(each ?? []))))
    held.current = {
      lengthMs,
      power: hold(before.power, topOf(house?.house, house?.solar, bands?.houseMax, bands?.solarMax)),
      // The stack is of means: the peaks within them would leave it a third of its box.
      stack: hold(before.stack, topOf(house?.house, stacked)),
      fromGrid: hold(before.fromGrid, Math.max(LEAST_TOP_W, greatest(house?.fromGrid ?? [])) * 1.05),
      toGrid: hold(before.toGrid, Math.max(LEAST_TOP_W / 2, greatest(house?.toGrid ?? [])) * 1.1),
    }
    return held.current
  }, [power])
}

type Lanes = Pick<PowerChartsProps, 'groups' | 'chosen'>

function allSeries(power: Power, { hasMains, hasSolar }: House, { groups, chosen }: Lanes) {
  const { house, bands } = power
  const houseLine: PlotSeries = { column: house.house, stroke: 'var(--ink)', width: 1.1 }
  const solarArea: PlotSeries = {
    column: house.solar,
    fill: 'var(--solar)',
    fillOpacity: 0.45,
    stroke: 'var(--solar-line)',
    width: 1.5,
  }
  const solar: readonly PlotSeries[] = [
    ...(hasSolar ? [solarArea] : []),
    ...(bands && hasSolar ? [{ column: bands.solarMax, toNext: 'var(--solar-line)' }, { column: bands.solarMin }] : []),
    ...(bands && hasMains ? [{ column: bands.houseMax, toNext: 'var(--ink-3)' }, { column: bands.houseMin }] : []),
    ...(hasMains ? [houseLine] : []),
  ]
  const grid: readonly PlotSeries[] = [
    { column: house.fromGrid, fill: 'var(--import)', stroke: 'var(--import-line)' },
    {
      column: house.toGrid.map((watts) => (watts === null ? null : -watts)),
      fill: 'var(--export)',
      stroke: 'var(--export-line)',
    },
  ]
  const lines = pickedLines(power, groups, chosen)
  const layers = stackLayers(power, groups, chosen)
    .toReversed()
    .map(({ fill, tops }): PlotSeries => ({
      column: tops,
      fill,
      stroke: 'var(--bg)',
      width: 0.6,
    }))
  const stack: readonly PlotSeries[] = lines
    ? lines.map(({ watts, colour, isDashed }) => ({ column: watts, stroke: colour, width: 1.5, isDashed }))
    : [...layers, ...(hasMains ? [houseLine] : [])]
  return {
    solar,
    grid,
    stack,
    lines,
    linesTop: lines && niceTop(Math.max(10, ...lines.map(({ watts }) => greatest(watts)))),
    finding: [
      ...(hasMains ? [texts.power.houseAtMost(powerText(greatest(house.house)))] : []),
      ...(hasSolar
        ? [(hasMains ? texts.power.solarAtMost : texts.power.onlySolarAtMost)(powerText(greatest(house.solar)))]
        : []),
    ].join(', '),
  }
}

function pointWords(power: Power, house: House, at: number): string {
  const { hasMains, hasSolar } = house
  const of = (column: readonly (number | null)[]) => powerText(column[at])
  const words = texts.power
  return [
    hasMains ? words.pointHouse(of(power.house.house)) : words.pointCircuits(of(circuitsTogether(power, house))),
    ...(hasSolar ? [words.pointSolar(of(power.house.solar))] : []),
    ...(hasMains ? [words.pointFromGrid(of(power.house.fromGrid))] : []),
    ...(hasMains && hasSolar ? [words.pointToGrid(of(power.house.toGrid))] : []),
  ].join(', ')
}
