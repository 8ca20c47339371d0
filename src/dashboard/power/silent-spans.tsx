import type { JSX } from 'preact'
import type { House, Power } from '../api/answers.ts'
import { joined } from '../chart/lines.tsx'
import { useKnown } from '../page/page.ts'
import { MINUTE_MS } from '../text/house-time.ts'
import { listed } from '../text/number.ts'
import { texts } from '../text/texts.ts'
import type { Formatter } from '../text/time.ts'
import { pointStarts } from './range.ts'

const MOST = 3

/** Why lanes end, and what cannot be known without them. */
export function SilentWords({ power }: { power: Power | undefined }): JSX.Element | null {
  const { house, formatter } = useKnown()
  const spans = power === undefined ? [] : silentSpans(power, house)
  if (spans.length === 0) return null
  const shown = spans.toSorted((a, b) => b.untilMs - a.untilMs).slice(0, MOST)
  const devices = [...new Set(shown.map(({ device }) => device))]
  const more = spans.length - shown.length
  return (
    <p class="sub remarks">
      {shown.map((span) => `${spanWords(span, formatter)}.`).join(' ')}
      {more > 0 && texts.power.moreTimes(more)} {devices.map((device) => lostWords(house, device)).join(' ')}
    </p>
  )
}

function spanWords({ device, fromMs, untilMs, isOpen }: SilentSpan, formatter: Formatter): string {
  return isOpen
    ? texts.power.nothingSince(device, formatter.when(fromMs))
    : texts.power.nothingFrom(device, formatter.when(fromMs), formatter.when(untilMs))
}

/** What is left out without a device. */
function lostWords({ channels, hasMains, wiring }: House, device: string): string {
  const own = channels.filter((channel) => channel.device === device)
  const circuits = own.filter(({ role }) => role === 'circuit').length
  const has = (role: string) => own.some((channel) => channel.role === role)
  const lost = [
    ...(circuits > 0 ? [texts.power.lostCircuits(circuits)] : []),
    ...(has('solar') ? [texts.power.lostSolar] : []),
    ...(has('mains') || (has('solar') && wiring === 'behind') ? [texts.power.lostHouse] : []),
    ...(has('mains') || has('solar') ? [texts.power.lostGrid] : []),
    ...(hasMains ? [texts.power.lostUnmetered] : []),
  ]
  return texts.power.without(device, listed(lost), lost.length === 1 && circuits === 1)
}

/** Where a device has nothing of what others have. */
interface SilentSpan {
  readonly device: string
  readonly fromMs: number
  readonly untilMs: number
  /** Whether it has nothing since. */
  readonly isOpen: boolean
}

/** The sync cycle of one device comes a little later than that of another. */
const LEAST_MS = 10 * MINUTE_MS

export function silentSpans(power: Power, { channels }: Pick<House, 'channels'>): readonly SilentSpan[] {
  const starts = pointStarts(power)
  const devices = [...new Set(channels.map(({ device }) => device))]
  const known = devices.map((device) => {
    const ids = channels.filter((channel) => channel.device === device).map(({ id }) => id)
    return { device, points: starts.map((_, index) => ids.some((id) => power.channels[id]?.[index] != null)) }
  })
  const last = Math.max(...known.map(({ points }) => points.lastIndexOf(true)))
  return known.flatMap(({ device, points }) =>
    joined(points.slice(0, last + 1), (isKnown) => !isKnown)
      .map(({ from, until }) => ({
        device,
        fromMs: starts[from] ?? power.fromMs,
        untilMs: starts[until] ?? power.untilMs,
        isOpen: until > last,
      }))
      .filter(({ fromMs, untilMs }) => untilMs - fromMs >= LEAST_MS),
  )
}

/** The newest point of the house; where it is not known, or long ago, the newest of anything. */
export function newestPoint(power: Power): number {
  const lastOf = (column: readonly (number | null)[]) => column.findLastIndex((value) => value !== null)
  const starts = pointStarts(power)
  const house = lastOf(power.house.house)
  const any = Math.max(house, lastOf(power.house.solar), ...Object.values(power.channels).map(lastOf), 0)
  return house >= 0 && (starts[any] ?? 0) - (starts[house] ?? 0) <= LEAST_MS ? house : any
}
