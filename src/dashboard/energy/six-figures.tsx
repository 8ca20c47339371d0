import type { JSX } from 'preact'
import type { Energy, EnergySums, HouseNumbers } from '../api/answers.ts'
import { FigureText, Swatch } from '../page/glyph.tsx'
import { useKnown } from '../page/page.ts'
import { change, energy as energyFigure, grouped, share, shareText, UNKNOWN, type Figure } from '../text/number.ts'
import { lackOf } from './period.ts'

const SOURCES = [
  { of: 'house', label: 'House', key: 'house' },
  { of: 'solar', label: 'Solar', key: 'solar' },
  { of: 'import', label: 'From the grid', key: 'fromGrid' },
  { of: 'export', label: 'To the grid', key: 'toGrid' },
] as const

/** Each beside what it was in the period before. */
export function SixFigures({ energy }: { energy: Energy | undefined }): JSX.Element {
  const { telling } = useKnown()
  const sums = energy?.sums
  const before = energy?.before?.sums
  const lack = (key: keyof HouseNumbers) => (sums === undefined ? 0 : lackOf(sums, key))
  const most = Math.max(...SOURCES.map(({ key }) => lack(key)))
  return (
    <>
      <div class="reads six">
        {SOURCES.map(({ of, label, key }) => (
          <SixFigure
            key={key}
            label={label}
            of={of}
            figure={atLeast(energyFigure(sums?.wattHours[key]), lack(key))}
            below={against(sums?.wattHours[key], before?.wattHours[key])}
          />
        ))}
        <SixFigure
          label="Self-sufficient"
          figure={share(sums?.wattHours.used, sums?.wattHours.house)}
          below={was(before, 'house', 'of the house')}
        />
        <SixFigure
          label="Self-used"
          figure={share(sums?.wattHours.used, sums?.wattHours.solar)}
          below={was(before, 'solar', 'of solar')}
        />
      </div>
      {most > 0 && (
        <p class="sub part">
          {sums?.wholeFromMs === undefined
            ? `≥: ${grouped(most)} min are missing.`
            : `≥: history is still being loaded; whole since ${telling.day(sums.wholeFromMs)}.`}
        </p>
      )}
    </>
  )
}

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

function against(wattHours: number | null | undefined, before: number | null | undefined): string {
  if (before === null || before === undefined) return '\u00a0'
  return `${change(wattHours, before)} against ${energyFigure(before).text}`
}

function was(before: EnergySums | undefined, of: 'house' | 'solar', what: string): string {
  return before === undefined ? what : `${what}; before ${shareText(before.wattHours.used, before.wattHours[of])}`
}
