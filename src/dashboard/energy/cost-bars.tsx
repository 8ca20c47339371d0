import type { JSX } from 'preact'
import type { Costs } from '../api/answers.ts'
import { axisLabels } from '../chart/axes.ts'
import { useKnown } from '../page/page.ts'
import { NumberTable } from '../page/part.tsx'
import { axisMoneyTexts, moneyText } from '../text/money.ts'
import { energyText } from '../text/number.ts'
import { texts } from '../text/texts.ts'
import { type Barred, BarsCanvas, BarsFrame, downTo } from './bars.tsx'
import type { BarSeries, BarUnit } from './cost-series.ts'
import { barLabels, spanTitle } from './period.ts'

interface CostBarsProps {
  readonly costs: Costs | undefined
  readonly series: readonly BarSeries[]
  readonly unit: BarUnit
  /** Where the span is not over. */
  readonly soFarUntilMs: number | undefined
}

/** Less than this has no axis of its own. */
const LEAST = 0.1

/** What is paid or imported above zero, what is earned or exported below. */
export function CostBars({ costs, series, unit, soFarUntilMs }: CostBarsProps): JSX.Element {
  const chosen: Barred | undefined = costs && { ...costs, ...(soFarUntilMs !== undefined && { soFarUntilMs }) }
  const written = valueText(costs, unit)
  const sums = (side: 1 | -1) =>
    (costs?.startsMs ?? []).map((_, bar) =>
      series.reduce((total, { values }) => total + Math.max(0, side * (values[bar] ?? 0)), 0),
    )
  const [above, below] = [sums(1), sums(-1)]
  const up = Math.max(LEAST, ...above)
  const words = (at: number) => {
    const parts = series
      .filter(({ values }) => values[at] !== 0)
      .map(({ name, values }) => `${name} ${written(values[at])}`)
    const fixed = costs?.fixed[at] ?? 0
    return [...parts, ...(unit === 'money' && fixed !== 0 ? [texts.money.barFixed(written(fixed))] : [])].join(', ')
  }
  return (
    <BarsFrame
      chosen={chosen}
      summary={
        costs
          ? texts.money.summary(
              spanTitle(costs.span, costs.date),
              series.map(({ name, values }) => `${name} ${written(sumOf(values))}`).join(', '),
            )
          : texts.energy.noBars
      }
      words={words}
    >
      {(place) => (
        <BarsCanvas
          {...place}
          chosen={chosen}
          up={up}
          down={downTo(Math.max(0, ...below), up)}
          axis={(marks) =>
            unit === 'money'
              ? axisMoneyTexts(marks, costs?.currency ?? '')
              : axisLabels(marks, { size: 1, unit: 'kWh' })
          }
          topOf={(index) => above[index] ?? 0}
        >
          {(index, { x, width, y }) => {
            const edges: [1 | -1, number][] = [
              [1, 0],
              [-1, 0],
            ]
            return (
              <>
                {series.map(({ name, colour, values }) => {
                  const value = values[index] ?? 0
                  const edge = edges[value < 0 ? 1 : 0]
                  if (!edge || value === 0) return null
                  const from = edge[1]
                  edge[1] += value
                  const [top, bottom] = [y(Math.max(from, edge[1])), y(Math.min(from, edge[1]))]
                  return (
                    <rect
                      key={name}
                      x={x}
                      y={top}
                      width={width}
                      height={Math.max(0.5, bottom - top)}
                      fill={`var(--${colour})`}
                      stroke={WITH_LINE.has(colour) ? `var(--${colour}-line)` : 'var(--bg)'}
                    />
                  )
                })}
              </>
            )
          }}
        </BarsCanvas>
      )}
    </BarsFrame>
  )
}

/** Colours that are told from the background by their edge. */
const WITH_LINE: ReadonlySet<string> = new Set(['import', 'export'])

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0)

/** What is negative is earned, or goes to the grid: kWh are told without a sign. */
const valueText = (costs: Costs | undefined, unit: BarUnit) => (value: number | undefined) =>
  unit === 'money'
    ? moneyText(value, costs?.currency ?? '')
    : energyText(value === undefined ? value : Math.abs(value) * 1000)

type CostTableProps = Omit<CostBarsProps, 'soFarUntilMs'>

export function CostTable({ costs, series, unit }: CostTableProps): JSX.Element {
  const { formatter } = useKnown()
  const columns = unit === 'money' && costs ? [...series, { name: texts.money.fixed, values: costs.fixed }] : series
  const written = valueText(costs, unit)
  return (
    <NumberTable
      label={texts.energy.tableOfBars}
      unit={unit === 'money' ? (costs?.currency ?? '') : 'kWh'}
      corner={costs ? texts.energy.bars[costs.span] : ''}
      columns={columns.map(({ name }) => name)}
      rows={(costs ? barLabels(costs, formatter) : []).map(({ long }, index) => ({
        key: long,
        name: long,
        cells: columns.map(({ values }) => written(values[index])),
      }))}
    />
  )
}
