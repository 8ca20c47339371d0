import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { parseJson } from '../runtime/parse-json.ts'
import type { Clock } from '../runtime/clock.ts'
import { explain } from '../runtime/errors.ts'
import type { Log } from '../runtime/log.ts'

/** Sessions that somebody has logged out of before their time. */
export interface EndedSessions {
  has(session: string): boolean
  /** Resolves when it is kept, also over a restart. */
  add(session: string, untilMs: number): Promise<void>
}

const FILE = 'ended-sessions.json'
const MAX_KEPT = 10_000
const fileSchema = z.array(z.tuple([z.string(), z.number()]))

export async function keepEndedSessions(
  folder: string,
  { clock, log }: { clock: Clock; log: Log },
): Promise<EndedSessions> {
  const path = join(folder, FILE)
  const found = fileSchema.safeParse(parseJson(await readFile(path, 'utf8').catch(() => '')))
  const ended = new Map<string, number>(found.data)
  let saving = Promise.resolve()

  async function save(): Promise<void> {
    await writeFile(`${path}.new`, JSON.stringify([...ended]), { mode: 0o600 })
    await rename(`${path}.new`, path)
  }

  return {
    has: (session) => ended.has(session),
    add(session, untilMs) {
      forgetOld(ended, clock.nowMs())
      ended.set(session, untilMs)
      saving = saving
        .then(save)
        .catch((error: unknown) =>
          log.warn(`that somebody has logged out is known until the next restart alone: ${explain(error)}`),
        )
      return saving
    },
  }
}

/** A session that is over by itself needs no mark. */
function forgetOld(ended: Map<string, number>, nowMs: number): void {
  for (const [session, untilMs] of ended) if (untilMs <= nowMs || ended.size >= MAX_KEPT) ended.delete(session)
}
