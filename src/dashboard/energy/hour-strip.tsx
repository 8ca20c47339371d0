import type { JSX } from 'preact'

const HEIGHT_PX = 13

/** The mean by hour of the local clock, the strongest as its greatest. */
export function HourStrip({
  hours,
  hue,
  isPhone,
}: {
  hours: readonly (number | null)[]
  hue: string
  isPhone: boolean
}): JSX.Element {
  const cell = isPhone ? 3 : 6
  const most = Math.max(1, ...hours.map((watts) => watts ?? 0))
  const peak = hours.indexOf(Math.max(...hours.map((watts) => watts ?? -1)))
  return (
    <svg
      class="strip"
      width={24 * cell}
      height={HEIGHT_PX}
      role="img"
      aria-label={
        peak < 0 ? 'nothing known by hour' : `mean by hour of the day, most at ${String(peak).padStart(2, '0')}:00`
      }
    >
      {hours.map((watts, hour) =>
        watts === null ? null : (
          <rect
            key={hour}
            x={hour * cell}
            width={cell - (isPhone ? 0.5 : 1)}
            height={HEIGHT_PX}
            fill={`color-mix(in oklab, ${hue} ${Math.round(8 + (92 * Math.max(0, watts)) / most)}%, var(--bg))`}
          />
        ),
      )}
    </svg>
  )
}
