import type { JSX } from 'preact'
import type { Compared, Energy, EnergySums } from '../api/answers.ts'
import { Reading, shownSources } from '../chart/captions.tsx'
import { useKnown } from '../page/page.ts'
import { MINUTE_MS } from '../text/house-time.ts'
import {
  against as againstText,
  change as changeText,
  energy as energyFigure,
  grouped,
  share,
  shareText,
  THIN_SPACE,
  UNKNOWN,
  type Figure,
} from '../text/number.ts'
import { texts } from '../text/texts.ts'
import { ageText } from '../text/time.ts'
import { comparedOf, partName } from './period.ts'

/** Each beside what it was in the period before; without mains the circuits, without solar nothing of it. */
export function SixFigures({ energy }: { energy: Energy | undefined }): JSX.Element {
  const { house } = useKnown()
  const sums = energy?.sums
  const wattHours = sums?.wattHours
  const shown = shownSources(house, wattHours?.toGrid)
  const houseFirst = [...shown.filter(({ key }) => key === 'house'), ...shown.filter(({ key }) => key !== 'house')]
  const isShared = house.hasMains && house.hasSolar
  return (
    <>
      <div class={`reads six${isShared ? '' : ' few'}`}>
        {!house.hasMains && (
          <Reading
            label={texts.circuits}
            of="house"
            figure={atLeast(energyFigure(sums?.circuits), sums?.missingMinutes)}
            below={against(energy && comparedOf(energy, 'circuits'))}
          />
        )}
        {houseFirst.map(({ of, label, key }) => (
          <Reading
            key={key}
            label={label}
            of={of}
            figure={atLeast(energyFigure(wattHours?.[key]), sums?.lackingMinutes[key])}
            below={against(energy && comparedOf(energy, key))}
          />
        ))}
        {isShared && (
          <>
            <Reading
              label={texts.selfSufficient}
              figure={share(wattHours?.used, wattHours?.house)}
              below={was(energy, 'house', texts.energy.ofTheHouse)}
            />
            <Reading
              label={texts.selfConsumed}
              figure={share(wattHours?.used, wattHours?.solar)}
              below={was(energy, 'solar', texts.energy.ofSolar)}
            />
          </>
        )}
      </div>
      {sums && <MissingNote sums={sums} />}
    </>
  )
}

/** What the sums do not have, and why. */
function MissingNote({ sums }: { sums: EnergySums }): JSX.Element | null {
  const { house, formatter } = useKnown()
  const most = house.hasMains ? mostOf(sums.lackingMinutes) : sums.missingMinutes
  const offOfHouse = mostOf(sums.unmeasuredMinutes)
  const off = Math.max(offOfHouse, sums.unmeasuredMinutes?.unmetered ?? 0)
  const missing =
    sums.wholeFromMs === undefined
      ? texts.energy.minutesMissing(grouped(most))
      : texts.energy.backfillRuns(formatter.day(sums.wholeFromMs))
  const offText = offOfHouse > 0 ? texts.energy.off : texts.energy.offOfCircuits
  const words = [
    ...(most > 0 ? [missing] : []),
    ...(off > 0 ? [offText(lengthName(off))] : []),
    ...(sums.knownFromMs === undefined ? [] : [texts.energy.dataBegin(formatter.when(sums.knownFromMs))]),
  ]
  return words.length === 0 ? null : <p class="sub part">{words.join(' ')}</p>
}

/** Of the figures that are shown. */
function mostOf(minutes: EnergySums['unmeasuredMinutes']): number {
  return minutes === undefined ? 0 : Math.max(minutes.house, minutes.solar, minutes.fromGrid, minutes.toGrid)
}

/** `59 min were`, `4 h 10 min were` */
const lengthName = (minutes: number): string =>
  minutes === 1
    ? texts.energy.oneMinuteWas
    : texts.energy.lengthWas(minutes < 600 ? ageText(minutes * MINUTE_MS) : `${grouped(minutes / 60)} ${texts.h}`)

const atLeast = (figure: Figure, missingMinutes = 0): Figure =>
  missingMinutes > 0 && figure.text !== UNKNOWN ? { ...figure, text: `≥${THIN_SPACE}${figure.text}` } : figure

function against(compared: Compared | null | undefined): string {
  if (compared == null) return '\u00a0'
  const part = partName(compared)
  const change = changeText(compared.wattHours, compared.beforeWattHours)
  const before = energyFigure(compared.beforeWattHours).text
  return `${againstText(change, before)}${part === '' ? '' : texts.energy.inPart(part)}`
}

/** The share before, where all of both is known. */
function was(energy: Energy | undefined, of: 'house' | 'solar', what: string): string {
  const [used, complete] = energy ? [comparedOf(energy, 'used'), comparedOf(energy, of)] : []
  if (used == null || complete == null || partName(used) !== '' || partName(complete) !== '') return what
  return texts.energy.shareBefore(what, shareText(used.beforeWattHours, complete.beforeWattHours))
}
