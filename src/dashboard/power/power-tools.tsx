import type { ComponentChildren, JSX } from 'preact'
import { isPower, type Power } from '../api/answers.ts'
import { useKnown } from '../page/page.ts'
import { DAY_MS } from '../text/house-time.ts'
import { clockText, shortDayText, type Formatter } from '../text/time.ts'
import { PRESETS, pointName, stepRange, type Bounds, type Range, type ReadRange } from './range.ts'

interface PowerToolsProps {
  readonly range: ReadRange
  readonly bounds: Bounds
  readonly power: Power | undefined
  readonly chosen: ReadonlySet<string> | undefined
  readonly onShow: (range: Range) => void
  readonly spanQuery: (range: Range) => string
  readonly children: ComponentChildren
}

export function PowerTools({
  range,
  bounds,
  power,
  chosen,
  onShow,
  spanQuery,
  children,
}: PowerToolsProps): JSX.Element {
  const { router, server, formatter, live, place } = useKnown()
  const earlier = stepRange(range, -1, bounds)
  const later = stepRange(range, 1, bounds)
  const isNewest = range.untilMs >= bounds.lastMs
  const fetchAhead = (to: Range) => () => {
    server.ask(`/api/v1/power?${spanQuery(to)}`, isPower).catch(() => undefined)
  }
  const channels = chosen === undefined ? '' : `&channels=${encodeURIComponent([...chosen].join(','))}`
  return (
    <div class="tools">
      <div class="seg" role="group" aria-label="Range">
        {PRESETS.map(({ name, label }) => (
          <button
            key={name}
            aria-pressed={name === range.preset}
            onClick={() => router.set({ range: name, from: undefined, to: undefined })}
          >
            {label}
          </button>
        ))}
      </div>
      <div class="step">
        <button class="btn" aria-label="Earlier" onPointerEnter={fetchAhead(earlier)} onClick={() => onShow(earlier)}>
          ←
        </button>
        <span class="when">{rangeText(range, formatter, formatter.time.local(live.nowMs.value).year)}</span>
        <button
          class="btn"
          aria-label="Later"
          disabled={isNewest}
          onPointerEnter={fetchAhead(later)}
          onClick={() => onShow(later)}
        >
          →
        </button>
      </div>
      <span class="dim">{power ? pointName(power.step) : '–'}</span>
      <span class="end">
        {children}
        <a class="btn" href={place.at(`/api/v1/power.csv?${spanQuery(range)}${channels}`)} download>
          CSV
        </a>
      </span>
    </div>
  )
}

/** `26 Mar, 13:40 to 27 Mar, 13:40`; without the time of day where it says nothing. */
function rangeText({ fromMs, untilMs }: Range, { time }: Formatter, thisYear: number): string {
  const hasTimes = untilMs - fromMs <= 8 * DAY_MS
  const [from, until] = [time.local(fromMs), time.local(untilMs)]
  const isSameDay = from.year === until.year && from.month === until.month && from.day === until.day
  const first = `${shortDayText(from, thisYear)}${hasTimes ? `, ${clockText(from)}` : ''}`
  if (isSameDay) return `${first} to ${clockText(until)}`
  return `${first} to ${shortDayText(until, thisYear)}${hasTimes ? `, ${clockText(until)}` : ''}`
}
