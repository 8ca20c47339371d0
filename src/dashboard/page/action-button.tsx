import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { isJob, isStatus } from '../api/answers.ts'
import { messageOf } from '../text/failure-words.ts'
import { texts } from '../text/texts.ts'
import type { Action } from './note.ts'
import { type Page, usePage } from './page.ts'

interface ActionButtonProps {
  readonly action: Action
  readonly label: string
  readonly isPrimary?: boolean
}

/** Says what it does; off, and saying why, while the store does not answer. */
export function ActionButton({ action, label, isPrimary = false }: ActionButtonProps): JSX.Element {
  const page = usePage()
  const [problem, setProblem] = useState<string>()
  const [isAsking, setIsAsking] = useState(false)
  const isOff = page.live.status.value?.store.state === 'failing'
  const act = async () => {
    setIsAsking(true)
    setProblem(await runAction(page, action).then(() => undefined, messageOf))
    setIsAsking(false)
  }
  const why = problem ?? (isOff ? texts.page.storeSilent : undefined)
  return (
    <span class="action">
      {why !== undefined && <span class="dim">{why}</span>}
      <button class={isPrimary ? 'btn primary' : 'btn'} disabled={isOff || isAsking} onClick={() => void act()}>
        {label}
      </button>
    </span>
  )
}

async function runAction({ server, live }: Page, action: Action): Promise<void> {
  if (action.kind === 'pause') {
    const path = `/api/v1/devices/${encodeURIComponent(action.device)}/history`
    live.takeStatus(await server.post(path, { paused: action.paused }, isStatus))
  } else if (action.kind === 'stop') {
    live.takeJob(await server.post(`/api/v1/jobs/${encodeURIComponent(action.job)}/stop`, {}, isJob))
  } else {
    live.takeJob(await server.post('/api/v1/jobs', action, isJob))
  }
}
