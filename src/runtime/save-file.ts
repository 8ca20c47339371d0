import { rename, writeFile } from 'node:fs/promises'

/** For this user alone; nobody finds it half written. One process writes a file. */
export async function saveFile(path: string, content: string | Uint8Array): Promise<void> {
  await writeFile(`${path}.new`, content, { mode: 0o600 })
  await rename(`${path}.new`, path)
}
