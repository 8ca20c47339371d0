import type { JSX } from 'preact'
import { useRef, useState } from 'preact/hooks'
import { isSetup, isSetupSaved, type Setup, type SetupPreview } from '../api/answers.ts'
import type { Server } from '../api/server.ts'
import { Flag } from '../page/glyph.tsx'
import { Link } from '../page/link.tsx'
import type { Live } from '../page/live.ts'
import { usePage } from '../page/page.ts'
import { messageOf } from '../text/failure-words.ts'
import { texts } from '../text/texts.ts'
import type { Sections } from './choices.ts'
import type { Mistake } from './field.tsx'

interface SaveProps {
  readonly setup: Setup
  readonly sections: Sections
  readonly answer: SetupPreview | undefined
  readonly mistakes: readonly Mistake[]
  readonly isChanged: boolean
  /** The choices are more than a file can say. */
  readonly isUnclear: boolean
  /** For the file as it is now. */
  readonly askAgain: () => void
}

interface Saved {
  readonly file: string
  readonly backup?: string
}

type Saving =
  | { readonly state: 'saving' }
  | { readonly state: 'reloading' | 'done' | 'notInUse'; readonly saved: Saved }
  | { readonly state: 'failed'; readonly message: string; readonly hasChanged: boolean }

/** Where the daemon may write its file, a button; else the lines to be pasted. */
export function Save({ setup, sections, answer, mistakes, isChanged, isUnclear, askAgain }: SaveProps): JSX.Element {
  const { server, live } = usePage()
  const [saving, setSaving] = useState<Saving>()
  const cannotSave = answer?.cannotSave ?? setup.cannotSave
  const isBusy = saving?.state === 'saving' || saving?.state === 'reloading'
  const save = async () => {
    if (isUnclear || isBusy) return
    setSaving({ state: 'saving' })
    try {
      const begun = live.openings.peek()
      const saved = await server.post(
        '/api/v1/setup',
        { fingerprint: setup.fingerprint ?? '', ...sections },
        isSetupSaved,
      )
      setSaving({ state: 'reloading', saved })
      await reopened(live, begun)
      setSaving({ state: (await isInUse(server)) ? 'done' : 'notInUse', saved })
    } catch (error) {
      const now = await server.ask('/api/v1/setup', isSetup).catch(() => undefined)
      const hasChanged = now !== undefined && now.fingerprint !== setup.fingerprint
      setSaving({ state: 'failed', message: messageOf(error), hasChanged })
    }
    askAgain()
  }
  return (
    <div class="setup-save">
      <div role="status">
        {mistakes.length > 0 && (
          <>
            <Flag mark="bad">{texts.setup.mistakes(mistakes.length)}</Flag>
            <ul>
              {mistakes.map(({ path = [], message }) => (
                <li key={`${path.join('.')} ${message}`}>
                  {path.length > 0 && <code>{path.join('.')}</code>} {message}
                </li>
              ))}
            </ul>
          </>
        )}
      </div>
      {cannotSave === undefined ? (
        <>
          <button class="btn primary" aria-disabled={isBusy} onClick={() => void save()}>
            {isBusy ? texts.setup.saving : texts.setup.save}
          </button>
          {isChanged && !isBusy && <p class="dim">{texts.setup.unsaved}</p>}
          <div role="status">{saving && <Outcome saving={saving} />}</div>
          <details class="detail">
            <summary>{texts.setup.lines}</summary>
            <Lines text={answer?.lines ?? ''} />
          </details>
        </>
      ) : (
        <>
          <p>
            <Flag mark="warn">{texts.setup.cannotSave(cannotSave)}</Flag> {texts.setup.paste(setup.file)}
          </p>
          <Lines text={answer?.lines ?? ''} />
        </>
      )}
    </div>
  )
}

function Outcome({ saving }: { saving: Saving }): JSX.Element {
  switch (saving.state) {
    case 'saving':
      return <>{texts.setup.saving}</>
    case 'reloading':
      return <>{texts.setup.reloading(saving.saved.file)}</>
    case 'done':
      return (
        <>
          <b>{texts.setup.done}</b> <Link view="now">{texts.setup.toNow}</Link>
          <p class="dim">{texts.setup.saved(saving.saved.file, saving.saved.backup)}</p>
        </>
      )
    case 'notInUse':
      return (
        <>
          <Flag mark="warn">{texts.setup.notInUse}</Flag> <Link view="devices">{texts.devices.events}</Link>
          <p class="dim">{texts.setup.saved(saving.saved.file, saving.saved.backup)}</p>
        </>
      )
    case 'failed':
      return (
        <>
          <Flag mark="bad">{texts.setup.notSaved}</Flag>
          {saving.hasChanged ? texts.setup.hasChanged : saving.message}
        </>
      )
  }
}

const PATIENCE_MS = 20_000

/** The daemon ends the stream of events, and opens it when it is back. */
function reopened({ openings }: Live, begun: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(end, PATIENCE_MS)
    const leave = openings.subscribe((count) => {
      if (count > begun) setTimeout(end)
    })
    function end() {
      clearTimeout(timer)
      leave()
      resolve()
    }
  })
}

const TRIES = 5
const PAUSE_MS = 1_000

/** A daemon that has just started may not answer yet. */
async function isInUse(server: Server): Promise<boolean> {
  for (let attempt = 1; attempt < TRIES; attempt++) {
    const setup = await server.ask('/api/v1/setup', isSetup).catch(() => undefined)
    if (setup) return setup.isInUse
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
  return (await server.ask('/api/v1/setup', isSetup)).isInUse
}

/** Only a page that came safely may write to the clipboard: on others the lines are selected. */
function Lines({ text }: { text: string }): JSX.Element {
  const area = useRef<HTMLTextAreaElement>(null)
  const [told, setTold] = useState('')
  const copy = async () => {
    area.current?.select()
    try {
      await navigator.clipboard.writeText(text)
      setTold(texts.setup.copied)
    } catch {
      setTold(texts.setup.selected)
    }
  }
  return (
    <>
      <textarea
        ref={area}
        class="mono"
        readOnly
        aria-label={texts.setup.lines}
        rows={Math.max(1, text.trimEnd().split('\n').length)}
        value={text}
      />
      <button class="btn" onClick={() => void copy()}>
        {texts.setup.copy}
      </button>{' '}
      <span role="status">{told}</span>
    </>
  )
}
