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

/** As VictoriaMetrics names them; nothing else becomes a path. */
const NAME = /^[\w-]{1,100}$/
const ASKED = /^asked-[\w-]{36}$/

const askedSchema = z.object({ address: z.string(), askedMs: z.number() })

export type SnapshotJournal = ReturnType<typeof openSnapshotJournal>

/**
 * Which snapshots of a store are ours: outlives the process, so that one that could not be deleted is not left behind. A
 * file per snapshot, with the address of its store: processes with a state folder in common do not disturb each other.
 */
export function openSnapshotJournal(folder: string, address: string) {
  /** The notes with such names, and what is in them. */
  async function read(pattern: RegExp): Promise<readonly { readonly name: string; readonly text: string }[]> {
    const names = (await readdir(folder).catch(() => [])).filter((name) => pattern.test(name))
    return Promise.all(
      names.map(async (name) => ({ name, text: await readFile(join(folder, name), 'utf8').catch(() => '') })),
    )
  }

  async function write(name: string, text: string): Promise<void> {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await writeFile(join(folder, name), text, { mode: 0o600 })
  }

  return {
    async names(): Promise<readonly string[]> {
      return (await read(NAME)).filter(({ text }) => text === address).map(({ name }) => name)
    },
    async add(name: string): Promise<void> {
      if (NAME.test(name)) await write(name, address)
    },
    async remove(name: string): Promise<void> {
      if (NAME.test(name)) await rm(join(folder, name), { force: true })
    },
    /** Notes that one is asked for; its name is not known yet. */
    async ask(askedMs: number): Promise<AskedSnapshot> {
      const id = `asked-${randomUUID()}`
      await write(id, JSON.stringify({ address, askedMs }))
      return { id, askedMs }
    },
    /** Those whose answer never came. */
    async asked(): Promise<readonly AskedSnapshot[]> {
      return (await read(ASKED)).flatMap(({ name, text }) => {
        const asked = askedSchema.safeParse(parseJson(text)).data
        return asked?.address === address ? [{ id: name, askedMs: asked.askedMs }] : []
      })
    },
    /** What was asked for has a name, or is known not to be there. */
    async answer({ id }: AskedSnapshot): Promise<void> {
      await rm(join(folder, id), { force: true })
    },
  }
}
