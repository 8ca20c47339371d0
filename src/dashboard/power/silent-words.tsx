import type { JSX } from 'preact'
import type { House, Power } from '../api/answers.ts'
import { useKnown } from '../page/page.ts'
import { count } from '../text/number.ts'
import type { Telling } from '../text/time.ts'
import { silentSpans, type SilentSpan } from './silent-spans.ts'

const MOST = 3

/** Why lanes end, and what cannot be known without them. */
export function SilentWords({ power }: { power: Power | undefined }): JSX.Element | null {
  const { house, telling } = useKnown()
  const spans = power === undefined ? [] : silentSpans(power, house)
  if (spans.length === 0) return null
  const shown = spans.toSorted((a, b) => b.untilMs - a.untilMs).slice(0, MOST)
  const devices = [...new Set(shown.map(({ device }) => device))]
  const more = spans.length - shown.length
  return (
    <p class="sub remarks">
      {shown.map((span) => `${spanWords(span, telling)}.`).join(' ')}
      {more > 0 && ` So it is ${count(more, 'more time')}.`}{' '}
      {devices.map((device) => lostWords(house, device)).join(' ')}
    </p>
  )
}

function spanWords({ device, fromMs, untilMs, isOpen }: SilentSpan, telling: Telling): string {
  return isOpen
    ? `${device} has nothing since ${telling.when(fromMs)}`
    : `${device} has nothing from ${telling.when(fromMs)} to ${telling.when(untilMs)}`
}

/** What is left out without a device. */
function lostWords({ channels, hasMains, wiring }: House, device: string): string {
  const own = channels.filter((channel) => channel.device === device)
  const circuits = own.filter(({ role }) => role === 'circuit').length
  const has = (role: string) => own.some((channel) => channel.role === role)
  const lost = [
    ...(circuits > 0 ? [`its ${count(circuits, 'circuit')}`] : []),
    ...(has('solar') ? ['solar'] : []),
    ...(has('mains') || (has('solar') && wiring === 'behind') ? ['the house'] : []),
    ...(has('mains') || has('solar') ? ['the grid'] : []),
    ...(hasMains ? ['what is unmetered'] : []),
  ]
  const last = lost.at(-1) ?? ''
  const list = lost.length > 1 ? `${lost.slice(0, -1).join(', ')} and ${last}` : last
  return `Without ${device}, ${list} ${lost.length === 1 && circuits === 1 ? 'is' : 'are'} not known.`
}
