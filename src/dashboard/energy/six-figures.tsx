import type { JSX } from 'preact'
import type { Compared, Energy, EnergySums } from '../api/answers.ts'
import { FigureText, Swatch } from '../page/glyph.tsx'
import { useKnown } from '../page/page.ts'
import { MINUTE_MS } from '../text/house-time.ts'
import {
  change as changeText,
  energy as energyFigure,
  grouped,
  share,
  shareText,
  UNKNOWN,
  type Figure,
} from '../text/number.ts'
import { ageText } from '../text/time.ts'
import { comparedOf, missingOf, partName } from './period.ts'

const SOURCES = [
  { of: 'house', label: 'House', key: 'house' },
  { of: 'solar', label: 'Solar', key: 'solar' },
  { of: 'import', label: 'From the grid', key: 'fromGrid' },
  { of: 'export', label: 'To the grid', key: 'toGrid' },
] as const

/** Each beside what it was in the period before; without mains the circuits, without solar nothing of it. */
export function SixFigures({ energy }: { energy: Energy | undefined }): JSX.Element {
  const { house } = useKnown()
  const sums = energy?.sums
  const hasExport = house.hasSolar || (sums?.wattHours.toGrid ?? 0) > 0
  const sources = SOURCES.filter(({ key }) =>
    key === 'solar' ? house.hasSolar : house.hasMains && (key !== 'toGrid' || hasExport),
  )
  const isShared = house.hasMains && house.hasSolar
  return (
    <>
      <div class={`reads six${isShared ? '' : ' few'}`}>
        {!house.hasMains && (
          <SixFigure
            label="Circuits"
            of="house"
            figure={atLeast(energyFigure(sums?.circuits), sums?.missingMinutes ?? 0)}
            below={against(energy && comparedOf(energy, 'circuits'))}
          />
        )}
        {sources.map(({ of, label, key }) => (
          <SixFigure
            key={key}
            label={label}
            of={of}
            figure={atLeast(energyFigure(sums?.wattHours[key]), sums === undefined ? 0 : missingOf(sums, key))}
            below={against(energy && comparedOf(energy, key))}
          />
        ))}
        {isShared && (
          <>
            <SixFigure
              label="Self-sufficient"
              figure={share(sums?.wattHours.used, sums?.wattHours.house)}
              below={was(energy, 'house', 'of the house')}
            />
            <SixFigure
              label="Self-consumed"
              figure={share(sums?.wattHours.used, sums?.wattHours.solar)}
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
  const keys = SOURCES.map(({ key }) => key)
  const most = house.hasMains ? Math.max(...keys.map((key) => missingOf(sums, key))) : sums.missingMinutes
  const off = Math.max(...[...keys, 'unmetered' as const].map((key) => sums.unmeasuredMinutes?.[key] ?? 0))
  const isOfHouse = keys.some((key) => (sums.unmeasuredMinutes?.[key] ?? 0) > 0)
  const words = [
    ...(most > 0
      ? [
          sums.wholeFromMs === undefined
            ? `≥: ${grouped(most)} min are missing.`
            : `≥: the backfill is still running; complete since ${formatter.day(sums.wholeFromMs)}.`,
        ]
      : []),
    ...(off > 0
      ? [
          `${lengthName(off)} not measured, as a device was off: what flowed then is in no sum${isOfHouse ? '; bars that hold such minutes have a grey line under them' : ' of its circuits'}.`,
        ]
      : []),
    ...(sums.knownFromMs === undefined ? [] : [`Data begin ${formatter.when(sums.knownFromMs)}.`]),
  ]
  return words.length === 0 ? null : <p class="sub part">{words.join(' ')}</p>
}

/** `59 min were`, `4 h 10 min were` */
const lengthName = (minutes: number): string =>
  minutes === 1 ? '1 min was' : `${minutes < 600 ? ageText(minutes * MINUTE_MS) : `${grouped(minutes / 60)} h`} were`

interface SixFigureProps {
  readonly label: string
  readonly of?: string
  readonly figure: Figure
  readonly below: string
}

function SixFigure({ label, of, figure, below }: SixFigureProps): JSX.Element {
  return (
    <div class="read">
      <div class="l">
        {of !== undefined && <Swatch of={of} />}
        {label}
      </div>
      <div class={figure.text === UNKNOWN ? 'n dim' : 'n'}>
        <FigureText figure={figure} />
      </div>
      <div class="s">{below}</div>
    </div>
  )
}

const atLeast = (figure: Figure, lackingMinutes: number): Figure =>
  lackingMinutes > 0 && figure.text !== UNKNOWN ? { ...figure, text: `≥\u202f${figure.text}` } : figure

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
