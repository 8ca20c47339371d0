import type { JSX } from 'preact'
import type { Tariffs } from '../api/answers.ts'
import { useKnown } from '../page/page.ts'
import { lineName, moneyText, priceText } from '../text/money.ts'
import { texts } from '../text/texts.ts'
import type { Balance } from './equation.tsx'
import { costPerHour } from './figures.ts'

interface PriceNowProps {
  readonly tariffs: Tariffs
  readonly shown: Balance
}

/** The price of the moment, until when it is that, and what an hour of the present power costs. */
export function PriceNow({ tariffs: { now, currency = '' }, shown }: PriceNowProps): JSX.Element | null {
  const { formatter } = useKnown()
  if (!now) return null
  const { import: imported, export: exported, untilMs } = now
  const hour = costPerHour(now, shown)
  return (
    <p class="part price-now">
      {texts.money.priceNow} <b>{lineName({ kind: 'import', ...imported })}</b>, {priceText(imported.price, currency)}
      {untilMs !== undefined && ` ${texts.money.until(formatter.when(untilMs))}`}
      {exported && `; ${texts.money.alsoEarns(priceText(exported.price, currency))}`}.{' '}
      {hour !== null && (
        <>
          {texts.money.thisHour}{' '}
          <b>{(hour < 0 ? texts.money.earns : texts.money.costs)(moneyText(Math.abs(hour), currency))}</b>.
        </>
      )}
    </p>
  )
}
