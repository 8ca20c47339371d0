import { Component, type ComponentChildren } from 'preact'
import { Detail } from './detail.tsx'

/** What falls over says so in its own space, with a button, and leaves its neighbours alone. */
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
