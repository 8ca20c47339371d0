import type { JSX } from 'preact'
import type { Compared, Energy, EnergySums } from '../api/answers.ts'
import { Reading, shownSources } from '../chart/captions.tsx'
import { useKnown } from '../page/page.ts'
import { MINUTE_MS } from '../text/house-time.ts'
import {
  change as changeText,
  energy as energyFigure,
  grouped,
  share,
  shareText,
  THIN_SPACE,
  UNKNOWN,
  type Figure,
} from '../text/number.ts'
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
            label="Circuits"
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
              label="Self-sufficient"
              figure={share(wattHours?.used, wattHours?.house)}
              below={was(energy, 'house', 'of the house')}
            />
            <Reading
              label="Self-consumed"
              figure={share(wattHours?.used, wattHours?.solar)}
              below={was(energy, 'solar', 'of solar')}
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
      ? `≥: ${grouped(most)} min are missing.`
      : `≥: the backfill is still running; complete since ${formatter.day(sums.wholeFromMs)}.`
  const ofWhat = offOfHouse > 0 ? '; bars that hold such minutes have a grey line under them' : ' of its circuits'
  const words = [
    ...(most > 0 ? [missing] : []),
    ...(off > 0
      ? [`${lengthName(off)} not measured, as a device was off: what flowed then is in no sum${ofWhat}.`]
      : []),
    ...(sums.knownFromMs === undefined ? [] : [`Data begin ${formatter.when(sums.knownFromMs)}.`]),
  ]
  return words.length === 0 ? null : <p class="sub part">{words.join(' ')}</p>
}

/** Of the figures that are shown. */
function mostOf(minutes: EnergySums['unmeasuredMinutes']): number {
  return minutes === undefined ? 0 : Math.max(minutes.house, minutes.solar, minutes.fromGrid, minutes.toGrid)
}

/** `59 min were`, `4 h 10 min were` */
const lengthName = (minutes: number): string =>
  minutes === 1 ? '1 min was' : `${minutes < 600 ? ageText(minutes * MINUTE_MS) : `${grouped(minutes / 60)} h`} were`

const atLeast = (figure: Figure, missingMinutes = 0): Figure =>
  missingMinutes > 0 && figure.text !== UNKNOWN ? { ...figure, text: `≥${THIN_SPACE}${figure.text}` } : figure

function against(compared: Compared | null | undefined): string {
  if (compared == null) return '\u00a0'
  const part = partName(compared)
  const change = changeText(compared.wattHours, compared.beforeWattHours)
  return `${change} against ${energyFigure(compared.beforeWattHours).text}${part === '' ? '' : ` in ${part}`}`
}

/** The share before, where all of both is known. */
function was(energy: Energy | undefined, of: 'house' | 'solar', what: string): string {
  const [used, complete] = energy ? [comparedOf(energy, 'used'), comparedOf(energy, of)] : []
  if (used == null || complete == null || partName(used) !== '' || partName(complete) !== '') return what
  return `${what}; before ${shareText(used.beforeWattHours, complete.beforeWattHours)}`
}
