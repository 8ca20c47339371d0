import type { JSX } from 'preact'
import type { Note } from '../page/note.ts'
export function DevicesView({ notes }: { notes: readonly Note[] }): JSX.Element {
  return <p></p>
}
