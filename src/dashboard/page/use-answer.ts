import { useContext, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { Is } from '../api/is.ts'
import { ServerProblem } from '../api/server.ts'
import { KnownContext, usePage } from './page.ts'

export interface Asked<T> {
  /** The last one; of another question while that of the present one is awaited. */
  readonly answer: T | undefined
  readonly isCurrent: boolean
  /** Why there is no newer one. */
  readonly problem: string | undefined
  /** What lies behind it, for whoever fixes it. */
  readonly detail: string | undefined
  /** 0 while it is quick, 1 after a second, 10 after ten. */
  readonly waitedS: 0 | 1 | 10
  readonly retry: () => void
}

interface State<T> {
  readonly path?: string | undefined
  readonly answer?: T | undefined
  readonly problem?: string | undefined
  readonly detail?: string | undefined
  readonly waitedS: 0 | 1 | 10
}

/** Asks when the path or the version changes; keeps what it knew until the new answer is there. */
export function useAnswer<T>(path: string | undefined, is: Is<T>, version = 0): Asked<T> {
  const { server } = usePage()
  const isPlaceholder = useContext(KnownContext)?.isPlaceholder ?? false
  const [state, setState] = useState<State<T>>(() => {
    const kept = path === undefined ? undefined : server.kept(path, is)
    return kept === undefined ? { waitedS: 0 } : { path, answer: kept, waitedS: 0 }
  })
  const [tries, setTries] = useState(0)
  const isRef = useRef(is)

  // What is drawn meanwhile takes long enough for the answer to come.
  useMemo(() => {
    if (path !== undefined && !isPlaceholder && server.kept(path, is) === undefined) server.expect([path])
  }, [path, server, isPlaceholder])

  // Before the paint, which the answer need not wait for.
  useLayoutEffect(() => {
    if (path === undefined || isPlaceholder) return undefined
    const gone = new AbortController()
    const kept = server.kept(path, isRef.current)
    if (kept !== undefined) setState({ path, answer: kept, waitedS: 0 })
    const wait = (waitedS: 1 | 10) => setTimeout(() => setState((before) => ({ ...before, waitedS })), waitedS * 1000)
    const waits = [wait(1), wait(10)]
    server
      .ask(path, isRef.current, gone.signal)
      .then((answer) => setState({ path, answer, waitedS: 0 }))
      .catch((error: unknown) => {
        if (gone.signal.aborted) return
        const problem = error instanceof Error ? error.message : String(error)
        const detail = error instanceof ServerProblem ? error.detail : undefined
        setState((before) => ({ ...before, problem, detail, waitedS: 0 }))
      })
      .finally(() => waits.forEach(clearTimeout))
    return () => {
      gone.abort()
      waits.forEach(clearTimeout)
    }
  }, [path, version, tries, server, isPlaceholder])

  return {
    answer: state.answer,
    isCurrent: state.path === path,
    problem: state.problem,
    detail: state.detail,
    waitedS: state.waitedS,
    retry: () => setTries((count) => count + 1),
  }
}
