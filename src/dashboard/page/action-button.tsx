import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { isJob, isStatus } from '../api/answers.ts'
import type { Action } from './note.ts'
import { type Page, usePage } from './page.ts'

/** Says what it does; off, and saying why, while the store does not answer. */
export function ActionButton({
  action,
  label,
  isPrimary = false,
}: {
  action: Action
  label: string
  isPrimary?: boolean
}): JSX.Element {
  const page = usePage()
  const [problem, setProblem] = useState<string>()
  const [isAsking, setIsAsking] = useState(false)
  const isOff = page.live.status.value?.store.state === 'failing'
  const act = () => {
    setIsAsking(true)
    void runAction(page, action).then((found) => {
      setProblem(found)
      setIsAsking(false)
    })
  }
  return (
    <span class="action">
      {(problem ?? (isOff ? 'the store does not answer' : undefined)) !== undefined && (
        <span class="dim">{problem ?? 'the store does not answer'}</span>
      )}
      <button class={isPrimary ? 'btn primary' : 'btn'} disabled={isOff || isAsking} onClick={act}>
        {label}
      </button>
    </span>
  )
}

/** What a button does; gives the problem in words where it could not be done. */
async function runAction({ server, live }: Page, action: Action): Promise<string | undefined> {
  try {
    if (action.kind === 'pause') {
      const path = `/api/v1/devices/${encodeURIComponent(action.device)}/history`
      live.takeStatus(await server.post(path, { paused: action.paused }, isStatus))
    } else if (action.kind === 'stop') {
      live.takeJob(await server.post(`/api/v1/jobs/${encodeURIComponent(action.job)}/stop`, {}, isJob))
    } else {
      live.takeJob(await server.post('/api/v1/jobs', action, isJob))
    }
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
