import type { JSX } from 'preact'
import { useContext, useLayoutEffect, useMemo, useState } from 'preact/hooks'
import type { Is } from '../api/answers.ts'
import { ServerProblem } from '../api/server.ts'
import { messageOf } from '../text/failure-words.ts'
import { texts } from '../text/texts.ts'
import { KnownContext, usePage } from './page.ts'
import { Detail } from './part.tsx'

interface Asked<T> extends State<T> {
  readonly retry: () => void
}

interface State<T> {
  /** The last one; of another question while that of the present one is awaited. */
  readonly answer?: T | undefined
  /** Why there is no newer one. */
  readonly problem?: string | undefined
  /** What lies behind it, for whoever fixes it. */
  readonly detail?: string | undefined
  /** 0 while it is quick, 1 after a second, 10 after ten. */
  readonly waitedS: 0 | 1 | 10
}

/** Asks when the path or the version changes; keeps what it knew until the new answer is there. */
export function useAnswer<T>(path: string | undefined, is: Is<T>, version = 0): Asked<T> {
  const { server } = usePage()
  const isPlaceholder = useContext(KnownContext)?.isPlaceholder ?? false
  const [state, setState] = useState<State<T>>(() => ({
    answer: path === undefined ? undefined : server.kept(path, is),
    waitedS: 0,
  }))
  const [tries, setTries] = useState(0)

  // What is drawn meanwhile takes long enough for the answer to come.
  useMemo(() => {
    if (path !== undefined && !isPlaceholder && server.kept(path, is) === undefined) server.expect([path])
  }, [path, server, isPlaceholder])

  // Before the paint, which the answer need not wait for.
  useLayoutEffect(() => {
    if (path === undefined || isPlaceholder) return undefined
    const gone = new AbortController()
    const kept = server.kept(path, is)
    if (kept !== undefined) setState((before) => withAnswer(kept, before))
    const wait = (waitedS: 1 | 10) => setTimeout(() => setState((before) => ({ ...before, waitedS })), waitedS * 1000)
    const waits = [wait(1), wait(10)]
    server
      .ask(path, is, gone.signal)
      .then((answer) => {
        if (!gone.signal.aborted) setState((before) => withAnswer(answer, before))
      })
      .catch((error: unknown) => {
        if (gone.signal.aborted) return
        const detail = error instanceof ServerProblem ? error.detail : undefined
        setState(({ answer }) => ({ answer, problem: messageOf(error), detail, waitedS: 0 }))
      })
      .finally(() => waits.forEach(clearTimeout))
    return () => {
      gone.abort()
      waits.forEach(clearTimeout)
    }
  }, [path, version, tries, server, isPlaceholder])

  return { ...state, retry: () => setTries((count) => count + 1) }
}

/** The same state where nothing changes: then nothing is drawn again. */
function withAnswer<T>(answer: T, before: State<T>): State<T> {
  const isSame = before.answer === answer && before.problem === undefined && before.waitedS === 0
  return isSame ? before : { answer, waitedS: 0 }
}

interface WaitingProps {
  readonly asked: Asked<unknown>
  readonly what: string
  readonly whom?: string
}

/** What a part of a view says while its answer is not there: nothing for a second, then what is asked. */
export function Waiting({ asked, what, whom = texts.page.ofStore }: WaitingProps): JSX.Element | null {
  const { answer, problem, detail, waitedS, retry } = asked
  const again = (
    <button class="btn" onClick={retry}>
      {texts.tryAgain}
    </button>
  )
  if (problem !== undefined)
    return (
      <div class="waiting" role="status">
        <span class="flag bad">{answer === undefined ? texts.page.notShown : texts.page.notRenewed}</span>
        {problem} {again}
        {detail !== undefined && <Detail text={detail} />}
      </div>
    )
  if (waitedS === 0) return null
  return (
    <p class="waiting" role="status">
      {texts.page.asking(what, whom)}
      {waitedS === 10 && <> {again}</>}
    </p>
  )
}
