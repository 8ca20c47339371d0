import type { ComponentChildren, JSX } from 'preact'
import type { Energy } from '../api/answers.ts'
import { Link } from '../page/link.tsx'
import { useKnown } from '../page/page.ts'
import { powerSpan } from '../page/power-span.ts'
import { MINUTE_MS } from '../text/house-time.ts'
import { against, change, energyText, listed, powerText, UNKNOWN } from '../text/number.ts'
import { texts } from '../text/texts.ts'
import { periodPerDay } from './period.ts'

/** Power shows so much at both sides of the peak. */
const AROUND_MS = 30 * MINUTE_MS
const KWH_A_YEAR = 8.76

/** What a person asks next of a period: how much that is a day, what the most was, and what is drawn at night. */
export function Highlights({ energy }: { energy: Energy | undefined }): JSX.Element {
  const { house, formatter } = useKnown()
  const perDay = energy && periodPerDay(energy, house.hasMains, formatter)
  const { peak, baseLoad } = energy ?? {}
  return (
    <dl class="highlights">
      {energy?.span !== 'day' && (
        <Highlight name={texts.energy.perDay}>
          {perDay && (
            <>
              <b>{energyText(perDay.wattHours)}</b>
              {perDay.compared &&
                ` ${against(change(perDay.compared.wattHours, perDay.compared.beforeWattHours), energyText(perDay.compared.beforeWattHours))}`}
            </>
          )}
        </Highlight>
      )}
      {house.hasMains && (
        <>
          <Highlight name={texts.energy.peak}>
            {peak && (
              <>
                <b>{powerText(peak.watts)}</b>{' '}
                <Link
                  view="power"
                  query={powerSpan({ fromMs: peak.atMs - AROUND_MS, untilMs: peak.atMs + AROUND_MS }, formatter.time)}
                >
                  {formatter.when(peak.atMs)}
                </Link>
                {peak.circuits.length > 0 &&
                  texts.energy.peakMadeBy(listed(peak.circuits.map(({ id, watts }) => `${id} ${powerText(watts)}`)))}
              </>
            )}
          </Highlight>
          <Highlight name={texts.energy.baseLoad}>
            {baseLoad && (
              <>
                <b>{powerText(baseLoad.watts)}</b>
                {texts.energy.baseLoadAYear(energyText(baseLoad.watts * KWH_A_YEAR * 1000))}
              </>
            )}
          </Highlight>
        </>
      )}
    </dl>
  )
}

function Highlight({ name, children }: { name: string; children: ComponentChildren }): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children ?? <span class="dim">{UNKNOWN}</span>}</dd>
    </div>
  )
}
