import type { ComponentChildren, JSX } from 'preact'
import { THIN_SPACE, type Figure } from '../text/number.ts'

export type Mark = 'ok' | 'busy' | 'warn' | 'bad'

/** The four state shapes, never without their word: disc, half disc, triangle, crossed square. */
export function Glyph({ mark }: { mark: Mark }): JSX.Element {
  return (
    <svg class="glyph" width="10" height="10" viewBox="0 0 10 10" aria-hidden="true">
      {shapeOf(mark)}
    </svg>
  )
}

function shapeOf(mark: Mark): JSX.Element {
  switch (mark) {
    case 'ok':
      return <circle cx="5" cy="5" r="4" fill="currentColor" />
    case 'busy':
      return (
        <>
          <circle cx="5" cy="5" r="3.5" fill="none" stroke="currentColor" stroke-width="1.5" />
          <path d="M5 1.5A3.5 3.5 0 0 1 5 8.5Z" fill="currentColor" />
        </>
      )
    case 'warn':
      return <path d="M5 .8L9.6 9.2H.4Z" fill="currentColor" />
    case 'bad':
      return (
        <>
          <path d="M0 0H10V10H0Z" fill="currentColor" />
          <path d="M2.6 2.6L7.4 7.4M7.4 2.6L2.6 7.4" stroke="var(--bg)" stroke-width="1.6" />
        </>
      )
  }
}

/** What is wrong, marked before its words. */
export function Flag({ mark, children }: { mark: 'warn' | 'bad'; children: ComponentChildren }): JSX.Element {
  return (
    <span class={`flag ${mark}`}>
      <Glyph mark={mark} />
      {children}
    </span>
  )
}

export function ProgressBar({ percent, label }: { percent: number; label: string }): JSX.Element {
  return (
    <span
      class="prog"
      role="progressbar"
      aria-valuenow={percent}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-label={label}
    >
      <i style={{ width: `${percent}%` }} />
    </span>
  )
}

/** The colour of a source beside its word. */
export function Swatch({ of }: { of: string }): JSX.Element {
  return <i class={`sw sw-${of}`} aria-hidden="true" />
}

export function FigureText({ figure: { text, unit } }: { figure: Figure }): JSX.Element {
  return (
    <>
      {text}
      {unit !== '' && <span class="u">{`${THIN_SPACE}${unit}`}</span>}
    </>
  )
}
