import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runInProcess } from '../cli-in-process.ts'
import type { CliResult } from '../cli-process.ts'

export interface FolderRun {
  /** Without the name of the program. */
  readonly args: readonly string[]
  /** The configuration, as `iotawatt-sync.yaml`; left out: there is none. */
  readonly config?: string
  readonly env?: Readonly<Record<string, string>>
  /** Further files of the folder, by name. */
  readonly files?: Readonly<Record<string, string>>
}

/** A command in a folder of its own, which is gone afterwards. */
export async function runInFolder({
  args,
  config,
  env,
  files = {},
}: FolderRun): Promise<CliResult & { readonly folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'documents-'))
  try {
    const all = { ...(config !== undefined && { 'iotawatt-sync.yaml': config }), ...files }
    for (const [name, text] of Object.entries(all)) await writeFile(join(folder, name), text, { mode: 0o600 })
    return { ...(await runInProcess(args, folder, env)), folder }
  } finally {
    await rm(folder, { recursive: true })
  }
}
