import type { JSX } from 'preact'
import type { Setup, SetupPreview } from '../api/answers.ts'
import { Flag } from '../page/glyph.tsx'
import { texts } from '../text/texts.ts'
import type { Choices, Colour } from './choices.ts'

export type Mistake = SetupPreview['mistakes'][number]

/** What each part of the form is handed. */
export interface PartsProps {
  readonly setup: Setup
  readonly choices: Choices
  readonly choose: (choices: Choices) => void
  readonly mistakes: readonly Mistake[]
  /** By location and name of a group, as they would be drawn. */
  readonly shownColours: ReadonlyMap<string, string>
}

/** Of a key of the house, and of whatever is below it. */
export function mistakesOf(mistakes: readonly Mistake[], ...path: readonly string[]): readonly string[] {
  return mistakes
    .filter((mistake) => path.every((key, index) => mistake.path?.[index] === key))
    .map(({ message }) => message)
}

export function ErrorText({ id, of }: { id: string; of: readonly string[] }): JSX.Element {
  return (
    <span id={id} class="wrong">
      {of.length > 0 && <Flag mark="bad">{[...new Set(of)].join('; ')}</Flag>}
    </span>
  )
}

/** Why it is proposed. */
export function ReasonText({ of }: { of: string | undefined }): JSX.Element | null {
  return of === undefined ? null : <small class="dim">{texts.setup.reason(of)}</small>
}

/** What an environment variable sets, whatever the file says. */
export function Fixed({ setup, keys }: { setup: Setup; keys: readonly string[] }): JSX.Element | null {
  const names = keys.flatMap((key) => setup.variables[key] ?? [])
  return names.length === 0 ? null : <small class="fixed">{texts.setup.fixed(names.join(', '))}</small>
}

export const isFixed = ({ variables }: Setup, ...keys: readonly string[]): boolean =>
  keys.some((key) => Object.hasOwn(variables, key))

const COLOURS = ['orange', 'violet', 'green', 'blue', 'plum', 'brown', 'grey'] as const satisfies Colour[]

interface ColourChoiceProps {
  readonly label: string
  readonly value: Colour | ''
  /** What counts where none is chosen. */
  readonly leftOut: string
  /** As it would be drawn; undefined while that is not known. */
  readonly shown: string | undefined
  readonly isOff: boolean
  readonly choose: (colour: Colour | '') => void
}

export function ColourChoice({ label, value, leftOut, shown, isOff, choose }: ColourChoiceProps): JSX.Element {
  return (
    <span class="colour-choice">
      <i class="sw" aria-hidden="true" style={shown === undefined ? {} : { background: shown }} />
      <select
        aria-label={label}
        disabled={isOff}
        value={value}
        onChange={({ currentTarget }) => choose(COLOURS.find((name) => name === currentTarget.value) ?? '')}
      >
        <option value="">{leftOut}</option>
        {COLOURS.map((name) => (
          <option key={name} value={name}>
            {texts.setup.colours[name]}
          </option>
        ))}
      </select>
    </span>
  )
}
