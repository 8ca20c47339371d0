import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { at } from '../model/at.ts'
import type { TimeWindow } from '../model/time-window.ts'
import { parseJson } from '../runtime/parse-json.ts'
import { explain } from '../runtime/errors.ts'
import type { Log } from '../runtime/log.ts'
import { makeFolder } from '../runtime/make-folder.ts'
import { saveFile } from '../runtime/save-file.ts'
import type { SyncMemory } from '../sync/session/sync-memory.ts'

export interface KeptUnmeasured {
  /** Saves what has changed; the work goes on behind. */
  note(): void
  /** Resolves when all is saved. */
  flush(): Promise<void>
}

interface Remembering {
  readonly name: string
  readonly memory: Pick<SyncMemory, 'shown'>
}

const FILE = 'unmeasured.json'
const runsSchema = z.array(z.tuple([z.int(), z.int()]))
const fileSchema = z.record(z.string(), runsSchema)

/** What devices were found not to have is known again after a restart: else it looked missing until all is counted. */
export async function keepUnmeasured(
  folder: string,
  devices: readonly Remembering[],
  log: Log,
): Promise<KeptUnmeasured> {
  const path = join(folder, FILE)
  const known = fileSchema.safeParse(parseJson(await readFile(path, 'utf8').catch(() => '')))
  for (const { name, memory } of devices)
    memory.shown.unmeasured = (known.data?.[name] ?? []).map(([fromMs, untilMs]): TimeWindow => ({ fromMs, untilMs }))
  const now = () => devices.map(({ memory }) => memory.shown.unmeasured)
  let saved = now()
  let saving = Promise.resolve()

  async function save(): Promise<void> {
    const next = now()
    if (next.every((runs, index) => runs === at(saved, index))) return
    saved = next
    const content = devices.map(({ name }, index) => [
      name,
      at(next, index).map(({ fromMs, untilMs }) => [fromMs, untilMs]),
    ])
    await makeFolder(folder)
    await saveFile(path, JSON.stringify(Object.fromEntries(content)))
  }

  return {
    note() {
      saving = saving
        .then(save)
        .catch((error: unknown) => log.warn(`what devices have not measured was not kept: ${explain(error)}`))
    },
    flush: () => saving,
  }
}
