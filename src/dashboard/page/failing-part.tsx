import { Component, type ComponentChildren, type JSX } from 'preact'
import { Glyph } from './glyph.tsx'
import type { Misread } from './read-query.ts'

/** What fails reports it in its own space, with a button, and leaves its neighbours alone. */
export class FailingPart extends Component<
  { readonly children: ComponentChildren },
  { readonly problem?: string | undefined }
> {
  static override getDerivedStateFromError(error: unknown): { problem: string } {
    return { problem: error instanceof Error ? error.message : String(error) }
  }

  override render() {
    if (this.state.problem === undefined) return this.props.children
    return (
      <div class="waiting" role="status">
        <span class="flag bad">Could not be drawn:</span> this is a fault of the page.{' '}
        <button class="btn" onClick={() => this.setState({ problem: undefined })}>
          Try again
        </button>
        <Detail text={this.state.problem} />
      </div>
    )
  }
}

/** A message as it is, for whoever fixes what it is about. */
export function Detail({ text }: { text: string }): JSX.Element {
  return (
    <details class="detail">
      <summary>Details</summary>
      <code>{text}</code>
    </details>
  )
}

const MOST_LETTERS = 40

/** What of the address was not understood, and what is shown in its place. */
export function MisreadLine({ misread, shown }: { misread: readonly Misread[]; shown: string }): JSX.Element | null {
  if (misread.length === 0) return null
  const parts = misread.map(({ key, found, expected }) => `${key}=${short(found)} is not ${expected}`)
  return (
    <p class="waiting" role="status">
      <span class="flag warn">
        <Glyph mark="warn" />
        Not understood in the address:
      </span>{' '}
      {parts.join('; ')}. Shown instead: {shown}.
    </p>
  )
}

const short = (text: string): string => (text.length > MOST_LETTERS ? `${text.slice(0, MOST_LETTERS)}…` : text)
