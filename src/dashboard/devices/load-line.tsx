import type { JSX } from 'preact'
import type { DeviceDetail } from '../api/answers.ts'
import { linePath } from '../chart/lines.tsx'
import { useIsPhone } from '../chart/use-width.ts'
import { shareText, UNKNOWN } from '../text/number.ts'

const HEIGHT_PX = 30
const HOUR_MINUTES = 60
/** The line of what is allowed stands below the top. */
const HEADROOM = 1.2

/** The share of the time that we keep the device busy, beside what is allowed. */
export function LoadLine({ load: { allowedShare, share, minutes } }: { load: DeviceDetail['load'] }): JSX.Element {
  const widthPx = useIsPhone() ? 136 : 220
  const top = Math.max(allowedShare * 1000 * HEADROOM, ...minutes)
  const y = (thousandths: number) => HEIGHT_PX - 2 - (thousandths / top) * (HEIGHT_PX - 4)
  const allowedY = y(allowedShare * 1000)
  const firstMinute = HOUR_MINUTES - minutes.length
  const path = linePath(minutes, (index) => ((firstMinute + index) / (HOUR_MINUTES - 1)) * widthPx, y)
  return (
    <>
      <svg
        class="load"
        width={widthPx}
        height={HEIGHT_PX}
        viewBox={`0 0 ${widthPx} ${HEIGHT_PX}`}
        role="img"
        aria-label="share of the time that we kept the device busy, last hour"
      >
        <line x1={0} y1={allowedY} x2={widthPx} y2={allowedY} stroke="var(--edge)" shape-rendering="crispEdges" />
        <path d={path} fill="none" stroke="var(--ink)" stroke-width={1.2} />
        <line
          x1={0}
          y1={HEIGHT_PX - 2}
          x2={widthPx}
          y2={HEIGHT_PX - 2}
          stroke="var(--rule)"
          shape-rendering="crispEdges"
        />
      </svg>
      {share === undefined ? UNKNOWN : `${shareText(share, 1)} of the last hour`}, line: {shareText(allowedShare, 1)}{' '}
      allowed
    </>
  )
}
