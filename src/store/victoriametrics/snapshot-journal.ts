import { randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { parseJson } from '../../runtime/parse-json.ts'

/** A snapshot that was asked for, and of whose name nobody knows. */
export interface AskedSnapshot {
  readonly id: string
  /** By the clock here. */
  readonly askedMs: number
}

/** Which snapshots of a store are ours: outlives the process, so that one that could not be deleted is not left behind. */
export interface SnapshotJournal {
  names(): Promise<readonly string[]>
  add(name: string): Promise<void>
  remove(name: string): Promise<void>
  /** Notes that one is asked for; its name is not known yet. */
  ask(askedMs: number): Promise<AskedSnapshot>
  /** Those whose answer never came. */
  asked(): Promise<readonly AskedSnapshot[]>
  /** What was asked for has a name, or is known not to be there. */
  answer(asked: AskedSnapshot): Promise<void>
}

/** As VictoriaMetrics names them; nothing else becomes a path. */
const NAME = /^[\w-]{1,100}$/
const ASKED = /^asked-[\w-]{36}$/

const askedSchema = z.object({ address: z.string(), askedMs: z.number() })

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
    async ask(askedMs) {
      const id = `asked-${randomUUID()}`
      await mkdir(folder, { recursive: true, mode: 0o700 })
      await writeFile(pathOf(id), JSON.stringify({ address, askedMs }), { mode: 0o600 })
      return { id, askedMs }
    },
    async asked() {
      const files = await readdir(folder).catch(() => [])
      const own: AskedSnapshot[] = []
      for (const id of files.filter((file) => ASKED.test(file))) {
        const asked = askedSchema.safeParse(parseJson(await readFile(pathOf(id), 'utf8').catch(() => '')))
        if (asked.data?.address === address) own.push({ id, askedMs: asked.data.askedMs })
      }
      return own
    },
    async answer({ id }) {
      await rm(pathOf(id), { force: true })
    },
  }
}
