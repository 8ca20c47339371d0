import { join } from 'node:path'
import { withReplanning } from '../../copy/replan.ts'
import type { SyncContext } from '../../session/session.ts'
import { bringAbout } from './reconcile.ts'
import { endJournal, findJournals, type Journal } from './reload-journal.ts'
import { removeWorkFolder } from './work-folder.ts'

const MAX_ATTEMPTS = 8

/**
 * Finishes what a reload left half-way, before anything else is done with the device: so no pass takes a series that
 * was deleted for one that is missing. Part of a plan, which is made anew when it fails.
 */
export async function finishReloads(context: SyncContext, signal: AbortSignal): Promise<void> {
  const { backupDir, settings, log, memory } = context
  if (backupDir === undefined) return
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
