import type { JSX } from 'preact'

/** A message as it is, for who mends what it is about. */
export function Detail({ text }: { text: string }): JSX.Element {
  return (
    <details class="detail">
      <summary>Details</summary>
      <code>{text}</code>
    </details>
  )
}
