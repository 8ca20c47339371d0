import { isJob, isStatus } from '../api/answers.ts'
import type { Deed } from './note.ts'
import type { Page } from './page.ts'

/** What a button does; gives the problem in words where it could not be done. */
export async function doDeed({ server, live }: Page, deed: Deed): Promise<string | undefined> {
  try {
    if (deed.kind === 'pause') {
      const path = `/api/v1/devices/${encodeURIComponent(deed.device)}/history`
      live.takeStatus(await server.post(path, { paused: deed.paused }, isStatus))
    } else if (deed.kind === 'stop') {
      live.takeJob(await server.post(`/api/v1/jobs/${encodeURIComponent(deed.job)}/stop`, {}, isJob))
    } else {
      live.takeJob(await server.post('/api/v1/jobs', deed, isJob))
    }
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
