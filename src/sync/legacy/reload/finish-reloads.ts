import { join } from 'node:path'
import { withReplanning } from '../../copy/replan.ts'
import type { Reloads, SyncContext } from '../../session/session.ts'
import { bringAbout } from './reconcile.ts'
import { endJournal, findJournals, type Journal } from './reload-journal.ts'
import { removeWorkFolder } from './work-folder.ts'

const MAX_ATTEMPTS = 8

export function reloadsIn(backupDir: string): Reloads {
  return { backupDir, finish: (context, signal) => finishReloads(backupDir, context, signal) }
}

async function finishReloads(backupDir: string, context: SyncContext, signal: AbortSignal): Promise<void> {
  const { settings, log, memory } = context
  for (const journal of await findJournals(backupDir, settings.deviceName)) {
    const { location, state, backup } = journal.reload
    const was = state === 'deleted' ? 'after the series had been deleted' : 'before or while the series was deleted'
    log.warn(
      `${settings.deviceName}: a reload of ${location} was cut short ${was}; finishing it from ${join(backupDir, backup.name)}`,
    )
    await bringAbout(context, journal, signal)
    await endJournal(journal)
    log.info(`${settings.deviceName}: the reload of ${location} is finished`)
  }
  if (memory.reload && !memory.reload.aborted) return
  if (await removeWorkFolder(backupDir, settings.deviceName))
    log.warn(
      `${settings.deviceName}: a reload was cut short; series that it had not come to are as they were, and to see which are left: iotawatt-sync verify --reload-series ${settings.deviceName}`,
    )
}

export async function finishReload(context: SyncContext, journal: Journal, signal: AbortSignal): Promise<void> {
  await withReplanning(context, () => bringAbout(context, journal, signal), { signal, maxAttempts: MAX_ATTEMPTS })
  await endJournal(journal)
}
