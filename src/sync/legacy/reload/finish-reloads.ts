import { mkdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { withReplanning } from '../../copy/replan.ts'
import type { Reloads, SyncContext } from '../../session/session.ts'
import { reconcile } from './reconcile.ts'
import { endJournal, findJournals, type Journal } from './reload-journal.ts'

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
    await reconcile(context, journal, signal)
    await endJournal(journal)
    log.info(`${settings.deviceName}: the reload of ${location} is finished`)
  }
  if (memory.reload.preparing && !memory.reload.preparing.aborted) return
  if (await removeWorkFolder(backupDir, settings.deviceName))
    log.warn(
      `${settings.deviceName}: a reload was cut short; series that it had not come to are as they were, and to see which are left: iotawatt-sync verify --reload-series ${settings.deviceName}`,
    )
}

export async function finishReload(context: SyncContext, journal: Journal, signal: AbortSignal): Promise<void> {
  await withReplanning(context, () => reconcile(context, journal, signal), { signal, maxAttempts: MAX_ATTEMPTS })
  await endJournal(journal)
}

/** Where a reload of a device prepares its files. */
function workFolder(backupDir: string, device: string): string {
  return join(backupDir, workFolderName(device))
}

export function workFolderName(device: string): string {
  return `${encodeURIComponent(device)}.unfinished`
}

export async function makeWorkFolder(backupDir: string, device: string): Promise<string> {
  const folder = workFolder(backupDir, device)
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true, mode: 0o700 })
  return folder
}

/** False when there was none. */
export async function removeWorkFolder(backupDir: string, device: string): Promise<boolean> {
  const folder = workFolder(backupDir, device)
  const isThere = await stat(folder).then(
    () => true,
    () => false,
  )
  if (isThere) await rm(folder, { recursive: true, force: true })
  return isThere
}
