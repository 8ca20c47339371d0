import type { JSX } from 'preact'
import { count } from '../text/number.ts'
import { DeedButton } from './deed-button.tsx'
import { Glyph } from './glyph.tsx'
import { Link } from './link.tsx'
import type { Note } from './note.ts'

/** The one line under the tape; the rest of what is the matter is under Devices. */
export function NoteLine({ notes }: { notes: readonly Note[] }): JSX.Element {
  const [note] = notes
  return (
    <div role="status">
      {note && (
        <div class={`note ${note.mark}`}>
          <span class="mark">
            <Glyph mark={note.mark} />
          </span>
          <p>
            {note.title}
            {notes.length > 1 && (
              <>
                {' '}
                <Link view="devices">{`and ${count(notes.length - 1, 'more', 'more')}`}</Link>
              </>
            )}
            <span>{note.meaning}</span>
          </p>
          {note.deed && <DeedButton deed={note.deed.does} label={note.deed.label} />}
        </div>
      )}
    </div>
  )
}
