import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { isPower } from '../api/answers.ts'
import { greatest, timeMarks } from '../chart/axes.ts'
import { Rule } from '../chart/lines.tsx'
import { useWidth } from '../chart/use-width.ts'
import { useKnown } from '../page/page.ts'
import { useAnswer, Waiting } from '../page/use-answer.tsx'
import { addDays, dateText, DAY_MS, parseDate } from '../text/house-time.ts'
import { texts } from '../text/texts.ts'
import { circuitsTogether } from './lanes.ts'
import { LEAST_MS, pointStarts, spanQuery, spanRange, type Bounds, type Range } from './range.ts'

const TOP_PX = 6
const HEIGHT_PX = 34
const LENGTHS_DAYS = [60, 366, 1460]
const EDGE_PX = 8
const MARK_EVERY_PX = 80

type Grip = 'move' | 'from' | 'until' | 'new'

interface OverviewProps {
  readonly range: Range
  readonly bounds: Bounds
  /** Whether the bounds are. */
  readonly isKnown: boolean
  readonly onShow: (range: Range) => void
}

/** House by day with solar as a mark, and a frame over the range of the charts. */
export function Overview({ range, bounds, isKnown, onShow }: OverviewProps): JSX.Element {
  const { formatter, house } = useKnown()
  const { hasMains, hasSolar } = house
  const [ref, widthPx] = useWidth()
  const { time } = formatter
  const today = dateText(time.local(bounds.lastMs))
  const longest = LENGTHS_DAYS.find((days) => bounds.lastMs - days * DAY_MS <= range.fromMs) ?? 1460
  const storedDays = Math.max(1, Math.ceil((bounds.lastMs - bounds.firstMs) / DAY_MS) + 1)
  const fromMs = time.instant(parseDate(addDays(today, 1 - Math.min(longest, storedDays))))
  const untilMs = time.instant(parseDate(addDays(today, 1)))
  const question = `/api/v1/power?${spanQuery({ fromMs, untilMs }, true)}${hasMains ? '&channels=' : ''}`
  const asked = useAnswer(isKnown ? question : undefined, isPower)
  const days = asked.answer
  const [drag, setDrag] = useState<{ grip: Grip; startMs: number; range: Range }>()
  const x = (ms: number) => ((ms - fromMs) / (untilMs - fromMs)) * widthPx
  const msOf = (event: PointerEvent & { currentTarget: Element }) =>
    fromMs +
    ((event.clientX - event.currentTarget.getBoundingClientRect().left) / Math.max(1, widthPx)) * (untilMs - fromMs)
  const frame = drag?.range ?? range
  const bars = (hasMains ? days?.house.house : days && circuitsTogether(days, house)) ?? []
  const top = Math.max(1, greatest(bars))
  const starts = days ? pointStarts(days) : []
  const y = (watts: number) => TOP_PX + HEIGHT_PX - (watts / top) * HEIGHT_PX

  const grab = (event: PointerEvent & { currentTarget: HTMLElement }) => {
    const ms = msOf(event)
    event.currentTarget.setPointerCapture(event.pointerId)
    const grip = gripAt(x(ms), x(range.fromMs), x(range.untilMs))
    setDrag({ grip, startMs: ms, range: grip === 'new' ? spanRange(ms, ms) : range })
  }
  const pull = (event: PointerEvent & { currentTarget: Element }) => {
    if (drag) setDrag({ ...drag, range: pulled(drag, msOf(event), { range, lastMs: bounds.lastMs }) })
  }
  const drop = () => {
    if (drag && (drag.range.fromMs !== range.fromMs || drag.range.untilMs !== range.untilMs)) onShow(drag.range)
    setDrag(undefined)
  }
  return (
    <>
      <div class="bar overview-bar">
        <h2>{texts.power.overview}</h2>
        <span class="sub">{texts.power.overviewSub(hasMains, hasSolar)}</span>
      </div>
      <Waiting asked={asked} what={texts.power.daysAsked} />
      <div
        ref={ref}
        class="overview"
        onPointerDown={grab}
        onPointerMove={pull}
        onPointerUp={drop}
        onPointerCancel={() => setDrag(undefined)}
      >
        <svg
          width={widthPx}
          height={HEIGHT_PX + 24}
          role="img"
          aria-label={texts.power.overviewLabel(hasMains, hasSolar)}
        >
          {starts.map((ms, index) => {
            const left = x(ms)
            const width = Math.max(0.5, x(starts[index + 1] ?? untilMs) - left - (starts.length < 120 ? 1 : 0))
            const watts = bars[index] ?? null
            const solar = hasSolar ? (days?.house.solar[index] ?? null) : null
            return (
              <g key={ms}>
                {watts !== null && (
                  <rect
                    x={left}
                    y={y(watts)}
                    width={width}
                    height={Math.max(0, (watts / top) * HEIGHT_PX)}
                    fill="var(--rule)"
                  />
                )}
                {solar !== null && (
                  <rect x={left} y={Math.max(0, y(solar))} width={width} height={2} fill="var(--solar-line)" />
                )}
              </g>
            )
          })}
          {widthPx > 0 &&
            timeMarks({ fromMs, untilMs }, time, widthPx / MARK_EVERY_PX).map(({ ms, text }) => (
              <g key={ms}>
                <Rule x1={x(ms)} y1={TOP_PX + HEIGHT_PX} x2={x(ms)} y2={TOP_PX + HEIGHT_PX + 4} tone="edge" />
                {x(ms) < widthPx - 40 && (
                  <text x={x(ms) + 3} y={HEIGHT_PX + 19}>
                    {text}
                  </text>
                )}
              </g>
            ))}
          <rect
            x={Math.max(1, x(frame.fromMs))}
            y={3}
            width={Math.max(4, Math.min(widthPx - 1, x(frame.untilMs)) - Math.max(1, x(frame.fromMs)))}
            height={HEIGHT_PX + 5}
            fill="none"
            stroke="var(--ink)"
            stroke-width={2}
          />
        </svg>
      </div>
    </>
  )
}

function gripAt(x: number, fromX: number, untilX: number): Grip {
  if (Math.abs(x - untilX) < EDGE_PX && untilX - fromX > EDGE_PX) return 'until'
  if (Math.abs(x - fromX) < EDGE_PX && untilX - fromX > EDGE_PX) return 'from'
  return x > fromX - EDGE_PX && x < untilX + EDGE_PX ? 'move' : 'new'
}

function pulled(
  { grip, startMs }: { grip: Grip; startMs: number },
  ms: number,
  { range, lastMs }: { range: Range; lastMs: number },
): Range {
  const lengthMs = range.untilMs - range.fromMs
  if (grip === 'new') return spanRange(startMs, Math.min(lastMs, ms))
  if (grip === 'from') return spanRange(Math.min(ms, range.untilMs - LEAST_MS), range.untilMs)
  if (grip === 'until') return spanRange(range.fromMs, Math.min(lastMs, Math.max(ms, range.fromMs + LEAST_MS)))
  const until = Math.min(lastMs, range.untilMs + ms - startMs)
  return spanRange(until - lengthMs, until)
}
