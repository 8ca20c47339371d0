import type { ComponentChildren, JSX } from 'preact'
import type { Energy } from '../api/answers.ts'
import { useKnown } from '../page/page.ts'
import { change, energyText, UNKNOWN } from '../text/number.ts'
import { texts } from '../text/texts.ts'
import { periodPerDay } from './period.ts'

/** What a person asks next of a period: how much that is a day. */
export function Highlights({ energy }: { energy: Energy | undefined }): JSX.Element {
  const { house, formatter } = useKnown()
  const perDay = energy && periodPerDay(energy, house.hasMains, formatter)
  return (
    <dl class="highlights">
      {energy?.span !== 'day' && (
        <Highlight name={texts.energy.perDay}>
          {perDay && (
            <>
              <b>{energyText(perDay.wattHours)}</b>
              {perDay.compared &&
                ` ${texts.energy.against(change(perDay.compared.wattHours, perDay.compared.beforeWattHours), energyText(perDay.compared.beforeWattHours))}`}
            </>
          )}
        </Highlight>
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
