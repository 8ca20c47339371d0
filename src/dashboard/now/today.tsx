import type { JSX } from 'preact'
import type { Column, Now } from '../api/answers.ts'
import { areaPath, linePath, Rule, thin } from '../chart/lines.tsx'
import { axisLabels, axisMarks, greatest, niceTop, powerUnit } from '../chart/scale.ts'
import { dayHours } from '../chart/time-marks.ts'
import { useIsPhone, useWidth } from '../chart/use-width.ts'
import { Swatch } from '../page/glyph.tsx'
import { useKnown } from '../page/page.ts'
import { energyText, shareText, THIN_SPACE } from '../text/number.ts'

const LEFT_PX = 46
const TOP_PX = 8
const HEIGHT_PX = 132
const LEAST_TOP_W = 100
const LATE_MINUTES = 15

type TodayNumbers = Now['today']

/** Solar and house since midnight, and their sums. */
export function Today({ today }: { today: TodayNumbers | undefined }): JSX.Element {
  const [ref, widthPx] = useWidth()
  const { house } = useKnown()
  const hasExport = house.hasSolar || (today?.wattHours.toGrid ?? 0) > 0
  const sums = today?.wattHours
  // The sync cycle of one device comes a little later than that of another.
  const isPartly = (column: Column | undefined) =>
    column?.slice(0, (today?.missingMinutes ?? 0) > 0 ? undefined : -LATE_MINUTES).includes(null) ?? false
  const isSolarPart = isPartly(today?.solar)
  const isHousePart = isPartly(today?.house)
  return (
    <>
      <div ref={ref} class="today">
        {widthPx > 0 && <TodayChart today={today} widthPx={widthPx} />}
      </div>
      <ul class="keys sums">
        {house.hasSolar && <Sum of="solar" label="Solar" wattHours={sums?.solar} isPart={isSolarPart} />}
        {!house.hasMains && (
          <Sum
            of="house"
            label="Circuits"
            wattHours={today?.circuitsWattHours}
            isPart={(today?.missingMinutes ?? 0) > 0}
          />
        )}
        {house.hasMains && (
          <>
            <Sum of="house" label="House" wattHours={sums?.house} isPart={isHousePart} />
            <Sum of="import" label="From the grid" wattHours={sums?.fromGrid} isPart={isSolarPart || isHousePart} />
            {hasExport && (
              <Sum of="export" label="To the grid" wattHours={sums?.toGrid} isPart={isSolarPart || isHousePart} />
            )}
            {house.hasSolar && (
              <li>
                Self-sufficient <b>{shareText(sums?.used, sums?.house)}</b>
              </li>
            )}
          </>
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
  const line = (house.hasMains ? today?.house : today?.circuits) ?? []
  const topW = Math.max(LEAST_TOP_W, niceTop(Math.max(greatest(line), greatest(today?.solar ?? []))))
  const y = (watts: number) => TOP_PX + HEIGHT_PX - (watts / topW) * HEIGHT_PX
  const base = TOP_PX + HEIGHT_PX
  const marks = axisMarks(0, topW, 3)
  const labels = axisLabels(marks, powerUnit(topW))
  const lengthMs = today ? today.dayUntilMs - today.fromMs : 1
  const x = (ms: number) => LEFT_PX + ((ms - (today?.fromMs ?? 0)) / lengthMs) * (widthPx - LEFT_PX)
  const step = isPhone ? 4 : 2
  const at = (index: number) => x((today?.fromMs ?? 0) + index * step * (today?.stepMs ?? 0))
  const solar = thin(today?.solar ?? [], step)
  const label = today
    ? `Today: ${house.hasSolar ? `solar ${energyText(today.wattHours.solar)}, ` : ''}${house.hasMains ? `house ${energyText(today.wattHours.house)}` : `circuits ${energyText(today.circuitsWattHours)}`}.`
    : 'Today'
  return (
    <svg width={widthPx} height={base + 22} viewBox={`0 0 ${widthPx} ${base + 22}`} role="img" aria-label={label}>
      {marks.map((watts, index) => (
        <g key={watts}>
          <Rule x1={LEFT_PX} y1={y(watts)} x2={widthPx} y2={y(watts)} tone={watts === 0 ? 'edge' : 'rule'} />
          <text x={LEFT_PX - 8} y={y(watts) + 4} text-anchor="end">
            {labels[index]}
          </text>
        </g>
      ))}
      {today && (
        <>
          {house.hasSolar && (
            <>
              <path d={areaPath(solar, at, y)} fill="var(--solar)" fill-opacity={0.45} />
              <path d={linePath(solar, at, y)} fill="none" stroke="var(--solar-line)" stroke-width={1.5} />
            </>
          )}
          <path
            d={linePath(thin(line, step), at, y)}
            fill="none"
            stroke="var(--ink)"
            stroke-width={1.25}
            stroke-linejoin="round"
          />
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
