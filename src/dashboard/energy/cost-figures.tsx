import type { JSX } from 'preact'
import type { Costs, CostSums } from '../api/answers.ts'
import { Reading } from '../chart/captions.tsx'
import { Link } from '../page/link.tsx'
import { useKnown } from '../page/page.ts'
import { MINUTE_MS } from '../text/house-time.ts'
import { moneyText, percentText, priceText } from '../text/money.ts'
import { against as againstText, energyText, grouped, THIN_SPACE, UNKNOWN } from '../text/number.ts'
import { texts } from '../text/texts.ts'

/** What the span cost, each part beside what it was in the period before. */
export function CostFigures({ costs }: { costs: Costs | undefined }): JSX.Element {
  const { house } = useKnown()
  const { currency = '', sums, before } = costs ?? {}
  const amount = (all: CostSums | undefined, of: (all: CostSums) => number, isAtLeast = false) =>
    `${isAtLeast && all && all.missingMinutes > 0 ? `≥${THIN_SPACE}` : ''}${moneyText(all && of(all), currency)}`
  const figure = (of: (all: CostSums) => number, isAtLeast = false) => ({
    text: amount(sums, of, isAtLeast),
    unit: '',
  })
  const against = (of: (all: CostSums) => number) => {
    if (!costs || !sums || !before) return '\u00a0'
    const isComparable = isKnown(sums, costs) && isKnown(before.sums, before)
    const change = isComparable ? percentText(of(sums), of(before.sums)) : UNKNOWN
    return againstText(change, amount(before.sums, of, true))
  }
  const mean = ({ import: amount, importKwh, unpricedKwh }: CostSums) => amount / (importKwh - unpricedKwh)
  const isPriced = sums && sums.importKwh > sums.unpricedKwh
  return (
    <>
      <div class="reads six few">
        <Reading
          label={texts.money.cost}
          figure={figure(({ total }) => total, true)}
          below={against(({ total }) => total)}
        />
        <Reading
          of="import"
          label={texts.fromGrid}
          figure={figure((all) => all.import, true)}
          below={against((all) => all.import)}
        />
        {(house.hasSolar || (sums?.export ?? 0) !== 0) && (
          <Reading
            of="export"
            label={texts.toGrid}
            figure={figure((all) => all.export)}
            below={against((all) => all.export)}
          />
        )}
        <Reading label={texts.money.fixed} figure={figure(({ fixed }) => fixed)} below={texts.money.fixedSub} />
        <Reading
          label={texts.money.meanPrice}
          figure={{ text: priceText(isPriced ? rounded(mean(sums)) : null, currency), unit: '' }}
          below={sums ? texts.money.ofKwh(energyText(sums.importKwh * 1000)) : '\u00a0'}
        />
      </div>
      {costs && <CostNote costs={costs} />}
    </>
  )
}

/** With less known of it, a change would be that of what is known; as of energies. */
const LEAST_KNOWN = 0.99

function isKnown({ missingMinutes }: CostSums, { fromMs, untilMs }: { fromMs: number; untilMs: number }): boolean {
  return missingMinutes <= ((1 - LEAST_KNOWN) * (untilMs - fromMs)) / MINUTE_MS
}

const rounded = (price: number): number => Math.round(price * 1000) / 1000

/** What is not in the sums. */
function CostNote({ costs: { sums } }: { costs: Costs }): JSX.Element {
  const { missingMinutes, unpricedKwh } = sums
  return (
    <p class="sub part">
      {missingMinutes > 0 && `${texts.energy.minutesMissing(grouped(missingMinutes))} `}
      {unpricedKwh > 0 && `${texts.money.unpriced(energyText(unpricedKwh * 1000))} `}
      {texts.money.withoutBillOnly} <Link view="bills">{texts.views.bills}</Link>
    </p>
  )
}
