import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Which snapshots of a store are ours: outlives the process, so that one that could not be deleted is not left behind. */
export interface SnapshotJournal {
  names(): Promise<readonly string[]>
  add(name: string): Promise<void>
  remove(name: string): Promise<void>
}

/** As VictoriaMetrics names them; nothing else becomes a path. */
const NAME = /^[\w-]{1,100}$/

/** A file per snapshot, with the address of its store: processes with a state folder in common do not disturb each other. */
export function openSnapshotJournal(folder: string, address: string): SnapshotJournal {
  const pathOf = (name: string) => join(folder, name)

  return {
    async names() {
      const files = await readdir(folder).catch(() => [])
      const own: string[] = []
      for (const name of files.filter((file) => NAME.test(file)))
        if ((await readFile(pathOf(name), 'utf8').catch(() => '')) === address) own.push(name)
      return own
    },
    async add(name) {
      if (!NAME.test(name)) return
      await mkdir(folder, { recursive: true, mode: 0o700 })
      await writeFile(pathOf(name), address, { mode: 0o600 })
    },
    async remove(name) {
      if (NAME.test(name)) await rm(pathOf(name), { force: true })
    },
  }
}
