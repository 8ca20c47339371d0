import { readFile, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { renameDurably, writeDurably } from './durable-file.ts'

const fileSchema = z.object({ name: z.string(), sampleCount: z.number(), sha256: z.string() })

const journalSchema = z.object({
  version: z.literal(1),
  device: z.string(),
  location: z.string(),
  labels: z.record(z.string(), z.string()),
  /** All that the store had of the series. */
  backup: fileSchema,
  /** All that it is to have. */
  content: fileSchema,
  /** The minutes that either covers. */
  fromMs: z.number(),
  untilMs: z.number(),
  /** `ready`: the files are there, and the store is as it was. `deleted`: the series was deleted from it. */
  state: z.enum(['ready', 'deleted']),
})

/** What a reload that has begun to change the store has to bring about; names of files are relative to the folder. */
export type Reload = z.infer<typeof journalSchema>

/** A reload and the file that says that it is not finished. */
export interface Journal {
  readonly folder: string
  /** The beginning of its files' names. */
  readonly base: string
  readonly reload: Reload
}

const UNFINISHED = '.unfinished.json'

/** From here on the reload is finished, whatever happens, and nothing but the store is needed for it. */
export async function writeJournal({ folder, base, reload }: Journal): Promise<void> {
  await writeDurably(join(folder, `${base}${UNFINISHED}`), `${JSON.stringify(reload, undefined, 2)}\n`)
}

/** The reloads of a device that were cut short. */
export async function findJournals(folder: string, device: string): Promise<Journal[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  })
  const journals: Journal[] = []
  for (const name of names.filter((each) => each.endsWith(UNFINISHED)).sort()) {
    const reload = await readJournal(join(folder, name))
    if (reload.device === device) journals.push({ folder, base: name.slice(0, -UNFINISHED.length), reload })
  }
  return journals
}

async function readJournal(path: string): Promise<Reload> {
  const text = await readFile(path, 'utf8')
  try {
    return journalSchema.parse(JSON.parse(text))
  } catch (cause) {
    throw new Error(
      `${path} says that a series is being reloaded, and cannot be read; its backup is the .ndjson.gz file of the same name: import it if the series is not whole, then remove ${path}`,
      { cause },
    )
  }
}

/** The series is as it should be: only the backup is kept. */
export async function endJournal({ folder, base, reload }: Journal): Promise<void> {
  await renameDurably(join(folder, `${base}${UNFINISHED}`), join(folder, `${base}.done.json`))
  await rm(join(folder, reload.content.name), { force: true })
}

/** Nothing was changed, and nothing will be. */
export async function cancelJournal({ folder, base }: Journal): Promise<void> {
  await rm(join(folder, `${base}${UNFINISHED}`))
}
