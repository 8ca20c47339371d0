import type { JSX } from 'preact'
import { useMemo, useRef } from 'preact/hooks'
import type { House, Power } from '../api/answers.ts'
import { Plot, PLOT_LEFT_PX, type PlotSeries } from '../chart/plot.tsx'
import { axisMarks, greatest, niceTop, signedMarks } from '../chart/scale.ts'
import { Spoken } from '../chart/spoken.tsx'
import { timeMarks } from '../chart/time-marks.ts'
import { useIsPhone, useWidth } from '../chart/use-width.ts'
import type { Group } from '../page/colours.ts'
import { Swatch } from '../page/glyph.tsx'
import { useKnown } from '../page/page.ts'
import { powerText } from '../text/number.ts'
import { Cursor } from './cursor.tsx'
import { pickedLines, stackLayers, sumOfKnown } from './lanes.ts'
import { LineNames } from './line-names.tsx'
import { MissingSpans } from './missing-spans.tsx'
import { pointStarts, pointTime } from './points.ts'
import type { Range } from './range.ts'
import { useGestures } from './use-gestures.ts'

interface PowerChartsProps {
  readonly power: Power | undefined
  readonly range: Range
  readonly lastMs: number
  readonly groups: readonly Group[]
  readonly chosen: ReadonlySet<string> | undefined
  readonly at: number
  readonly isPointed: boolean
  readonly onPoint: (at: number | undefined) => void
  readonly onZoom: (range: Range) => void
  readonly onStep: (range: Range) => void
  readonly onBack: () => void
}

const HEIGHTS = { solar: 150, grid: 112, stack: 392, stackPhone: 250 }
const MARK_EVERY_PX = 76
const LEAST_TOP_W = 100

/** Three charts with one time axis and one cursor. */
export function PowerCharts(props: PowerChartsProps): JSX.Element {
  const { power, range, lastMs, groups, chosen, at, isPointed, onPoint, onZoom, onStep, onBack } = props
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
  const { handlers, drag, isPinned, isByKeys } = useGestures({
    range,
    shown,
    starts,
    at,
    lastMs,
    msAt,
    xAt,
    onPoint,
    onZoom,
    onStep,
    onBack,
  })

  const words =
    power && starts.length > 0 && isByKeys
      ? cursorWords(power, house, { at, clock: pointTime(power, at, formatter).clock })
      : undefined
  const stop = (label: string) => ({
    class: 'plot',
    role: 'application' as const,
    'aria-roledescription': 'chart',
    tabIndex: 0,
    'aria-label': label,
    ...handlers,
  })
  const common = { startsMs: starts, ...shown, xMarks, widthPx }
  const cursor = (heightPx: number, label?: string) =>
    starts.length > 0 && (
      <Cursor
        x={isPointed || isPinned ? xAt(starts[at] ?? shown.fromMs) : undefined}
        drag={drag}
        heightPx={heightPx}
        widthPx={widthPx}
        label={label}
      />
    )
  const stackPx = isPhone ? HEIGHTS.stackPhone : HEIGHTS.stack
  const lines = drawn?.lines
  const title = chartTitle(house)
  // Without solar the grid is the house, unless something goes out.
  const hasGrid = house.hasMains && (house.hasSolar || greatest(power?.house.toGrid ?? []) > 0)
  const linesTop = niceTop(drawn?.linesPeak ?? 0)
  const linesMarks = useMemo(() => axisMarks(0, linesTop, 6), [linesTop])
  return (
    <div ref={ref} class="power-charts">
      <Spoken words={words} />
      {title !== '' && (
        <>
          <div class="bar">
            <h2>{title}</h2>
            <ul class="keys">
              {house.hasSolar && (
                <li>
                  <Swatch of="solar" />
                  Solar
                </li>
              )}
              {house.hasMains && (
                <li>
                  <Swatch of="house" />
                  House
                </li>
              )}
            </ul>
          </div>
          <div {...stop(drawn?.finding ?? title)}>
            <Plot
              {...common}
              series={drawn?.solar ?? []}
              minW={0}
              maxW={top.power}
              yMarks={top.powerMarks}
              hasTimes={false}
              heightPx={HEIGHTS.solar}
            >
              {cursor(HEIGHTS.solar)}
            </Plot>
          </div>
        </>
      )}
      {hasGrid && (
        <>
          <div class="bar">
            <h2>Grid</h2>
            <ul class="keys">
              <li>
                <Swatch of="import" />
                From the grid, above zero
              </li>
              <li>
                <Swatch of="export" />
                To the grid, below zero
              </li>
            </ul>
          </div>
          <div {...stop('From the grid, above zero, and to the grid, below zero')}>
            <Plot
              {...common}
              series={drawn?.grid ?? []}
              minW={-top.toGrid}
              maxW={top.fromGrid}
              yMarks={top.gridMarks}
              hasTimes={false}
              heightPx={HEIGHTS.grid}
            >
              {cursor(HEIGHTS.grid)}
            </Plot>
          </div>
        </>
      )}
      <div class="bar">
        <h2>{lines ? 'Picked circuits' : 'Circuits, stacked by group'}</h2>
        <span class="sub">{stackSub(house, lines !== undefined, chosen)}</span>
      </div>
      <div {...stop(lines ? `Picked circuits: ${lines.map(({ id }) => id).join(', ')}` : 'Circuits, stacked by group')}>
        <Plot
          {...common}
          series={drawn?.stack ?? []}
          minW={0}
          maxW={lines ? linesTop : top.power}
          yMarks={lines ? linesMarks : top.stackMarks}
          hasTimes
          heightPx={stackPx}
        >
          {power && (
            <MissingSpans
              power={power}
              starts={starts}
              xAt={xAt}
              heightPx={stackPx}
              widthPx={widthPx}
              isPhone={isPhone}
            />
          )}
          {lines && <LineNames lines={lines} maxW={linesTop} heightPx={stackPx} widthPx={widthPx} />}
          {cursor(stackPx, power && starts.length > 0 ? pointTime(power, at, formatter).clock : undefined)}
        </Plot>
      </div>
    </div>
  )
}

