import { randomUUID } from 'node:crypto'
import { readFile, rename, stat, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
import { makeFolder } from './make-folder.ts'

const FILE = 'writer-id'

/**
 * How this process names itself to others that write into the same store: by its state folder, in which one process at a
 * time works. A folder that was copied is another one: its file is not the one whose number it holds. With `readOnly`, a
 * folder in which nothing was written yet has no number.
 */
export async function readWriterIdentity(stateDir: string, { readOnly = false } = {}) {
  const path = join(stateDir, FILE)
  const id = (await readId(path)) ?? (readOnly ? '' : await makeId(path))
  return { id, host: hostname(), process: process.pid, stateDir }
}

async function readId(path: string): Promise<string | undefined> {
  const [id = '', inode] = (await readFile(path, 'utf8').catch(() => '')).split(' ')
  const found = await stat(path).catch(() => undefined)
  return found && id !== '' && inode === String(found.ino) ? id : undefined
}

async function makeId(path: string): Promise<string> {
  await makeFolder(dirname(path))
  const id = randomUUID().slice(0, 8)
  const draft = `${path}.${process.pid}`
  await writeFile(draft, '', { mode: 0o600 })
  await writeFile(draft, `${id} ${(await stat(draft)).ino}`)
  await rename(draft, path)
  return id
}
