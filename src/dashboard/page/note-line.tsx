import type { JSX } from 'preact'
import { texts } from '../text/texts.ts'
import { ActionButton } from './action-button.tsx'
import { Glyph } from './glyph.tsx'
import { Link } from './link.tsx'
import type { Note } from './note.ts'
import { Detail } from './part.tsx'

/** The one line under the timeline; the rest of what is the matter is under Devices. */
export function NoteLine({ notes }: { notes: readonly Note[] }): JSX.Element {
  const [note] = notes
  return <div role="status">{note && <NoteBox note={note} moreCount={notes.length - 1} />}</div>
}

export function NoteBox({ note, moreCount = 0 }: { note: Note; moreCount?: number }): JSX.Element {
  const { mark, title, meaning, command, action, detail, span } = note
  return (
    <div class={`note ${mark}`}>
      <span class="mark">
        <Glyph mark={mark} />
      </span>
      <div>
        <p>
          {title}
          {moreCount > 0 && (
            <>
              {' '}
              <Link view="devices">{texts.notes.more(moreCount)}</Link>
            </>
          )}
          <span>
            {meaning}
            {command !== undefined && <code>{command}</code>}
            {span && (
              <>
                {' '}
                <Link view="power" query={span}>
                  {texts.notes.showPower}
                </Link>
              </>
            )}
          </span>
        </p>
        {detail !== undefined && <Detail text={detail} />}
      </div>
      {action && <ActionButton action={action.does} label={action.label} />}
    </div>
  )
}
