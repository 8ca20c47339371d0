import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { parseJson } from '../../runtime/parse-json.ts'
import { makeFolder } from '../../runtime/make-folder.ts'

const knownSchema = z.object({
  mac: z.string(),
  /** Its own name when it was last seen. */
  name: z.string(),
  /** What it was known by before, and since when not any more. */
  replaced: z.object({ mac: z.string(), atMs: z.number() }).optional(),
})
const fileSchema = z.record(z.string(), knownSchema)

/** What a configured device was found to be when it was last copied from. */
export type KnownDevice = z.infer<typeof knownSchema>

/** What earlier processes found, by the name of the configured device. No checkpoint: without it nothing is known. */
export interface KnownDevices {
  read(): Promise<ReadonlyMap<string, KnownDevice>>
  write(known: ReadonlyMap<string, KnownDevice>): Promise<void>
}

const FILE = 'devices.json'

/** Keeps it in the state folder. A file that is missing or damaged knows nothing. */
export function knownDevicesIn(stateDir: string, { readOnly = false } = {}): KnownDevices {
  const path = join(stateDir, FILE)
  return {
    async read() {
      const found = fileSchema.safeParse(parseJson(await readFile(path, 'utf8').catch(() => '')))
      return new Map(Object.entries(found.data ?? {}))
    },
    async write(known) {
      if (readOnly) return
      await makeFolder(stateDir)
      const draft = `${path}.${process.pid}.new`
      await writeFile(draft, `${JSON.stringify(Object.fromEntries(known), undefined, 2)}\n`, { mode: 0o600 })
      await rename(draft, path)
    },
  }
}
