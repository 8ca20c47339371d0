import type { JSX } from 'preact'
import { texts } from '../text/texts.ts'
import { Link } from './link.tsx'

/** Where nobody has said what energy costs. */
export function NoTariff(): JSX.Element {
  return (
    <p class="sub remarks">
      {texts.money.noTariff}{' '}
      <Link view="setup" query={{ part: 'money' }}>
        {texts.money.addTariff}
      </Link>
    </p>
  )
}
