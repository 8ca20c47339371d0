import { mkdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** Where a reload of a device prepares its files. */
export function workFolder(backupDir: string, device: string): string {
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
