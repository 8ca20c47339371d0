import type { JSX } from 'preact'

export function PowerView(): JSX.Element {
  return <p></p>
}
