import { createHash } from 'node:crypto'
import { open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import * as z from 'zod'

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

/** Early builds of 0.1.0 wrote none. */
const checkSchema = z.object({ sha256: z.string().optional() })

/** What a reload that has begun to change the store has to end with; names of files are relative to the folder. */
export type Reload = z.infer<typeof journalSchema>

/** A reload and the file that says that it is not finished. */
export interface Journal {
  readonly folder: string
  /** The beginning of its files' names. */
  readonly base: string
  readonly reload: Reload
}

const UNFINISHED = '.unfinished.json'
const MAX_JOURNAL_BYTES = 1024 * 1024

/** From here on the reload is finished, whatever happens, and nothing but the store is needed for it. */
export async function writeJournal(journal: Journal): Promise<void> {
  const written = { ...journal.reload, sha256: hashOf(journal.reload) }
  await writeDurably(journalPath(journal), `${JSON.stringify(written, undefined, 2)}\n`)
}

/** The same for the same content: its keys are in the order of the schema. */
function hashOf(reload: Reload): string {
  return createHash('sha256')
    .update(JSON.stringify(journalSchema.parse(reload)))
    .digest('hex')
}

export function journalPath({ folder, base }: Journal): string {
  return join(folder, `${base}${UNFINISHED}`)
}

/** How it stands now. */
export function readAgain(journal: Journal): Promise<Reload> {
  return readJournal(journalPath(journal))
}

/** The series was deleted, or may have been. */
export async function noteDeletion(journal: Journal): Promise<void> {
  await writeJournal({ ...journal, reload: { ...journal.reload, state: 'deleted' } })
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
  try {
    const { size } = await stat(path)
    if (size > MAX_JOURNAL_BYTES) throw new Error(`it has ${size} bytes`)
    const content: unknown = JSON.parse(await readFile(path, 'utf8'))
    const reload = journalSchema.parse(content)
    const own = hashOf(reload)
    if ((checkSchema.parse(content).sha256 ?? own) !== own) throw new Error('it does not hold what was written')
    return reload
  } catch (cause) {
    throw new Error(
      `${path} says that a series is being reloaded, and cannot be read; its backup is the .ndjson.gz file of the same name: import it if the series is not complete, then remove ${path}`,
      { cause },
    )
  }
}

/** The series is as it should be: only the backup is kept. */
export async function endJournal(journal: Journal): Promise<void> {
  const { folder, base, reload } = journal
  await renameDurably(journalPath(journal), join(folder, `${base}.done.json`))
  await rm(join(folder, reload.content.name), { force: true })
}

/** Nothing was changed, and nothing will be. */
export async function cancelJournal(journal: Journal): Promise<void> {
  await rm(journalPath(journal))
}

/** A file that is there completely or not at all, also after the power fails. */
async function writeDurably(path: string, text: string): Promise<void> {
  const draft = `${path}.draft`
  const file = await open(draft, 'w', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await renameDurably(draft, path)
}

export async function renameDurably(from: string, to: string): Promise<void> {
  await rename(from, to)
  await syncFolder(dirname(to))
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
