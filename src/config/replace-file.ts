import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

export interface Belongings {
  readonly mode: number
  /** Left out: whoever writes it. */
  readonly owner?: { readonly uid: number; readonly gid: number }
}

export type Rename = typeof rename

/** A file with these bytes in place of what is there: after a crash there is the one or the other. */
export async function replaceFile(
  path: string,
  bytes: Uint8Array,
  { mode, owner, move = rename }: Belongings & { readonly move?: Rename | undefined },
): Promise<void> {
  const draft = join(dirname(path), `.${basename(path)}.new`)
  try {
    await rm(draft, { force: true })
    await withFile(draft, 'wx', async (file) => {
      if (owner) await file.chown(owner.uid, owner.gid)
      await file.chmod(mode)
      await file.writeFile(bytes)
      await file.sync()
    })
    await move(draft, path)
  } catch (error) {
    await rm(draft, { force: true }).catch(() => {})
    throw error
  }
  // Not every file system of a network can, and the file is there.
  await withFile(dirname(path), 'r', (folder) => folder.sync()).catch(() => {})
}

/** The same file with other bytes; with those of before where they cannot all be written. */
export async function overwriteFile(path: string, bytes: Uint8Array, before: Uint8Array): Promise<void> {
  await withFile(path, 'r+', async (file) => {
    try {
      await writeOver(file, bytes)
    } catch (error) {
      await writeOver(file, before).catch(() => {})
      throw error
    }
  })
}

async function writeOver(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += (await file.write(bytes, at, bytes.length - at, at)).bytesWritten
  await file.truncate(bytes.length)
  await file.sync()
}

async function withFile(path: string, flags: string, act: (file: FileHandle) => Promise<void>): Promise<void> {
  const file = await open(path, flags, 0o600)
  try {
    await act(file)
  } finally {
    await file.close()
  }
}
