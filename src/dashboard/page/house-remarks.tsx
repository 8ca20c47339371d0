import type { JSX } from 'preact'
import type { House } from '../api/answers.ts'
import { listed } from '../text/number.ts'
import { texts } from '../text/texts.ts'
import { Link } from './link.tsx'
import { useKnown } from './page.ts'

/** What cannot be shown of this house as it is described, or is likely to be wrong, and what to do about it. */
export function HouseRemarks(): JSX.Element | null {
  const { house, isPlaceholder } = useKnown()
  const { isConfigured, hasMains, channels, reversedSolar = [] } = house
  if (isPlaceholder || channels.length === 0) return null
  return (
    <>
      {!isConfigured && (
        <p class="sub remarks house">
          {texts.houseRemarks.notSetUp} <Link view="setup">{texts.views.setup}</Link>
        </p>
      )}
      {!hasMains && (
        <p class="sub remarks house">
          {texts.houseRemarks.noMains} <code>{mainsExample(house)}</code>{' '}
          {isConfigured && <Link view="setup">{texts.views.setup}</Link>}
        </p>
      )}
      {reversedSolar.length > 0 && (
        <p class="sub remarks house">
          {texts.houseRemarks.reversed(listed(reversedSolar), reversedSolar.length === 1)}
        </p>
      )}
    </>
  )
}

/** With names that look like mains, where there are any. */
export function mainsExample({ channels }: Pick<House, 'channels'>): string {
  const names = channels.filter(({ role }) => role === 'circuit').map(({ location }) => location)
  const likely = LIKELY.map((pattern) => names.filter((name) => pattern.test(name))).find(({ length }) => length > 0)
  const shown = likely?.slice(0, 3) ?? ['NAME', 'NAME']
  return `house: { mains: [${shown.map(quoted).join(', ')}] }`
}

/** Main, grid, feed, line, phase, total in some languages; else L1, L2, L3, which circuits of several legs may end with too. */
const LIKELY = [
  /main|grid|utility|service|feed|phase|total|hoofd|netz|haupt|zähler|zaehler|réseau|reseau|secteur|\bred\b|rete|aansluiting/i,
  /^L[123]$/i,
  /(?:^|[_ ])L?[123]$/i,
]

const quoted = (name: string): string => (/^[A-Za-z][\w-]*$/.test(name) ? name : JSON.stringify(name))
