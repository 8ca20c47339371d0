import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { makeFolder } from './make-folder.ts'
import { parseJson } from './parse-json.ts'

/** Rises where a program of before could not use what a state folder holds, or would spoil it. */
export const STATE_VERSION = 1
const FILE = 'version.json'
/** `program`: the first that had this version. */
const fileSchema = z.object({ version: z.int().min(1), program: z.string() })

/** A state folder that this program cannot use: of a newer version, or of none that it can read. */
export class StateVersionError extends Error {
  constructor(stateDir: string, { found, next }: { readonly found: string; readonly next: string }) {
    super(
      `the state folder ${stateDir} ${found}; expected version ${STATE_VERSION} or older\n  ${next}; see docs/upgrading.md`,
    )
    this.name = 'StateVersionError'
  }
}

/**
 * Whether this program may use a state folder, before it touches anything in it. One of an older version becomes one of
 * this version, unless it may only be read; 0.1.0, which wrote no version, left nothing there that has to be changed.
 * @throws StateVersionError
 */
export async function openStateFolder(stateDir: string, program: string, { readOnly = false } = {}): Promise<void> {
  const path = join(stateDir, FILE)
  // Who may not read it may not use the folder, which is reported with whose it is.
  const text = await readFile(path, 'utf8').catch(() => undefined)
  if (text !== undefined) refuseNewer(stateDir, text)
  if (text !== undefined || readOnly) return
  await makeFolder(stateDir)
  const draft = `${path}.${process.pid}.new`
  await writeFile(draft, `${JSON.stringify({ version: STATE_VERSION, program })}\n`, { mode: 0o600, flush: true })
  await rename(draft, path)
}

function refuseNewer(stateDir: string, text: string): void {
  const { data } = fileSchema.safeParse(parseJson(text))
  if (!data)
    throw new StateVersionError(stateDir, {
      found: `has a ${FILE} that cannot be read`,
      next: `restore the folder from a backup, or remove ${FILE} if no newer iotawatt-sync has used the folder`,
    })
  if (data.version > STATE_VERSION)
    throw new StateVersionError(stateDir, {
      found: `has version ${data.version}, of iotawatt-sync ${data.program}`,
      next: `install iotawatt-sync ${data.program} or newer, restore the folder from a backup, or choose another stateDir`,
    })
}
