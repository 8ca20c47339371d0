import type { JSX } from 'preact'
import { isCoverage, type Coverage, type DeviceDetail } from '../api/answers.ts'
import { FitText, Rule } from '../chart/lines.tsx'
import { readRuns, STATE } from '../chart/runs.ts'
import { timeMarks } from '../chart/axes.ts'
import { useIsPhone, useWidth } from '../chart/use-width.ts'
import { useKnown } from '../page/page.ts'
import { useAnswer } from '../page/use-answer.tsx'
import { addDays, DAY_MS, type HouseTime, parseDate } from '../text/house-time.ts'
import { texts } from '../text/texts.ts'

const LABEL_PX = 110
const LEFT_PX = 190

interface Bar {
  readonly fromMs: number
  readonly untilMs: number
  readonly fill: string
  readonly height: number
}

/** What the log of each device holds, and what of it the store has, on one time axis. */
export function Spans({ devices }: { devices: readonly DeviceDetail[] }): JSX.Element {
  const { live, formatter } = useKnown()
  const [ref, widthPx] = useWidth()
  const isPhone = useIsPhone()
  const coverage = useAnswer('/api/v1/coverage', isCoverage, live.changes.value).answer
  const nowMs = live.nowMs.value
  const lines = devices.flatMap((device) => {
    const logged = device.log ? [{ ...device.log, fill: 'var(--ink-2)', height: 4 }] : []
    const stored = storedBars(device, coverage, formatter.time).map((bar) => ({
      ...bar,
      untilMs: Math.min(nowMs, bar.untilMs),
    }))
    return [
      { device: device.name, label: texts.devices.log, isFirst: true, bars: logged },
      { device: device.name, label: texts.devices.inStore, isFirst: false, bars: stored },
    ]
  })
  const starts = lines.flatMap(({ bars }) => bars.map(({ fromMs }) => fromMs))
  const firstMs = Math.min(nowMs - 365 * DAY_MS, ...starts) - 30 * DAY_MS
  const lastMs = nowMs + (nowMs - firstMs) / 20
  const leftPx = isPhone ? 0 : LEFT_PX
  const x = (ms: number) => leftPx + ((ms - firstMs) / (lastMs - firstMs)) * (widthPx - leftPx)
  const rowPx = isPhone ? 30 : 20
  const yOf = (index: number) => 8 + index * rowPx + Math.floor(index / 2) * 10
  const bottom = yOf(lines.length)
  return (
    <div ref={ref} class="spans">
      <svg width={widthPx} height={bottom + 20} role="img" aria-label={texts.devices.spansLabel}>
        {widthPx > 0 &&
          timeMarks({ fromMs: firstMs, untilMs: lastMs }, formatter.time, widthPx / 90).map(({ ms, text }) => (
            <g key={ms}>
              <Rule x1={x(ms)} y1={0} x2={x(ms)} y2={bottom} />
              <text x={x(ms) + 4} y={bottom + 12}>
                {text}
              </text>
            </g>
          ))}
        {lines.map(({ device, label, isFirst, bars }, index) => {
          const y = yOf(index)
          const lineY = isPhone ? y + 16 : y + 4
          const phoneText = isFirst ? `${device}, ${label}` : label
          return (
            <g key={`${device} ${label}`}>
              {isPhone && <FitText x={0} y={y + 6} class={isFirst ? 'i' : 'm'} text={phoneText} widthPx={widthPx} />}
              {!isPhone && isFirst && <FitText x={0} y={y + 8} class="v" text={device} widthPx={LABEL_PX - 8} />}
              {!isPhone && (
                <text x={LABEL_PX} y={y + 8} class="m">
                  {label}
                </text>
              )}
              {bars.map(({ fromMs, untilMs, fill, height }) => (
                <rect
                  key={fromMs}
                  x={x(fromMs)}
                  y={lineY - height / 2}
                  width={Math.max(1, x(untilMs) - x(fromMs))}
                  height={height}
                  fill={fill}
                />
              ))}
            </g>
          )
        })}
        <Rule x1={x(nowMs)} y1={0} x2={x(nowMs)} y2={bottom} tone="ink" />
      </svg>
    </div>
  )
}

const STORED_FILLS: Readonly<Record<number, string>> = {
  [STATE.stored]: 'var(--stored)',
  [STATE.legacy]: 'var(--stored)',
  [STATE.missing]: 'var(--missing)',
  [STATE.notLoaded]: 'url(#toload)',
}

/** By day, where coverage is known; else from the first to the last minute. */
function storedBars({ name, stored }: DeviceDetail, coverage: Coverage | undefined, time: HouseTime): readonly Bar[] {
  const days = coverage?.devices.find((device) => device.name === name)
  if (days === undefined) return stored ? [{ ...stored, fill: 'var(--stored)', height: 8 }] : []
  const startOf = (day: number) => time.instant(parseDate(addDays(days.firstDate, day)))
  return readRuns(days.days).flatMap(({ state, from, until }) => {
    const fill = STORED_FILLS[state]
    return fill === undefined ? [] : [{ fromMs: startOf(from), untilMs: startOf(until), fill, height: 8 }]
  })
}
