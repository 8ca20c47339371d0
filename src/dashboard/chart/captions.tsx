import type { ComponentChildren, JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { House } from '../api/answers.ts'
import { FigureText, Swatch } from '../page/glyph.tsx'
import { UNKNOWN, type Figure } from '../text/number.ts'
import { texts } from '../text/texts.ts'
import { HATCH } from './lines.tsx'

const SOURCES = [
  { of: 'solar', label: texts.solar, key: 'solar' },
  { of: 'house', label: texts.house, key: 'house' },
  { of: 'import', label: texts.fromGrid, key: 'fromGrid' },
  { of: 'export', label: texts.toGrid, key: 'toGrid' },
] as const

/** Without mains there is no house, without solar nothing that comes from it. */
export function shownSources({ hasMains, hasSolar }: House, toGrid: number | null | undefined) {
  const hasExport = hasMains && (hasSolar || (toGrid ?? 0) > 0)
  const isShown = { solar: hasSolar, house: hasMains, fromGrid: hasMains, toGrid: hasExport }
  return SOURCES.filter(({ key }) => isShown[key])
}

type LegendKey = readonly [source: string, name: string]

/** What the colours of a drawing are. */
export function Legend({ keys }: { keys: readonly (LegendKey | false | undefined)[] }): JSX.Element {
  return (
    <ul class="keys">
      {keys.map(
        (key) =>
          key && (
            <li key={key[0]}>
              <Swatch of={key[0]} />
              {key[1]}
            </li>
          ),
      )}
    </ul>
  )
}

/** The colour of a row, in front of its name. */
export function Tick({ fill }: { fill: string }): JSX.Element {
  const isHatched = fill === HATCH
  return <i class={isHatched ? 'tick hatch' : 'tick'} style={isHatched ? {} : { background: fill }} />
}

interface ReadingProps {
  /** The source of which it has the colour. */
  readonly of?: string | undefined
  readonly label: ComponentChildren
  readonly figure: Figure
  /** Of another time than the figures beside it. */
  readonly isEarlier?: boolean | undefined
  readonly below: ComponentChildren
}

/** A figure set large, between its name and what explains it. */
export function Reading({ of, label, figure, isEarlier = false, below }: ReadingProps): JSX.Element {
  return (
    <div class={isEarlier ? 'read earlier' : 'read'}>
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

const LEAST_MS = 500

/** A polite live region: the newest words, however quickly they change, at most once in half a second. */
export function Spoken({ words }: { words: string | undefined }): JSX.Element {
  const [said, setSaid] = useState('')
  const saidAtMs = useRef(-LEAST_MS)
  useEffect(() => {
    const say = () => {
      saidAtMs.current = performance.now()
      setSaid(words ?? '')
    }
    const timer = setTimeout(say, Math.max(0, saidAtMs.current + LEAST_MS - performance.now()))
    return () => clearTimeout(timer)
  }, [words])
  return (
    <p class="vh" role="status">
      {said}
    </p>
  )
}