function chartTitle({ hasSolar, hasMains }: House): string {
  if (hasSolar) return hasMains ? 'Solar and house' : 'Solar'
  return hasMains ? 'House' : ''
}

function stackSub({ hasMains }: House, isLines: boolean, chosen: ReadonlySet<string> | undefined): string {
  if (isLines) return 'each in the colour of its group'
  if (!hasMains) return chosen === undefined ? '' : 'some circuits are switched off'
  return chosen === undefined ? 'line: House; hatched: unmetered' : 'line: House; some circuits are switched off'
}

/** The tops of the axes; they hold while one steps through time, so that days compare. */
function useHeldTop(power: Power | undefined, groups: readonly Group[]) {
  const held = useRef({ lengthMs: 0, power: 1000, fromGrid: 1000, toGrid: 500 })
  return useMemo(() => {
    const lengthMs = power ? power.untilMs - power.fromMs : held.current.lengthMs
    const isSame = lengthMs === held.current.lengthMs
    const hold = (before: number, value: number) => (isSame ? Math.max(before, value) : value)
    const peak = power
      ? Math.max(
          greatest(power.house.house),
          greatest(power.house.solar),
          greatest(power.bands?.houseMax ?? []),
          greatest(power.bands?.solarMax ?? []),
          greatest(stackLayers(power, groups, undefined).at(-1)?.tops ?? []),
        )
      : 0
    held.current = {
      lengthMs,
      power: hold(held.current.power, niceTop(Math.max(LEAST_TOP_W, peak))),
      fromGrid: hold(held.current.fromGrid, Math.max(LEAST_TOP_W, greatest(power?.house.fromGrid ?? [])) * 1.05),
      toGrid: hold(held.current.toGrid, Math.max(LEAST_TOP_W / 2, greatest(power?.house.toGrid ?? [])) * 1.1),
    }
    const { power: top, fromGrid, toGrid } = held.current
    return {
      power: top,
      fromGrid,
      toGrid,
      powerMarks: axisMarks(0, top, 3),
      stackMarks: axisMarks(0, top, 6),
      gridMarks: signedMarks(-toGrid, fromGrid),
    }
  }, [power])
}

interface ChosenLanes {
  readonly groups: readonly Group[]
  readonly chosen: ReadonlySet<string> | undefined
}

function allSeries(power: Power, { hasMains, hasSolar }: House, { groups, chosen }: ChosenLanes) {
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
    .map(({ token, tops }): PlotSeries => ({
      column: tops,
      fill: token === 'hatch' ? 'hatch' : `var(--${token})`,
      stroke: 'var(--bg)',
      width: 0.6,
    }))
  const stack: readonly PlotSeries[] = lines
    ? lines.map(({ watts, colour, isDashed }) => ({ column: watts, stroke: colour, width: 1.5, isDashed }))
    : [...layers, ...(hasMains ? [houseLine] : [])]
  const linesPeak = Math.max(10, ...(lines ?? []).map(({ watts }) => greatest(watts)))
  return {
    solar,
    grid,
    stack,
    lines,
    linesPeak,
    finding: [
      ...(hasMains ? [`House at most ${powerText(greatest(house.house))}`] : []),
      ...(hasSolar ? [`${hasMains ? 'solar' : 'Solar'} at most ${powerText(greatest(house.solar))}`] : []),
    ].join(', '),
  }
}

function cursorWords(
  { house, channels }: Power,
  { hasMains, hasSolar, channels: all }: House,
  { at, clock }: { readonly at: number; readonly clock: string },
): string {
  const of = (column: readonly (number | null)[]) => powerText(column[at])
  const circuits = all.filter(({ role }) => role === 'circuit').map(({ id }) => channels[id] ?? [])
  return [
    clock,
    hasMains ? `house ${of(house.house)}` : `circuits ${of(sumOfKnown(circuits, house.house.length))}`,
    ...(hasSolar ? [`solar ${of(house.solar)}`] : []),
    ...(hasMains ? [`from the grid ${of(house.fromGrid)}`] : []),
    ...(hasMains && hasSolar ? [`to the grid ${of(house.toGrid)}`] : []),
  ].join(', ')
}
