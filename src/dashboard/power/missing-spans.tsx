import type { JSX } from 'preact'
import type { Power } from '../api/answers.ts'
import { FitText } from '../chart/fit-text.tsx'
import { PLOT_TOP_PX } from '../chart/plot.tsx'

interface MissingSpansProps {
  readonly power: Power
  readonly starts: readonly number[]
  readonly xAt: (ms: number) => number
  readonly heightPx: number
  readonly widthPx: number
  readonly isPhone: boolean
}

export interface MissingSpan {
  readonly device: string
  readonly from: number
  readonly until: number
  readonly minutes: number
}

/** Neighbouring points in which minutes are missing, by device. */
export function missingSpans({ missing = {} }: Pick<Power, 'missing'>): readonly MissingSpan[] {
  return Object.entries(missing).flatMap(([device, column]) => {
    const spans: { device: string; from: number; until: number; minutes: number }[] = []
    column.forEach((minutes, index) => {
      if (minutes === 0) return
      const last = spans.at(-1)
      if (last?.until === index) {
        last.until++
        last.minutes += minutes
      } else spans.push({ device, from: index, until: index + 1, minutes })
    })
    return spans
  })
}

const GAP_PX = 6
/** What the name of most devices takes, with its minutes. */
const USUAL_PX = 144

/** At the right, where there is space for it, or more than at the left. */
function besideSpan(left: number, right: number, widthPx: number) {
  const [before, after] = [left - GAP_PX, widthPx - right - GAP_PX]
  return after >= Math.min(USUAL_PX, before)
    ? ({ x: right + GAP_PX, anchor: 'start', widthPx: after } as const)
    : ({ x: left - GAP_PX, anchor: 'end', widthPx: before } as const)
}

/** Missing minutes are fenced in red; a bucket that is the mean of fewer has a tick under the axis. */
export function MissingSpans({ power, starts, xAt, heightPx, widthPx, isPhone }: MissingSpansProps): JSX.Element {
  const bottom = PLOT_TOP_PX + heightPx
  const endOf = (until: number) => xAt(starts[until] ?? power.untilMs)
  return (
    <svg class="over" width={widthPx} height={bottom + 8} aria-hidden="true">
      {missingSpans(power).map(({ device, from, until, minutes }) => {
        const [left, right] = [xAt(starts[from] ?? power.fromMs), endOf(until)]
        return (
          <g key={`${device} ${from}`}>
            <rect x={left} y={bottom + 2} width={Math.max(2, right - left)} height={2} fill="var(--missing)" />
            {power.step === 'minute' && (
              <>
                <line x1={left} y1={PLOT_TOP_PX + 4} x2={left} y2={bottom} stroke="var(--missing)" />
                <line x1={right} y1={PLOT_TOP_PX + 4} x2={right} y2={bottom} stroke="var(--missing)" />
                <FitText
                  {...besideSpan(left, right, widthPx)}
                  y={PLOT_TOP_PX + 15}
                  class="bad"
                  text={isPhone ? `${minutes} min` : `${device}: ${minutes} min missing`}
                />
              </>
            )}
          </g>
        )
      })}
    </svg>
  )
}
