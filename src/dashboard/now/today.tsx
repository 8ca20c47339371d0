import type { JSX } from 'preact'
import type { Column, Costs, House, Now } from '../api/answers.ts'
import { axisLabels, axisMarks, dayHours, greatest, niceTop, powerUnit } from '../chart/axes.ts'
import { areaPath, linePath, Rule, thin, ValueAxis } from '../chart/lines.tsx'
import { useIsPhone, useWidth } from '../chart/use-width.ts'
import { Swatch } from '../page/glyph.tsx'
import { useKnown } from '../page/page.ts'
import { moneyText } from '../text/money.ts'
import { energyText, shareText, THIN_SPACE } from '../text/number.ts'
import { texts } from '../text/texts.ts'

const LEFT_PX = 46
const TOP_PX = 8
const HEIGHT_PX = 132
const LEAST_TOP_W = 100
const LATE_MINUTES = 15

type TodayNumbers = Now['today']

interface TodayProps {
  readonly today: TodayNumbers | undefined
  /** Where a tariff is in force. */
  readonly costs: Costs | undefined
}

/** Solar and house since midnight, and their sums. */
export function Today({ today, costs }: TodayProps): JSX.Element {
  const [ref, widthPx] = useWidth()
  const { hasMains, hasSolar } = useKnown().house
  const sums = today?.wattHours
  const isMissing = (today?.missingMinutes ?? 0) > 0
  // The sync cycle of one device comes a little later than that of another.
  const isPartly = (column: Column | undefined) =>
    column?.slice(0, isMissing ? undefined : -LATE_MINUTES).includes(null) ?? false
  const isSolarPart = isPartly(today?.solar)
  const isHousePart = isPartly(today?.house)
  const isGridPart = isSolarPart || isHousePart
  return (
    <>
      <div ref={ref} class="today">
        {widthPx > 0 && <TodayChart today={today} widthPx={widthPx} />}
      </div>
      <ul class="keys sums">
        {hasSolar && <Sum of="solar" label={texts.solar} wattHours={sums?.solar} isPart={isSolarPart} />}
        {!hasMains && <Sum of="house" label={texts.circuits} wattHours={today?.circuitsWattHours} isPart={isMissing} />}
        {hasMains && (
          <>
            <Sum of="house" label={texts.house} wattHours={sums?.house} isPart={isHousePart} />
            <Sum of="import" label={texts.fromGrid} wattHours={sums?.fromGrid} isPart={isGridPart} />
            {(hasSolar || (sums?.toGrid ?? 0) > 0) && (
              <Sum of="export" label={texts.toGrid} wattHours={sums?.toGrid} isPart={isGridPart} />
            )}
            {hasSolar && (
              <li>
                {texts.selfSufficient} <b>{shareText(sums?.used, sums?.house)}</b>
              </li>
            )}
          </>
        )}
        {costs?.currency !== undefined && (
          <li>
            {texts.money.today}{' '}
            <b>
              {costs.sums.missingMinutes > 0 && `≥${THIN_SPACE}`}
              {moneyText(costs.sums.total, costs.currency)}
            </b>{' '}
            {costs.sums.fixed !== 0 && texts.money.todayFixed(moneyText(costs.sums.fixed, costs.currency))}
          </li>
        )}
      </ul>
    </>
  )
}

interface SumProps {
  readonly of: string
  readonly label: string
  readonly wattHours: number | null | undefined
  /** Whether minutes are missing in it. */
  readonly isPart: boolean
}

function Sum({ of, label, wattHours, isPart }: SumProps): JSX.Element {
  return (
    <li>
      <Swatch of={of} />
      {label} <b>{`${isPart && wattHours != null ? `≥${THIN_SPACE}` : ''}${energyText(wattHours)}`}</b>
    </li>
  )
}

function TodayChart({ today, widthPx }: { today: TodayNumbers | undefined; widthPx: number }): JSX.Element {
  const { formatter, house } = useKnown()
  const isPhone = useIsPhone()
  const step = isPhone ? 4 : 2
  const line = thin((house.hasMains ? today?.house : today?.circuits) ?? [], step)
  const solar = thin((house.hasSolar && today?.solar) || [], step)
  const topW = Math.max(LEAST_TOP_W, niceTop(Math.max(greatest(line), greatest(solar))))
  const marks = axisMarks(0, topW, 3)
  const base = TOP_PX + HEIGHT_PX
  const y = (watts: number) => base - (watts / topW) * HEIGHT_PX
  const { fromMs, stepMs, dayUntilMs } = today ?? { fromMs: 0, stepMs: 0, dayUntilMs: 1 }
  const x = (ms: number) => LEFT_PX + ((ms - fromMs) / (dayUntilMs - fromMs)) * (widthPx - LEFT_PX)
  const at = (index: number) => x(fromMs + index * step * stepMs)
  return (
    <svg
      width={widthPx}
      height={base + 22}
      viewBox={`0 0 ${widthPx} ${base + 22}`}
      role="img"
      aria-label={describe(today, house)}
    >
      <ValueAxis marks={marks} labels={axisLabels(marks, powerUnit(topW))} y={y} leftPx={LEFT_PX} widthPx={widthPx} />
      {today && (
        <>
          {house.hasSolar && (
            <>
              <path d={areaPath(solar, at, y)} fill="var(--solar)" fill-opacity={0.45} />
              <path d={linePath(solar, at, y)} fill="none" stroke="var(--solar-line)" stroke-width={1.5} />
            </>
          )}
          <path d={linePath(line, at, y)} fill="none" stroke="var(--ink)" stroke-width={1.25} stroke-linejoin="round" />
          {dayHours({ fromMs: today.fromMs, untilMs: today.dayUntilMs }, formatter.time, isPhone ? 6 : 3).map(
            ({ ms, text }, index, all) => (
              <g key={ms}>
                <Rule x1={x(ms)} y1={base} x2={x(ms)} y2={base + 4} tone="edge" />
                <text
                  x={x(ms)}
                  y={base + 17}
                  text-anchor={index === 0 ? 'start' : index === all.length - 1 ? 'end' : 'middle'}
                >
                  {text}
                </text>
              </g>
            ),
          )}
          {today.untilMs > today.fromMs && (
            <Rule x1={x(today.untilMs)} y1={TOP_PX} x2={x(today.untilMs)} y2={base} tone="ink" />
          )}
        </>
      )}
    </svg>
  )
}

function describe(today: TodayNumbers | undefined, { hasMains, hasSolar }: House): string {
  if (today === undefined) return texts.now.today
  const { solar, house } = today.wattHours
  const used = hasMains
    ? texts.now.todayHouse(energyText(house))
    : texts.now.todayCircuits(energyText(today.circuitsWattHours))
  return texts.now.describeToday([...(hasSolar ? [texts.now.todaySolar(energyText(solar))] : []), used].join(', '))
}
